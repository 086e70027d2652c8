"""Parts of an instrument -> the folder, nulled, hashed, loaded once as a player would, its bandwidth measured."""

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sirenade.errors import TrainingError
from synth.instrument import load
from synth.instrument.card import CARD_FILE, FIELD_FILE, LATENTS_FILE, MAPPING_FILE, PITCH_FILE, PREVIEW_FILE, Card
from training.data.files import to_wav
from training.export.bandwidth import with_measured_bandwidth
from training.export.level import playing_gain_db
from training.export.parts import InstrumentParts
from training.export.preview import preview
from training.export.verify import null

PREVIEW_PEAK = 0.9


@dataclass(frozen=True)
class About:
    """What a person says of an instrument, and what the run says of how it was made."""

    name: str
    author: str = ""
    license: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    metrics: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    extra_files: Mapping[str, bytes] = field(default_factory=dict)
    """More files for the folder (README.md, config.toml), hashed like the others."""


def write(folder: Path, parts: InstrumentParts, about: About, *, replace: bool = False) -> Card:
    """Write the instrument `folder`: null the graphs, build it beside, load it, measure its bandwidth, rename it.

    Returns its card. Raises TrainingError where the folder exists (unless `replace`) or a graph does not null, and
    InstrumentError where the result would not load.
    """
    if folder.exists() and not replace:
        raise TrainingError(f"{folder} exists already; name another folder or remove it.")
    if replace and folder.exists() and not (folder / CARD_FILE).is_file() and any(folder.iterdir()):
        raise TrainingError(f"{folder} is not an instrument, so it is not replaced; name another folder.")
    contents = {
        MAPPING_FILE: parts.mapping_graph,
        FIELD_FILE: parts.field_graph,
        LATENTS_FILE: parts.latents.to_bytes(),
        PREVIEW_FILE: _wav(parts),
        **({} if parts.pitch_graph is None else {PITCH_FILE: parts.pitch_graph}),
        **about.extra_files,
    }
    card = _card(parts, about, contents)
    errors = null(parts, card)
    card = card.model_copy(update={"recipe": {**card.recipe, "null_errors": errors}})
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        beside.chmod(0o755)
        for name, content in {**contents, CARD_FILE: card.to_json().encode()}.items():
            (beside / name).write_bytes(content)
        card = with_measured_bandwidth(load(beside)).card
        if folder.exists():
            shutil.rmtree(folder)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return card


def _card(parts: InstrumentParts, about: About, contents: Mapping[str, bytes]) -> Card:
    return Card(
        **parts.card,
        name=about.name,
        level_db=playing_gain_db(parts.heard, parts.heard_rate, hears_velocity="velocity" in parts.card["conditions"]),
        author=about.author,
        license=about.license,
        description=about.description,
        tags=about.tags,
        metrics=dict(about.metrics),
        recipe=dict(about.recipe),
        files={name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    )


def _wav(parts: InstrumentParts) -> bytes:
    sound = preview(parts.heard, parts.heard_rate)
    return to_wav(sound * (PREVIEW_PEAK / max(float(np.abs(sound).max()), 1e-9)), parts.heard_rate)
