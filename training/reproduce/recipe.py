"""Recipes: which networks are trained on which sets with which seeds, and which measures make the tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import product
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sirenade.errors import TrainingError
from training import registry
from training.config import Config, Count, Positive, Section, apply_settings, parse_toml, validated
from training.models.decoder import DecoderConfig

SUFFIX = ".toml"
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
"""Of a row or set: it becomes the name of a folder."""


class SetRecipe(Section):
    """[sets.NAME]: a data set, made here or found in a folder."""

    kind: Literal["keyboard", "diverse", "digits", "folder"]
    """The rendered stand-ins of `sirenade dataset`, or a folder named by --data NAME=FOLDER."""
    items: Count = 16
    seconds: Positive = 1.0
    rate: Count = 16000


class RowRecipe(Section):
    """[[rows]]: one line of the tables."""

    name: Name
    model: str
    scale: Positive = 1.0
    """Factor on the network's widths, beside the recipe's own."""
    settings: tuple[str, ...] = ()
    by_set: Annotated[dict[Name, tuple[str, ...]], Field(default_factory=dict)]
    """Further settings on single sets, as searches found them."""
    group: str = ""
    """Rows of a group are drawn as one line in the trade-off picture."""
    sets: tuple[Name, ...] = ()
    """Only on these sets; empty: on all."""
    seeds: tuple[int, ...] = ()
    """Only with these seeds; empty: with all of the recipe's."""


class Recipe(Section):
    """A whole programme."""

    title: str
    scale: Positive = 1.0
    seeds: Annotated[tuple[int, ...], Field(min_length=1)] = (0, 1, 2)
    settings: tuple[str, ...] = ()
    metrics: Annotated[tuple[str, ...], Field(min_length=1)]
    """Columns of the tables; the first is what the rows are ranked by."""
    slow_metrics: tuple[str, ...] = ()
    """Of these measures, taken of a few sounds only."""
    slow_sounds: Count = 2
    """The first so many of a set."""
    trade_off: tuple[str, ...] = ()
    """Measures drawn against multiply-adds per sample."""
    sets: dict[Name, SetRecipe]
    rows: Annotated[tuple[RowRecipe, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_agree(self) -> "Recipe":
        names = [row.name for row in self.rows]
        if doubled := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"two rows are called {min(doubled)}")
        if unknown := {name for row in self.rows for name in (*row.sets, *row.by_set)} - set(self.sets):
            raise ValueError(f"a row names the set {min(unknown)}, which the recipe lacks")
        return self

    def jobs(self) -> Iterator["Job"]:
        """Every training of the programme: first seeds first, so that all rows soon stand in the tables.

        Rows that have seeds of their own, since they are slow, come after all others.
        """
        for slow, seed, name, row in product((False, True), self.seeds, self.sets, self.rows):
            if bool(row.seeds) is slow and (not row.sets or name in row.sets) and (not row.seeds or seed in row.seeds):
                yield Job(self, name, row, seed)


@dataclass(frozen=True)
class Job:
    """One training of a programme."""

    recipe: Recipe
    set_name: str
    row: RowRecipe
    seed: int

    @property
    def place(self) -> Path:
        """Its run folder within the programme's."""
        return Path(self.set_name, self.row.name, f"seed-{self.seed}")

    def config(self, data: Path) -> Config:
        """Its configuration on the recordings of the folder `data`. Raises TrainingError for settings that do not fit."""
        chosen = self.recipe.sets[self.set_name]
        where = f"row {self.row.name}"
        base = registry.entry(self.row.model).config
        scale = self.recipe.scale * self.row.scale
        if scale != 1.0:
            if not isinstance(base.network, DecoderConfig):
                raise TrainingError(f"{where}: {self.row.model} has no widths to scale.")
            base = base.model_copy(update={"network": base.network.scaled(scale)})
        tree = base.model_dump(mode="json", exclude_none=True)
        tree |= {"seed": self.seed}
        tree["data"] |= {"folder": str(data), "seconds": chosen.seconds, "rate": chosen.rate}
        settings = [*self.recipe.settings, *self.row.settings, *self.row.by_set.get(self.set_name, ())]
        return registry.to_config(apply_settings(tree, settings), where)


def bundled() -> list[str]:
    """Names of the recipes that come with the program."""
    folder = resources.files("training.reproduce") / "recipes"
    return sorted(entry.name.removesuffix(SUFFIX) for entry in folder.iterdir() if entry.name.endswith(SUFFIX))


def read(name: str) -> Recipe:
    """A bundled recipe by its name, or a TOML file. Raises TrainingError."""
    if name in bundled():
        text = (resources.files("training.reproduce") / "recipes" / f"{name}{SUFFIX}").read_text(encoding="utf-8")
    else:
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise TrainingError(f"there is no recipe {name}; name a TOML file or one of {', '.join(bundled())}.") from None
    recipe: Recipe = validated(Recipe, parse_toml(text, name), name)
    for row in recipe.rows:
        registry.entry(row.model)
    return recipe
