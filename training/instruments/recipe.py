"""Recipes of instruments: which notes are rendered, how a model is trained on them, what is said of the result."""

from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from sirenade.errors import TrainingError
from training import registry
from training.config import Config, Count, Positive, Section, apply_settings, parse_toml, validated
from training.data.soundfont import Request

SUFFIX = ".toml"


class Keys(Section):
    """MIDI notes from `low` to `high`, every `step`-th."""

    low: int
    high: int
    step: Count = 1


class Group(Section):
    """[[sounds]]: notes of a SoundFont, as `sirenade dataset soundfont` renders them (training/data/soundfont.py)."""

    programs: Annotated[tuple[int, ...], Field(min_length=1)]
    """General MIDI programs counted from 0; 128: percussion."""
    notes: Keys | tuple[int, ...]
    velocities: tuple[int, ...] = (100,)
    seconds: Positive
    hold: Positive | None = None
    in_range: bool = False

    def request(self, out: Path, rate: int) -> Request:
        """What is rendered into the folder `out`. Raises DatasetError for what lies out of range."""
        keys = self.notes
        notes = tuple(range(keys.low, keys.high + 1, keys.step)) if isinstance(keys, Keys) else keys
        return Request(
            out, self.programs, notes, self.velocities, rate=rate, seconds=self.seconds, hold=self.hold, in_range=self.in_range
        )


class Page(Section):
    """[page]: the listening page."""

    sounds: Count = 12
    """On the page, spread evenly over those that the run reconstructs."""


class Recipe(Section):
    """A whole instrument."""

    name: str
    description: str
    license: str
    author: str = ""
    tags: tuple[str, ...] = ()
    sounds: Annotated[tuple[Group, ...], Field(min_length=1)]
    training: dict[str, Any]
    """A configuration as `sirenade train` takes it, without the folder of recordings; defaults may be left out."""
    page: Page = Page()

    def config(self, data: Path, settings: tuple[str, ...] = ()) -> Config:
        """The training on the recordings in `data`. Raises TrainingError for keys and values that do not fit."""
        tree = {**self.training, "data": {**self.training.get("data", {}), "folder": str(data.absolute())}}
        return registry.to_config(apply_settings(tree, settings), f"the recipe of {self.name}")


def bundled() -> list[str]:
    """Names of the recipes that come with the program."""
    return sorted(entry.name.removesuffix(SUFFIX) for entry in _folder().iterdir() if entry.name.endswith(SUFFIX))


def text_of(name: str) -> str:
    """The text of a bundled recipe by its name, or of a TOML file. Raises TrainingError."""
    if name in bundled():
        return (_folder() / f"{name}{SUFFIX}").read_text(encoding="utf-8")
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise TrainingError(f"there is no recipe {name}; name a TOML file or one of {', '.join(bundled())}.") from None


def parse(text: str, where: str) -> Recipe:
    """The recipe that a TOML text holds; `where` is named in errors. Raises TrainingError."""
    recipe: Recipe = validated(Recipe, parse_toml(text, where), where)
    recipe.config(Path())
    return recipe


def _folder() -> resources.abc.Traversable:
    return resources.files("training.instruments") / "recipes"
