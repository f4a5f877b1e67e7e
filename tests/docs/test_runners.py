"""The runner of code blocks finds what is wrong on a page, and keeps a page's state."""

from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of
from tests.docs.runners import RUNNERS, Namespace

PAGE = """
```python
# file: hello.py
print("hello, file")
```

```python
x = 20
```

```pycon
>>> x + 1
21
>>> y = x + 2
```

```text
not run
```

<!-- exit 3 -->
```console
$ python hello.py
hello, ...
$ exit 3
```
"""


def run_page(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Namespace:
    monkeypatch.chdir(folder)
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    namespace: Namespace = {}
    for block in blocks_of(page):
        RUNNERS[block.language](block, page, namespace)
    return namespace


def test_a_right_page_runs_in_one_namespace_and_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    namespace = run_page(PAGE, tmp_path, monkeypatch)
    assert namespace["x"] == 20
    assert namespace["y"] == 22


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("x = 20", "x = 1 / 0"),
        ("\n21\n", "\n22\n"),
        ("hello, ...", "goodbye, ..."),
        ("<!-- exit 3 -->", ""),
        ("<!-- exit 3 -->", "<!-- run by .ci/run -->"),
    ],
)
def test_a_wrong_page_fails(
    right: str, wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises((AssertionError, ZeroDivisionError)):
        run_page(PAGE.replace(right, wrong), tmp_path, monkeypatch)


def test_a_traceback_names_the_line_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        run_page("\n\n```python\n\n1 / 0\n```\n", tmp_path, monkeypatch)
    assert raised.traceback[-1].lineno == 4  # counted from 0
