"""How far below a note its aliases lie, over pitch and rate, without and with oversampling.

    python -m benchmarks.aliasing --csv benchmarks/results/aliasing.csv

Each note is rendered by the engine at the device's rate, once with oversampling held at 1 and once left to itself (auto), and
once at 8 times the rate, brought down by soxr at its best quality: that is what it should be. The alias level is the energy of
the difference up to 0.45 of the rate, in dB re the note's. It holds everything that oversampling can be blamed for, the ripple
of the engine's own filters and the rounding of float32 included. Other things that differ with the rate are held still: slow
time (whose control points lie 64 frames apart) and noise.

`speed` is the note's pitch over the anchor's root as a ratio. The level is that of the worst and of the median anchor.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from sirenade.files import write_text
from sirenade.paths import bundled_instruments
from synth import commands
from synth.engine.playable import Evaluator, Playable, Tensors
from synth.engine.synth import LATENCY, Synth
from synth.evaluators import make_playable
from synth.instrument import Instrument, load
from training.metrics import to_csv

RATES = (44100, 48000, 96000)
INTERVALS = (0, 12, 24, 36)
"""Semitones above the root."""
DENSITY = 8
PASSBAND = 0.45
SECONDS = 0.6
START_S = 0.05
HELD_TIME = 0.3
"""Seconds of slow time at which models with a phase are held."""
FADE_S = 0.01
"""Fade at the onset, which leaves the step of an abrupt one out of the comparison."""


@dataclass(frozen=True)
class StillTime:
    """An evaluator whose slow time stands still."""

    inner: Evaluator

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def interpolates(self) -> bool:
        return self.inner.interpolates

    def samples(self, inputs: Tensors) -> NDArray[np.float32]:
        return self.inner.samples(inputs)

    def modulations(self, conditions: Tensors) -> dict[str, NDArray[np.float32]]:
        held = {name: np.full_like(given, HELD_TIME) if name == "time" else given for name, given in conditions.items()}
        return self.inner.modulations(held)


def playable_at(instrument: Instrument, rate: int) -> Playable:
    playable = make_playable(instrument, rate, evaluator="onnx")
    if not playable.interpolated:
        return playable
    return replace(playable, evaluator=StillTime(playable.evaluator), noise=np.zeros_like(playable.noise))


def render(playable: Playable, rate: int, anchor: int, note: float, seconds: float, oversampling: int) -> np.ndarray:
    """One note at `rate` Hz, mono float64 [seconds * rate]; `oversampling` is a place among the choices."""
    synth = Synth(rate, polyphony=1)
    synth.set_instrument(playable)
    setup: list[commands.Command] = [commands.SetCorner(corner, anchor) for corner in range(4)]
    setup += [
        commands.SetParameter(name, value)
        for name, value in {"width": 0.0, "level": -24.0, "attack": 0.0, "oversampling": oversampling}.items()
    ]
    for command in setup:
        synth.schedule(command, 0.0)
    onset = round(START_S * rate)
    synth.schedule(commands.NoteOn(note, 1.0), onset)
    out = np.zeros((onset + LATENCY + round(seconds * rate), 2), np.float32)
    synth.render(out)
    assert synth.failed_blocks == 0
    return out[onset + LATENCY :, 0].astype(np.float64)


def alias_db(found: np.ndarray, reference: np.ndarray, rate: int) -> float:
    """Energy of the difference up to 0.45 of the rate in dB re the reference's; both [T].

    Both ends are faded: a cut would spread what lies above that edge over all frequencies.
    """
    window = np.ones(len(found))
    fade = len(found) // 4
    window[-fade:] *= 0.5 + 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)
    rise = min(round(FADE_S * rate), fade)
    window[:rise] *= 0.5 - 0.5 * np.cos(np.pi * (np.arange(rise) + 0.5) / rise)
    inside = np.fft.rfftfreq(len(found), 1.0 / rate) < PASSBAND * rate
    energy = [np.square(np.abs(np.fft.rfft(samples * window)[inside])).sum() for samples in (found - reference, reference)]
    return float(10.0 * np.log10(max(energy[0], 1e-30) / max(energy[1], 1e-30)))


def notes(instrument: Instrument, intervals: tuple[int, ...]) -> Iterator[tuple[int, int, float, float]]:
    """Anchor, interval, note and seconds that it sounds."""
    timed = "phase" not in instrument.card.coordinates
    latents = instrument.latents
    for interval in intervals:
        for anchor, root in enumerate(latents.pitches.tolist()):
            whole = latents.durations[anchor] / 2.0 ** (interval / 12.0) if timed else SECONDS
            yield anchor, interval, root + interval, min(SECONDS, 0.9 * float(whole))


def measure(instrument: Instrument, rate: int, intervals: tuple[int, ...]) -> dict[int, np.ndarray]:
    """Interval -> alias levels [anchors, 2] at oversampling 1 and auto."""
    here, dense = playable_at(instrument, rate), playable_at(instrument, rate * DENSITY)
    found: dict[int, list[tuple[float, float]]] = {}
    for anchor, interval, note, seconds in notes(instrument, intervals):
        above = render(dense, rate * DENSITY, anchor, note, seconds, oversampling=1)
        reference = soxr.resample(above, rate * DENSITY, rate, quality="VHQ")
        pair = []
        for choice in (1, 0):
            samples = render(here, rate, anchor, note, seconds, choice)
            length = min(len(samples), len(reference))
            pair.append(alias_db(samples[:length], reference[:length], rate))
        found.setdefault(interval, []).append((pair[0], pair[1]))
    return {interval: np.array(levels) for interval, levels in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="48 kHz and two pitches only")
    parser.add_argument("--rate", type=int, action="append", help="Hz; the default is 44100, 48000 and 96000")
    parser.add_argument("--csv", type=Path, help="write the table there as well")
    parser.add_argument("--instrument", type=Path, action="append", help="folders; the default is the bundled ones")
    chosen = parser.parse_args()
    folders = chosen.instrument or sorted(path.parent for path in bundled_instruments().glob("*/instrument.json"))
    rows: dict[str, dict[str, float]] = {}
    print("| instrument | rate | speed | worst, 1 | worst, auto | median, 1 | median, auto |\n|---|--:|--:|--:|--:|--:|--:|")
    for folder in folders:
        instrument = load(folder)
        for rate in chosen.rate or (RATES[1:2] if chosen.quick else RATES):
            for interval, levels in measure(instrument, rate, INTERVALS[::3] if chosen.quick else INTERVALS).items():
                speed = 2.0 ** (interval / 12.0)
                worst, median = levels.max(axis=0), np.median(levels, axis=0)
                cells = dict(zip(("worst_1", "worst_auto"), worst.tolist(), strict=True))
                cells |= dict(zip(("median_1", "median_auto"), median.tolist(), strict=True))
                rows[f"{instrument.card.name} {rate} {speed:g}"] = cells
                values = " | ".join(f"{value:.0f}" for value in cells.values())
                print(f"| {instrument.card.name} | {rate} | {speed:g} | {values} |", flush=True)
    if chosen.csv:
        write_text(chosen.csv, to_csv(rows, "note"))


if __name__ == "__main__":
    main()
