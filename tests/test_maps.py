"""Each package's README.md maps its modules: none is missing, none is gone (`make maps` writes them)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("package", ["synth", "training", "ui", "benchmarks"])
def test_the_map_names_every_module(package):
    folder = ROOT / package
    named = set(re.findall(r"^\| \**`([\w/]+\.py)`", (folder / "README.md").read_text(), re.MULTILINE))
    modules = {path.relative_to(folder).as_posix() for path in folder.rglob("*.py") if path.name != "__init__.py"}
    assert named == modules
