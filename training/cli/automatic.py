"""`sirenade train auto`: pitched sounds to the harmonic field, the others to a plain function of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sirenade.errors import TrainingError

if TYPE_CHECKING:
    from training.config import Config

AUTO = "auto"
MODELS = {"pitched": "harmonic-field", "unpitched": "film-3x96"}
"""Kind of sound -> model. A setting that begins with the kind and a dot is meant for that model alone."""


@dataclass(frozen=True)
class Plan:
    """The runs of an automatic training: two folders in one, or that one itself."""

    todo: "list[tuple[Path, Config]]"


def plan(data: Path | None, settings: Sequence[str], out: Path | None) -> Plan:
    """Listen to the recordings in `data` and say what goes where. Raises TrainingError and DatasetError."""
    from training import runs
    from training.data.load import load_folder
    from training.harmonic.routing import route, write_sounds

    if data is None:
        raise TrainingError("auto looks at recordings; add --data FOLDER.")
    configs = {kind: runs.configure(model, data, _meant_for(kind, settings)) for kind, model in MODELS.items()}
    wanted = configs["pitched"].data
    loaded = load_folder(data, wanted.rate, max(config.data.seconds for config in configs.values()), wanted.limit or None)
    sorted_out = route(loaded.sounds)
    typer.echo(sorted_out.told(), err=True)
    parts = {"pitched": sorted_out.pitched, "unpitched": sorted_out.unpitched}
    kinds = [kind for kind in MODELS if parts[kind]]
    whole = out or Path("runs") / f"{AUTO}-{datetime.now():%Y%m%d-%H%M%S}"
    todo = []
    for kind in kinds:
        run, config = whole / kind if len(kinds) > 1 else whole, configs[kind]
        runs.need_free(run)
        if len(kinds) > 1 or (kind == "pitched" and sorted_out.found):
            folder = whole / "sounds" / kind
            write_sounds(parts[kind], folder)
            config = config.model_copy(update={"data": config.data.model_copy(update={"folder": str(folder.absolute())})})
        todo.append((run, config))
    return Plan(todo)


def _meant_for(kind: str, settings: Sequence[str]) -> list[str]:
    """Settings for this kind of sound, and those for all."""
    others = tuple(f"{other}." for other in MODELS if other != kind)
    return [setting.removeprefix(f"{kind}.") for setting in settings if not setting.startswith(others)]
