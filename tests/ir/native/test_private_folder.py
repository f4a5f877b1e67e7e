import os
from pathlib import Path

import pytest

from lltheano_ir.native.private_folder import UntrustedFolderError, check_parents, open_private

is_root = os.geteuid() == 0
STRANGER = 54321


def private(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True)
    return path


def test_a_folder_of_ones_own_is_opened(tmp_path: Path) -> None:
    descriptor = open_private(private(tmp_path / "mine"))
    assert os.fstat(descriptor).st_ino == (tmp_path / "mine").stat().st_ino
    os.close(descriptor)


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o1777, 0o720])
def test_a_folder_that_others_can_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    folder = private(tmp_path / "open")
    folder.chmod(mode)
    with pytest.raises(UntrustedFolderError, match=f"chmod go-w {folder}"):
        open_private(folder)


def test_a_folder_that_others_can_read_is_fine(tmp_path: Path) -> None:
    folder = private(tmp_path / "shown")
    folder.chmod(0o755)
    os.close(open_private(folder))


def test_a_folder_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = private(tmp_path / "mine")
    monkeypatch.setattr(os, "geteuid", lambda: STRANGER)
    with pytest.raises(UntrustedFolderError, match=f"not to user {STRANGER}"):
        open_private(folder)


def test_refused_folders_are_closed_again(tmp_path: Path) -> None:
    folder = private(tmp_path / "open")
    folder.chmod(0o777)
    before = len(list(Path("/dev/fd").iterdir()))
    with pytest.raises(UntrustedFolderError):
        open_private(folder)
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_system_without_owners_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "geteuid")
    with pytest.raises(UntrustedFolderError, match="this system does not tell"):
        open_private(tmp_path)


def test_parents_that_only_the_user_and_root_write_to_are_fine(tmp_path: Path) -> None:
    check_parents(private(tmp_path / "a" / "b"))


def test_a_parent_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    folder = private(tmp_path / "a" / "b")
    (tmp_path / "a").chmod(0o777)
    with pytest.raises(UntrustedFolderError, match=f"chmod go-w {tmp_path / 'a'}$"):
        check_parents(folder)


def test_a_sticky_parent_is_fine(tmp_path: Path) -> None:
    folder = private(tmp_path / "a" / "b")
    (tmp_path / "a").chmod(0o1777)
    check_parents(folder)


@pytest.mark.skipif(not is_root, reason="only root can give folders away")
def test_a_parent_of_another_user_is_refused(tmp_path: Path) -> None:
    folder = private(tmp_path / "a" / "b")
    os.chown(tmp_path / "a", STRANGER, STRANGER)
    with pytest.raises(UntrustedFolderError, match=f"belongs to user {STRANGER}"):
        check_parents(folder)


@pytest.mark.skipif(not is_root, reason="only root can give links away")
def test_a_link_of_another_user_is_refused(tmp_path: Path) -> None:
    private(tmp_path / "real" / "cache")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    os.lchown(tmp_path / "link", STRANGER, STRANGER)
    with pytest.raises(UntrustedFolderError, match=f"belongs to user {STRANGER}"):
        check_parents(tmp_path / "link" / "cache")


def test_what_a_link_leads_to_is_checked_too(tmp_path: Path) -> None:
    private(tmp_path / "shared" / "cache")
    (tmp_path / "shared").chmod(0o777)
    (tmp_path / "link").symlink_to(tmp_path / "shared" / "cache")
    with pytest.raises(UntrustedFolderError, match="shared can be written to"):
        check_parents(tmp_path / "link")
