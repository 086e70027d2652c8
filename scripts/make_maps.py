"""Write the maps of these packages into their README.md: a line a module, which is the first sentence of its docstring.

What stands above the first table is kept.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from sirenade.files import write_text

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("synth", "training", "ui", "benchmarks")
HEADING = "| module | what it is |\n|---|---|\n"


def main() -> None:
    """Write every map."""
    for package in PACKAGES:
        path = ROOT / package / "README.md"
        above = path.read_text().split(HEADING)[0]
        write_text(path, above + HEADING + "".join(rows(ROOT / package)))
        print(f"{package}/README.md")


def rows(folder: Path) -> Iterator[str]:
    """Table rows: the package's own modules, then each subpackage as a whole and its modules."""
    for module in sorted(folder.glob("*.py")):
        if module.name != "__init__.py":
            yield row(module.relative_to(folder).as_posix(), module)
    for package in sorted(folder.glob("*/**/__init__.py")):
        yield row(f"{package.parent.relative_to(folder).as_posix()}/", package, bold=True)
        for module in sorted(package.parent.glob("*.py")):
            if module != package:
                yield row(module.relative_to(folder).as_posix(), module)


def row(name: str, module: Path, *, bold: bool = False) -> str:
    """One row of the table."""
    text = first_sentence(ast.get_docstring(ast.parse(module.read_text())) or "")
    return f"| **`{name}`** | **{text}** |\n" if bold else f"| `{name}` | {text} |\n"


def first_sentence(docstring: str) -> str:
    """The first sentence on one line, without its full stop."""
    line = " ".join(docstring.split("\n\n", maxsplit=1)[0].split())
    return re.split(r"(?<=[^.])\.(?: |$)", line)[0].replace("|", "\\|")


if __name__ == "__main__":
    main()
