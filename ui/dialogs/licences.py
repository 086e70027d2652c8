"""What Sirenade is made of and under which licences, as the installed packages say it themselves."""

import re
from dataclasses import dataclass
from importlib import metadata


@dataclass(frozen=True)
class Component:
    """An installed package."""

    name: str
    version: str
    licence: str


def components(package: str = "sirenade") -> list[Component]:
    """The installed packages that `package` needs to play, by name."""
    try:
        wanted = metadata.requires(package) or []
    except metadata.PackageNotFoundError:
        return []
    names = {re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in wanted if "extra ==" not in line}
    return [found for name in sorted(names, key=str.lower) if (found := _component(name)) is not None]


def _component(name: str) -> Component | None:
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None  # meant for another system
    return Component(about["Name"], about["Version"], _licence(about))


def _licence(about: metadata.PackageMetadata) -> str:
    if stated := _stated(about, "License-Expression"):
        return stated
    classes = [line.split("::")[-1].strip() for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    return ", ".join(classes) or _stated(about, "License").partition("\n")[0] or "see its own notice"


def _stated(about: metadata.PackageMetadata, field: str) -> str:
    return str((about.get_all(field) or [""])[0]).strip()
