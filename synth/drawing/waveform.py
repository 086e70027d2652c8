"""The waveform of one latent as a picture needs it: the least and the greatest value within each of its columns.

The function is asked for as many values as the picture has use for, not for as many as a device would need: a column is one row
of the field, its values spread evenly over it, with the modulations that hold at its two ends.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.evaluators.onnx import OnnxEvaluator
from synth.instrument import Instrument
from synth.units import note_to_hz

Floats = NDArray[np.float64]

RATE = 48000.0
"""Hz: values are asked for no more densely than that, and partials drawn up to half of it"""
LEAST, MOST = 4, 48
"""Values in a column"""
BATCH = 256
"""Columns that the field computes at once"""
NEARNESS = 4.0
"""Between anchors, what is known of these counts by their distance to this power"""


@dataclass(frozen=True)
class View:
    """What is to be drawn: `points` columns from `start` s on over `seconds`; no seconds: to the sound's end."""

    latent: tuple[float, ...]
    pitch: float = 60.0
    velocity: float = 1.0
    start: float = 0.0
    seconds: float = 0.0
    points: int = 400


@dataclass(frozen=True)
class Picture:
    """Least and greatest values [points][2]; the sound's duration and loop in s."""

    peaks: list[list[float]]
    start: float
    seconds: float
    duration: float
    loop: tuple[float, float]


class Waveform:
    """Draws the sounds of one instrument. One caller at a time."""

    def __init__(self, instrument: Instrument) -> None:
        """Raises InstrumentError where the instrument is broken."""
        self._card, self._latents = instrument.card, instrument.latents
        self._evaluator = OnnxEvaluator(instrument)
        self._random = np.random.default_rng(1)

    @property
    def latent_size(self) -> int:
        """D"""
        return self._card.latent_size

    def draw(self, view: View) -> Picture:
        """The picture of a view, whose latent has D numbers."""
        latent = np.array(view.latent, np.float32)
        duration, loop = self._times(latent)
        start = min(view.start, self._card.duration)
        seconds = min(view.seconds or max(duration - start, 1e-3), max(self._card.duration - start, 1e-3))
        borders = start + seconds * np.linspace(0.0, 1.0, view.points + 1)
        count = int(np.clip(np.ceil(seconds / view.points * RATE), LEAST, MOST))
        peaks: list[list[float]] = []
        for first in range(0, view.points, BATCH):
            values = self._values(view, latent, borders[first : first + BATCH + 1], count)
            peaks += np.stack([values.min(1), values.max(1)], 1).round(5).tolist()
        return Picture(peaks, start, seconds, duration, loop)

    def _values(self, view: View, latent: NDArray[np.float32], borders: Floats, count: int) -> NDArray[np.float32]:
        """Values [columns, count] between neighbouring borders [columns + 1] in s."""
        card, columns = self._card, len(borders) - 1
        held = card.modulation == "held"
        conditions = self._conditions(view, latent, borders[:1] if held else borders)
        modulations = self._evaluator.modulations(conditions)
        offsets = np.arange(count) * ((borders[1] - borders[0]) / count)
        inputs: dict[str, NDArray[Any]] = {
            "time_start": borders[:-1].copy(),
            "time_offset": np.broadcast_to(offsets.astype(np.float32), (columns, count)),
        }
        if "phase" in card.coordinates:
            hz = float(note_to_hz(view.pitch))
            inputs["phase_start"] = hz * borders[:-1]
            inputs["phase_offset"] = np.broadcast_to((hz * offsets).astype(np.float32), (columns, count))
            inputs["bandlimit"] = np.full(columns, 0.5 * RATE / hz, np.float32)
        if card.noise_bands:  # what is drawn of noise is how far it goes, so any will do
            inputs["noise"] = self._random.standard_normal((columns, count, len(card.noise_bands)), np.float32)
        if held:
            inputs |= {name: np.repeat(values, columns, axis=0) for name, values in modulations.items()}
        else:
            for name, values in modulations.items():
                inputs[f"{name}_start"], inputs[f"{name}_end"] = values[:-1], values[1:]
            inputs["blend"] = np.broadcast_to(np.linspace(0.0, 1.0, count, endpoint=False, dtype=np.float32), (columns, count))
        found = self._evaluator.samples({name: np.ascontiguousarray(each) for name, each in inputs.items()})
        return np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0)

    def _conditions(self, view: View, latent: NDArray[np.float32], times: Floats) -> dict[str, NDArray[np.float32]]:
        count = len(times)
        known = {
            "latent": np.broadcast_to(latent, (count, len(latent))),
            "pitch": np.full(count, view.pitch, np.float32),
            "velocity": np.full(count, view.velocity, np.float32),
            "time": times.astype(np.float32),
            "release": np.zeros(count, np.float32),
        }
        return {name: np.ascontiguousarray(known[name]) for name in self._card.conditions}

    def _times(self, latent: NDArray[np.float32]) -> tuple[float, tuple[float, float]]:
        """Duration and loop in s: an anchor's own on it, between them a mean by nearness."""
        distances = np.linalg.norm((self._latents.latents - latent).astype(np.float64), axis=1)
        weights = 1.0 / np.maximum(distances / max(distances.max(), 1e-12), 1e-3) ** NEARNESS
        if distances.min() <= 1e-6 * max(distances.max(), 1e-12):
            weights = (distances == distances.min()).astype(np.float64)
        weights /= weights.sum()
        start, end = weights @ self._latents.loops
        return float(weights @ self._latents.durations), (float(start), float(end))
