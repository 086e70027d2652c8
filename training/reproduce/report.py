"""The programme's report: a table a set, the thesis's figures beside, the picture, what failed, and how it was made."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sirenade.files import write_text
from training.data.card import name_of
from training.metrics.catalogue import CATALOGUE
from training.reproduce import pictures, tables
from training.reproduce.recipe import Recipe
from training.reproduce.runner import FAILED, STOPPED, Ended


def write(recipe: Recipe, out: Path, folders: Mapping[str, Path], ended: Sequence[Ended], command: str, name: str) -> Path:
    """Write NAME.md, NAME.csv, NAME.png and a picture of each set's first sound into `out`; returns the report's path."""
    found = tables.collect(recipe, out, folders)
    write_text(out / f"{name}.csv", tables.to_csv(recipe, found))
    if recipe.trade_off and any(found.values()):
        pictures.trade_off(out / f"{name}.png", recipe, found)
    done = sum(1 for each in ended if each.state not in (FAILED, STOPPED))
    seconds = sum(second for lines in found.values() for line in lines for second in line.seconds)
    for set_name, lines in found.items():
        if lines:
            pictures.spectrograms(out / f"{name}-{set_name}.png", recipe, out, set_name)
    text = [
        f"# {recipe.title}\n",
        f"Made by `{command}`: {done} of {len(ended)} trainings, seeds {', '.join(map(str, recipe.seeds))}, "
        f"{seconds:.0f} s of training in all.",
        f"Settings of all rows: {' '.join(recipe.settings) or 'none'}; widths times {recipe.scale:g}. "
        "Means over the sounds; after ± the standard deviation over seeds; the best network of a column is bold.\n",
    ]
    for set_name, lines in found.items():
        each = recipe.sets[set_name]
        text.append(f"## {name_of(folders[set_name])}: {each.items} sounds of {each.seconds:g} s at {each.rate} Hz\n")
        text.append(tables.to_markdown(recipe, lines) if lines else "Nothing is finished yet.\n")
        text += [f"![The first sound of each row]({name}-{set_name}.png)\n"] if lines else []
    if recipe.trade_off:
        text.append(f"## Cost against quality\n\n![Multiply-adds a sample against quality]({name}.png)\n")
    failures = [each for each in ended if each.state == FAILED]
    if failures:
        text.append("## Failed\n")
        text += [f"- {each.job.set_name}, {each.job.row.name}, seed {each.job.seed}: {each.reason}" for each in failures]
    text.append("## Measures\n")
    for metric in recipe.metrics:
        entry = CATALOGUE[metric]
        few = f" (of the first {recipe.slow_sounds} sounds)" if metric in recipe.slow_metrics else ""
        text.append(f"- `{metric}` in {entry.unit}, {entry.better} is better: {entry.source}{few}")
    write_text(out / f"{name}.md", "\n".join(text) + "\n")
    return out / f"{name}.md"
