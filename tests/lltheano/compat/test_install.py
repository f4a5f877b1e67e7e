import importlib
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import lltheano
from lltheano.compat import install_as_theano, uninstall_as_theano
from lltheano.compat.table.areas import TABLE, rows
from lltheano.compat.table.rows import Gone, Row, Served

pytestmark = pytest.mark.usefixtures("installed_as_theano")


def _label(row: Row) -> str:
    return f"{row.module} {getattr(row, 'ours', 'gone')}"


@pytest.mark.parametrize("row", [one for one in rows() if isinstance(one, Served)], ids=_label)
def test_each_row_that_serves_resolves(row: Served) -> None:
    module: Any = importlib.import_module(row.module)
    ours = importlib.import_module(row.ours)
    names = row.names
    if names is None:
        public = getattr(ours, "__all__", None) or [
            one for one in dir(ours) if not one.startswith("_")
        ]
        names = {one: one for one in public if not isinstance(getattr(ours, one), ModuleType)}
    assert names
    for theirs, own in names.items():
        assert hasattr(module, theirs), theirs
        assert hasattr(ours, own), own


@pytest.mark.parametrize("row", [one for one in rows() if isinstance(one, Gone)], ids=_label)
def test_each_row_that_is_gone_says_what_to_use_instead(row: Gone) -> None:
    for path in [f"{row.module}.{name}" for name in row.names] or [row.module]:
        with pytest.raises(ImportError, match="is not here: ") as caught:
            importlib.import_module(path)
        assert row.instead in str(caught.value)
    parents = [row.module] if row.names else [row.module.rpartition(".")[0]]
    for name in row.names or [row.module.rpartition(".")[2]]:
        with pytest.raises(AttributeError, match="is not here: "):
            getattr(importlib.import_module(parents[0]), name)


def test_a_name_is_served_by_one_row_only() -> None:
    seen: dict[tuple[str, str], str] = {}
    for area, table in TABLE.items():
        for row in table:
            for name in row.names or ():
                first = seen.setdefault((row.module, name), area)
                assert first == area, (row.module, name)


def test_imports_of_every_form_give_our_own_objects() -> None:
    program = """
        import theano
        import theano.tensor as T
        import theano.tensor.nnet.nnet
        from theano import function, shared, config
        from theano.compile.function import function as by_path
        from theano.gof.graph import Variable
        import lltheano
        assert theano.function is function is by_path is lltheano.function
        assert theano.compile.function is function
        assert theano.config is config is lltheano.config
        assert Variable is lltheano.Variable and T.exp is lltheano.tensor.exp
        assert T.nnet.softmax is theano.tensor.nnet.nnet.softmax
    """
    exec("\n".join(line.strip() for line in program.splitlines()), {})


def test_a_missing_name_is_an_attribute_error_with_near_ones() -> None:
    theano = importlib.import_module("theano")
    with pytest.raises(AttributeError, match=r"no theano\.tensor\.softmx.*|no theano\.functoin"):
        _ = theano.functoin
    assert not hasattr(theano.tensor, "no_such_name")


def test_an_import_of_a_missing_name_is_an_import_error_that_says_so() -> None:
    with pytest.raises(ImportError, match=r"lltheano has no theano\.tensor\.expp; did you mean"):
        exec("from theano.tensor import expp", {})


def test_installing_twice_is_installing_once() -> None:
    before = list(sys.meta_path)
    install_as_theano()
    assert sys.meta_path == before


def test_uninstalling_leaves_nothing() -> None:
    importlib.import_module("theano.tensor.nnet")
    uninstall_as_theano()
    assert not [one for one in sys.modules if one.partition(".")[0] == "theano"]
    assert not any(type(one).__module__.startswith("lltheano") for one in sys.meta_path)


def test_theano_itself_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    uninstall_as_theano()
    monkeypatch.setitem(sys.modules, "theano", ModuleType("theano"))
    with pytest.raises(ImportError, match="already imported"):
        install_as_theano()


def test_an_assignment_to_a_module_is_seen() -> None:
    theano: Any = importlib.import_module("theano")
    theano.local = 1
    assert theano.local == 1
    assert not hasattr(lltheano, "local")


def test_the_version_is_theanos() -> None:
    theano = importlib.import_module("theano")
    assert theano.__version__ == importlib.import_module("theano.version").version == "1.0.5"


def test_importing_theano_imports_no_more_than_it_must() -> None:
    program = (
        "import lltheano, sys; lltheano.install_as_theano(); import theano, theano.tensor.nnet;"
        "assert 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def _installed_with(flags: str, ours: str = "") -> tuple[str, str]:
    program = (
        "import lltheano; lltheano.install_as_theano(); import theano;"
        "print(theano.config.floatX, theano.config.device, theano.config.scan.allow_gc)"
    )
    environment = {**os.environ, "THEANO_FLAGS": flags, "LLTHEANO_FLAGS": ours}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout.strip(), run.stderr


def test_theanos_flags_are_adopted_and_what_means_nothing_here_is_a_warning() -> None:
    shown, warned = _installed_with("device=cuda,floatX=float32,scan.allow_gc=True,nothing=1")
    assert shown == "float32 cpu True"
    assert "config.device cannot be 'cuda'" in warned
    assert "there is no flag 'nothing'" in warned


def test_our_own_flags_come_before_theanos() -> None:
    assert _installed_with("floatX=float32", "floatX=float16") == ("float16 cpu False", "")
    shown, warned = _installed_with("float32")
    assert shown == "float64 cpu False"
    assert "none of its flags are set" in warned


def test_a_program_runs_as_it_would_alone(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("import theano.tensor as T\nx = T.dscalar('x')\n")
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nfrom helper import x\nimport theano\n"
        "if __name__ == '__main__':\n"
        "    print(theano.function([x], x * 2)(float(sys.argv[1])), __file__ == sys.argv[0])\n"
    )
    command = [sys.executable, "-m", "lltheano.compat", str(program), "4"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout == "8.0 True\n"
    usage = subprocess.run(command[:3], capture_output=True, text=True, check=False)
    assert (usage.returncode, usage.stderr[:6]) == (1, "usage:")
