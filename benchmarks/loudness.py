"""How loud the bundled instruments are: `python -m benchmarks.loudness`; --write gives their cards levels that make them alike.

Every anchor alone plays the same eight notes about its root at velocity 0.8 and the default level. What is loud, and how loud
an instrument should be, says training.export.level.
"""

import re
import sys

import numpy as np
from numpy.typing import NDArray

from sirenade import paths
from synth.commands import Command, NoteOff, NoteOn, SetCorner, SetParameter
from synth.engine.playable import Playable
from synth.engine.synth import Synth
from synth.evaluators import make_playable
from synth.instrument import library, load
from synth.instrument.card import CARD_FILE
from synth.parameters import PARAMETERS
from training.export.level import RATE, loudness, missing_db

INTERVALS = (0, 4, 7, 12, 7, 4, 0, -5)
STEP_S, HOLD_S = 0.4, 0.36
VELOCITY = 0.8
HEADROOM_DB = 18.0
"""By which is measured below the default level, so that the limiter is at rest"""


def anchors(playable: Playable, numbers: list[int] | None = None) -> NDArray[np.float64]:
    """Loudness in LUFS and peak in dB of each anchor [K, 2], or of some, at the default level."""
    found = []
    for anchor in range(len(playable.latents.names)) if numbers is None else numbers:
        sound = _phrase(playable, anchor)
        peak = 20.0 * np.log10(np.abs(sound).max() + 1e-9)
        found.append((loudness(sound) + HEADROOM_DB, peak + HEADROOM_DB))
    return np.array(found)


def _phrase(playable: Playable, anchor: int) -> NDArray[np.float32]:
    synth = Synth(RATE, polyphony=16)
    synth.set_instrument(playable)
    setup: list[Command] = [SetCorner(corner, anchor) for corner in range(4)]
    for command in [*setup, SetParameter("level", PARAMETERS["level"].default - HEADROOM_DB)]:
        synth.schedule(command, 0)
    for number, interval in enumerate(INTERVALS):
        note, begin = float(playable.latents.pitches[anchor]) + interval, number * STEP_S * RATE
        synth.schedule(NoteOn(note, VELOCITY), begin)
        synth.schedule(NoteOff(note), begin + HOLD_S * RATE)
    out = np.zeros((round(len(INTERVALS) * STEP_S * RATE), 2), np.float32)
    for begin in range(0, len(out), 1024):
        synth.render(out[begin : begin + 1024])
    return out


def main() -> None:
    """Print the table, and write the cards where it is asked for."""
    write = "--write" in sys.argv[1:]
    print("| instrument | median LUFS | quietest | loudest | highest peak dB | card dB | wanted dB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for listing in library.find_all():
        if listing.path.parent != paths.bundled_instruments() or listing.card is None:
            continue
        playable = make_playable(load(listing.path), RATE)
        found = anchors(playable)
        heard, level = found[:, 0], playable.card.level_db
        wanted = round(level + missing_db(*found.T), 1)
        row = (np.median(heard), heard.min(), heard.max(), found[:, 1].max(), level, wanted)
        print(f"| {playable.card.name} | " + " | ".join(f"{value:.1f}" for value in row) + " |", flush=True)
        if write:
            card = listing.path / CARD_FILE
            card.write_text(re.sub(r'"level_db": [-.\d]+', f'"level_db": {wanted}', card.read_text(encoding="utf-8"), count=1))


if __name__ == "__main__":
    main()
