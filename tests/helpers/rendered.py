"""An engine without devices: what it is told, and what is heard of it."""

from collections.abc import Iterable

import numpy as np

from synth.commands import Command
from synth.engine.playable import Playable
from synth.engine.synth import Synth


def synth_with(playable: Playable, events: Iterable[tuple[float, Command]], rate: float = 48000, polyphony: int = 16) -> Synth:
    """An engine that plays `playable`, with commands for the frames they are meant for."""
    synth = Synth(rate, polyphony)
    synth.set_instrument(playable)
    for frame, command in events:
        synth.schedule(command, frame)
    return synth


def next_frames(synth: Synth, frames: int, block: int = 512) -> np.ndarray:
    """The next `frames` of its output [T, 2], latency and all; no block of them fails."""
    out = np.zeros((frames, 2), np.float32)
    for start in range(0, frames, block):
        synth.render(out[start : start + block])
    assert synth.failed_blocks == 0
    return out
