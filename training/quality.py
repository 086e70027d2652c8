"""Is it good yet: how far a model has come from silence to the noise floor of its recordings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.experiments import Experiment
from training.metrics import METRICS
from training.metrics.spectral import magnitudes

SOUNDS = 4
"""Sounds that a reading takes, spread evenly over the data set."""
QUANTISATION_POWER = 2.0**-30 / 12.0
"""Of 16-bit samples of full scale 1: no recording's floor is taken to be below it."""
QUIETEST = 0.1
"""Share of the cells of a spectrogram in which only the recording's own noise is looked for."""
WINDOW, HOP = 512, 256

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """A metric's mean over some sounds, what it would be at the recordings' noise floor, and the share 0..1 of that way."""

    metric: str
    unit: str
    value: float
    floor: float
    share: float


class Yardstick:
    """Reads an experiment's quality from a few of its sounds.

    The way begins at silence and ends where the error is as strong as the recordings' own noise: `floor_power`.
    """

    def __init__(self, experiment: Any) -> None:  # noqa: ANN401 (a DecoderExperiment; see `of`)
        self._experiment = experiment
        self._metric = "snr_db" if "snr_db" in experiment.metrics else "lsd_db"
        count = len(experiment.sounds)
        self._chosen = sorted({round(place) for place in np.linspace(0, count - 1, min(SOUNDS, count))})
        self._ends: list[tuple[float, float]] = []

    @classmethod
    def of(cls, experiment: Experiment) -> "Yardstick | None":
        """A yardstick, or None for models that cannot play one of their sounds alone."""
        return cls(experiment) if hasattr(experiment, "reconstruct") and hasattr(experiment, "recording") else None

    def read(self) -> Reading:
        """The quality now."""
        rate = float(self._experiment.config.data.rate)
        metric = METRICS[self._metric]
        recordings = [np.asarray(self._experiment.recording(index), np.float64) for index in self._chosen]
        if not self._ends:
            self._ends = [self._ends_of(recording, rate) for recording in recordings]
        made = [np.asarray(self._experiment.reconstruct(index), np.float64) for index in self._chosen]
        values = [metric.function(*pair, rate) for pair in zip(recordings, made, strict=True)]
        shares = [share(value, *ends) for value, ends in zip(values, self._ends, strict=True)]
        floor = float(np.mean([end for _, end in self._ends]))
        return Reading(self._metric, metric.unit, float(np.mean(values)), floor, float(np.mean(shares)))

    def _ends_of(self, recording: Floats, rate: float) -> tuple[float, float]:
        noise = np.random.default_rng(0).standard_normal(len(recording)) * np.sqrt(floor_power(recording))
        function = METRICS[self._metric].function
        return function(recording, np.zeros_like(recording), rate), function(recording, recording + noise, rate)


def floor_power(recording: Sequence[float] | Floats) -> float:
    """Mean square of a recording's [T] own noise, taken as white: what its quietest cells of time and frequency hold.

    In white noise a cell's power is distributed exponentially, so that the quantile q of cells is -ln(1 - q) times their
    mean. Never below the quantisation of 16 bits; what is digitally silent does not count.
    """
    samples = np.asarray(recording, np.float64)
    cells = magnitudes(samples, WINDOW, HOP) ** 2
    cells = cells[cells.max(axis=1) > 0.0]
    if not len(cells):
        return QUANTISATION_POWER
    of_one = np.mean(magnitudes(np.random.default_rng(0).standard_normal(WINDOW * 64), WINDOW, HOP) ** 2)
    level = float(np.quantile(cells, QUIETEST)) / -np.log(1.0 - QUIETEST) / float(of_one)
    return float(max(level, QUANTISATION_POWER))


def share(value: float, silence: float, floor: float) -> float:
    """How far `value` is on the way from `silence` to `floor`, 0..1."""
    if not np.isfinite(value) or floor == silence:
        return 0.0
    return float(np.clip((value - silence) / (floor - silence), 0.0, 1.0))
