"""What the cursors promise, measured: no clicks, exact pitch and duration, in every mode.

    python -m benchmarks.cursors --csv benchmarks/results/cursors.csv

Struck sounds are closed forms: five decaying partials up to 1.1 kHz, harmonic or as stiff as a piano string's. `beyond_db` is
the peak of all that a mode adds above 2.5 times the highest partial, in dB re the sound's peak; `plain_db` the same of a loop
that is neither searched nor crossfaded. `cents` is how far the pitch is off the key's on an even tone, `late_ms` how much later
than its formula says a note of one second of function is half faded (to a millisecond or so where it is read in grains).

Instruments have no formula. `beyond_db` is then the peak above 1.2 times the bandwidth, and `plain_db` that of the one-shot,
which has no seam; what a mode adds shows as the distance between the two. The worst of the anchors 0, 5, 7 and 12 is shown.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from benchmarks.struck import BANDWIDTH, HZ, PARTIALS, PHASES, struck
from benchmarks.table import tabulate
from sirenade.paths import bundled_instruments
from synth import commands
from synth.engine.cursor import END_FADE
from synth.engine.playable import Playable
from synth.engine.synth import LATENCY, Synth
from synth.evaluators import make_playable
from synth.instrument import load
from synth.parameters import CURSOR_MODES
from synth.units import cents, hz_to_note

Sound = NDArray[np.float64]

RATE = 48000
ONSET = 100.3
MODES: tuple[tuple[str, float, float], ...] = (
    ("one-shot", 1.0, 0.0),
    ("one-shot", 4.0, 0.0),
    ("reverse", 1.0, 0.0),
    ("loop", 1.0, 0.0),
    ("loop", -1.0, 0.0),
    ("loop", 2.7, 0.0),
    ("ping-pong", 1.0, 0.0),
    ("ping-pong", -1.5, 0.0),
    ("freeze", 1.0, 0.3),
    ("scrub", 1.0, 0.3),
    ("stretch", 0.25, 0.0),
    ("stretch", 4.0, 0.0),
    ("stretch", -1.0, 0.3),
)
"""Mode, speed, position."""
ANCHORS = (0, 5, 7, 12)
ENDING = ("one-shot", "reverse", "stretch")


@dataclass(frozen=True)
class Row:
    sound: str
    mode: str
    speed: float
    beyond_db: float
    plain_db: float
    cents: float | None
    late_ms: float | None


def play(playable: Playable, mode: tuple[str, float, float], seconds: float, note: float, corner: int = 0) -> Sound:
    """One held note, without the engine's latency."""
    synth = Synth(RATE)
    synth.set_instrument(playable)
    settings = {"width": 0.0, "level": 0.0, "attack": 0.02, "speed": mode[1], "position": mode[2]}
    settings["cursor"] = float(CURSOR_MODES.index(mode[0]))
    for name, value in settings.items():
        synth.schedule(commands.SetParameter(name, value), 0.0)
    synth.schedule(commands.SetCorner(0, corner), 0.0)
    synth.schedule(commands.MovePad(0.0, 0.0), 0.0)
    synth.schedule(commands.NoteOn(note, 1.0), ONSET)
    out = np.zeros((round(seconds * RATE) + LATENCY, 2), np.float32)
    synth.render(out)
    return out[LATENCY:, 0].astype(np.float64)


def beyond_db(sound: Sound, cut: float) -> float:
    """Peak above `cut` Hz in dB re the sound's peak."""
    taps = signal.firwin(1025, cut, fs=RATE, pass_zero=False, window=("kaiser", 14.0))
    beyond = signal.fftconvolve(sound, taps, "same")[2048:-1024]
    return float(20.0 * np.log10(np.abs(beyond).max() / np.abs(sound).max()))


def reading_speed(mode: tuple[str, float, float]) -> float:
    """How much faster than at its root the function is read."""
    return abs(mode[1]) if mode[0] in ("one-shot", "loop", "ping-pong", "reverse") else 1.0


