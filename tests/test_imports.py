"""The import contract (pyproject.toml, [tool.importlinter]) holds, and would fail if it did not."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COMMAND = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
PACKAGES = ("sirenade", "synth", "training", "ui", "benchmarks")

VIOLATIONS = [
    ("host", "synth/offline/violation.py", "import torch"),
    ("host", "synth/violation.py", "from PySide6 import QtCore"),
    ("host", "synth/instrument/violation.py", "import training.cli"),
    ("window", "ui/violation.py", "from synth.engine import violated"),
    ("window", "ui/violation.py", "import synth.a_module_nobody_thought_of"),
    ("window-heavy", "ui/violation.py", "import synth.instrument.violated"),
    ("state-maths", "ui/state/history.py", "from PySide6.QtCore import QObject"),
    ("state-maths", "ui/state/gestures.py", "import ui.text"),
    ("laboratory", "training/violation.py", "from synth import commands"),
    ("engine", "synth/engine/violation.py", "import threading"),
    ("engine", "synth/engine/violation.py", "from pathlib import Path"),
    ("engine-outside", "synth/engine/violation.py", "import synth.instrument.outside"),
    ("ground", "sirenade/files.py", "import synth.units"),
    ("benchmarks", "training/violation.py", "import benchmarks.table"),
]
"""(contract, file, line that breaks it); the files below are the modules that some of the lines need."""

NEEDED = {
    "synth/engine/violated.py": "",
    "synth/a_module_nobody_thought_of.py": "",
    "synth/instrument/violated.py": "import torch",
    "synth/instrument/outside.py": "import onnxruntime",
}


def lint(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-c", COMMAND, "--no-cache", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The packages' Python files and the contracts, in a folder of their own."""
    copy = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            target = copy / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def test_every_contract_is_kept(source):
    result = lint(source)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "9 kept, 0 broken" in result.stdout


@pytest.mark.parametrize(("contract", "file", "line"), VIOLATIONS)
def test_a_violation_breaks_its_contract(source, contract, file, line):
    files = {name: text for name, text in NEEDED.items() if name.split("/")[-1][:-3] in line}
    before = {name: (source / name).read_text() if (source / name).exists() else None for name in (*files, file)}
    for name, text in files.items():
        (source / name).write_text(f"{text}\n")
    (source / file).write_text(f"{before[file] or ''}\n{line}\n")
    try:
        result = lint(source, "--contract", contract)
    finally:
        for name, text in before.items():
            if text is None:
                (source / name).unlink()
            else:
                (source / name).write_text(text)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "0 kept, 1 broken" in result.stdout
    assert Path(file).with_suffix("").as_posix().replace("/", ".") in result.stdout


def test_the_contract_of_the_states_maths_names_every_module_that_needs_no_qt():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = next(set(contract["source_modules"]) for contract in contracts if contract["id"] == "state-maths")
    texts = {f"ui.state.{path.stem}": path.read_text() for path in (ROOT / "ui" / "state").glob("[a-z]*.py")}
    assert {name for name, text in texts.items() if "PySide6" not in text and "ui.text" not in text} <= named


@pytest.mark.parametrize("module", ["synth.server", "synth.client", "synth.offline.render", "synth.cli"])
def test_the_host_loads_neither_torch_nor_qt(module):
    unwanted = "{'torch', 'PySide6', 'scipy', 'onnx', 'matplotlib'}"
    program = f"import sys, importlib; importlib.import_module({module!r}); print(sorted({unwanted} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.stderr == ""
    assert result.stdout.strip() == "[]"
