"""A preset without a window: which instrument it wants, and what the engine is told once that plays."""

from dataclasses import dataclass
from pathlib import Path

from synth.commands import Command
from synth.instrument.card import LATENTS_FILE
from synth.instrument.latents import Latents
from synth.instrument.loader import MAX_LATENTS_BYTES, read_part
from synth.presets import bank, changes
from synth.presets.patch import Patch


@dataclass(frozen=True)
class OwnAnchors:
    """Names of an instrument's anchors and those its pads start with."""

    own: tuple[str, ...]
    start: changes.Corners


def patch_of(name: str) -> Patch:
    """The patch of the preset called `name`, or in that file. Raises PresetError."""
    return bank.find(name).patch


def commands(patch: Patch, path: Path) -> list[Command]:
    """What an engine that plays the instrument at `path` is told. Raises InstrumentError, TuningError."""
    latents = Latents.from_bytes(read_part(path, LATENTS_FILE, MAX_LATENTS_BYTES))
    anchors = OwnAnchors(latents.names, latents.corner_anchors())
    return changes.free(None, patch) + changes.bound(None, patch, anchors)