def off_key(mode: tuple[str, float, float]) -> float:
    """Cents between the strongest partial and the nearest multiple of the key's frequency."""
    sound = play(struck(0.0, duration=20.0, loop=(0.5, 9.0)), mode, 1.2, hz_to_note(HZ))[9600:]
    spectrum = np.abs(np.fft.rfft(sound * np.blackman(len(sound)), 1 << 20))
    peak = int(spectrum.argmax())
    a, b, c = np.log(spectrum[peak - 1 : peak + 2])
    found = (peak + 0.5 * (a - c) / (a - 2.0 * b + c)) * RATE / (1 << 20)
    expected = HZ * reading_speed(mode)
    return cents(found, round(found / expected) * expected)


def late_ms(mode: tuple[str, float, float]) -> float | None:
    """When an even sound of one second is half faded, against a tone under the fade that the formula says."""
    name, speed, position = mode
    if name not in ENDING:
        return None
    lasting = (1.0 - position) / abs(speed) if name == "stretch" else 1.0 / abs(speed)
    sound = play(struck(0.0, duration=1.0, loop=(0.3, 0.8)), mode, lasting + 0.1, hz_to_note(HZ))
    hz = HZ * reading_speed(mode)
    seconds = (np.arange(len(sound)) - ONSET) / RATE
    share = np.clip((lasting - seconds) / END_FADE, 0.0, 1.0)
    at = lasting - seconds if name == "reverse" else seconds
    tone = np.sum([np.sin(2.0 * np.pi * hz * k * at + phase) for k, phase in zip(PARTIALS, PHASES, strict=True)], 0)
    return 1000.0 / RATE * (_half_faded(sound, hz) - _half_faded(tone * share**3 * (10.0 + share * (6.0 * share - 15.0)), hz))


def _half_faded(sound: Sound, hz: float) -> int:
    """Last frame at which the level, averaged over a period, is above half of what it was."""
    period = round(RATE / hz)
    level = np.sqrt(np.convolve(sound**2, np.ones(period) / period, "same"))
    return int(np.flatnonzero(level > 0.5 * np.median(level[level > 0.1 * level.max()]))[-1])


def measure_struck(stiffness: float) -> Iterator[Row]:
    """Every mode on a struck sound."""
    loop = (0.5, 1.3021)
    searched = struck(1.0, stiffness=stiffness, loop=loop)
    hard = struck(1.0, stiffness=stiffness, loop=loop, crossfade=0.0, search=False)
    for mode in MODES:
        cut = 2.5 * BANDWIDTH * max(1.0, reading_speed(mode))
        found, plain = (beyond_db(play(each, mode, 2.0, hz_to_note(HZ)), cut) for each in (searched, hard))
        even = stiffness == 0.0
        name = "harmonic" if even else f"stiff {stiffness:g}"
        yield Row(name, mode[0], mode[1], found, plain, off_key(mode) if even else None, late_ms(mode) if even else None)


def measure_instrument(folder: Path) -> Iterator[Row]:
    """Every mode on the worst of an instrument's anchors."""
    playable = make_playable(load(folder), RATE)
    cut = 1.2 * playable.card.bandwidth
    for mode in MODES:
        if cut * reading_speed(mode) > 0.45 * RATE:
            continue
        pairs = []
        for anchor in ANCHORS:
            root = playable.latents.pitches[anchor]
            plain = ("one-shot", reading_speed(mode), 0.0)
            heard = (play(playable, each, 1.0, float(root), anchor) for each in (mode, plain))
            found, bare = (beyond_db(sound, cut * reading_speed(mode)) for sound in heard)
            pairs.append((found, bare))
        worst = max(pairs, key=lambda pair: pair[0] - pair[1])
        yield Row(playable.card.name, mode[0], mode[1], *worst, None, None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--csv", type=Path, help="write the table here, too")
    arguments = parser.parse_args()
    rows = (row for stiffness in (0.0, 3e-4) for row in measure_struck(stiffness))
    tabulate(Row, chain(rows, measure_instrument(bundled_instruments() / "small-objects")), arguments.csv)


if __name__ == "__main__":
    main()
