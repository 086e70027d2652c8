"""Struck and plucked notes, what they are made of, and what that says of pitches that are kept out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from training.data import Sound
from training.harmonic.baselines import trained_neighbours
from training.harmonic.notes import Notes, analyse_notes, nominal_hz

Floats = NDArray[np.float64]

PERIODS, LEAST_WINDOW_S = 4.0, 0.02
SECONDS, PARTIALS, BANDS, HOLD_OUT = 1.0, 192, 24, 4
PHASES_AT_S = 0.06
"""Where starting phases are measured: the knock is over, and little has run away."""
RESIDUAL_S = 0.08


@dataclass(frozen=True)
class Levels:
    """What a note is made of over time: dB levels at `times` [T] of partials [T, K], noise bands [T, B] and modes [T, M]."""

    times: Floats
    partials_db: Floats
    noise_db: Floats
    modes_db: Floats


@dataclass(frozen=True)
class Study:
    """Sounds and their analysis."""

    sounds: Sequence[Sound]

    @cached_property
    def notes(self) -> Notes:
        """Analysed, every HOLD_OUT-th pitch marked."""
        return analyse_notes(self.sounds, SECONDS, PARTIALS, BANDS, HOLD_OUT)

    @property
    def rate(self) -> float:
        """Hz"""
        return float(self.sounds[0].rate)

    def recording(self, index: int) -> Floats:
        """Note `index` from its onset."""
        return np.asarray(self.sounds[index].samples[int(self.notes.leads[index]) :], np.float64)

    def known(self, index: int) -> tuple[tuple[int, float], ...]:
        """Trained notes that a model knows note `index` by, and their shares: itself, or its neighbours."""
        notes = self.notes
        if not notes.held_out[index]:
            return ((index, 1.0),)
        below, above = trained_neighbours(notes, index)
        share = float((notes.pitch[index] - notes.pitch[below]) / (notes.pitch[above] - notes.pitch[below]))
        return ((below, 1.0 - share), (above, share))

    def levels(self, index: int) -> Levels:
        """Of a trained note its own, of another those between its neighbours, as loud as it."""
        gain = self.notes.gains_db[index] - self.notes.gains_db
        parts = [(self.analysed(own), gain[own], share) for own, share in self.known(index)]

        def mixed(name: str) -> Floats:
            return np.asarray(np.sum([share * (getattr(levels, name) - less) for levels, less, share in parts], 0))

        return Levels(self.notes.times, mixed("partials_db"), mixed("noise_db"), mixed("modes_db"))

    def analysed(self, index: int) -> Levels:
        """As analysed, the gain that makes notes equally loud taken back."""
        notes = self.notes
        each = (notes.partials_db[index], notes.noise_db[index], notes.modes_db[index])
        return Levels(notes.times, *(levels.astype(np.float64) - notes.gains_db[index] for levels in each))

    def tones_hz(self, index: int) -> Floats:
        """Frequencies of partials and modes [K + M] in Hz."""
        tuning = self.notes.tunings[index]
        modes = tuning.first_hz * self.notes.mode_ratios
        return np.concatenate([tuning.partials_hz(PARTIALS), np.where(np.isfinite(modes), modes, self.rate)])

    def phases(self, index: int) -> Floats:
        """Phases [K + M] at the onset in radians, as measured PHASES_AT_S later."""
        hz = self.tones_hz(index)
        length = _window(self, index)
        centre = max(round(PHASES_AT_S * self.rate), length // 2)
        weights, _ = _fit(self.recording(index), self.rate, hz, np.array([centre]), length)
        return np.asarray(np.angle(1j * weights[0] * np.exp(-2j * np.pi * hz * centre / self.rate)))

    def residual(self, index: int) -> Floats:
        """What the tones leave of the first RESIDUAL_S, fading out at its end."""
        length = _window(self, index)
        frames = round(RESIDUAL_S * self.rate)
        centres = np.arange(0, frames + length, length // 8)
        _, rest = _fit(self.recording(index), self.rate, self.tones_hz(index), centres, length)
        window = np.hanning(length + 2)[1:-1]
        out, norm = np.zeros((2, frames + 3 * length))
        for centre, piece in zip(centres, rest, strict=True):
            out[centre : centre + length] += piece * window
            norm[centre : centre + length] += window
        begin = length // 2
        return np.asarray((out / np.maximum(norm, 1e-9))[begin : begin + frames] * fade(np.arange(frames) / self.rate))


def fade(times: Floats) -> Floats:
    """1 over the first three quarters of RESIDUAL_S, then in a line to 0."""
    return np.asarray(np.clip((RESIDUAL_S - times) / (0.25 * RESIDUAL_S), 0.0, 1.0))


def smeared(levels: Levels, pitch: float) -> Levels:
    """Levels as windows of PERIODS periods (LEAST_WINDOW_S at least) at 5 ms steps see them: an analysis without fine time."""
    half = 0.5 * max(LEAST_WINDOW_S, PERIODS / nominal_hz(pitch))
    grid = np.arange(0.0, levels.times[-1], 0.0005)
    coarse = np.arange(0.0, levels.times[-1], 0.005)
    reach = np.abs(coarse[:, None] - grid) / half
    weight = np.where(reach < 1.0, 0.5 + 0.5 * np.cos(np.pi * np.minimum(reach, 1.0)), 0.0)
    weight /= weight.sum(1, keepdims=True)

    def seen(levels_db: Floats) -> Floats:
        power = 10.0 ** (np.stack([np.interp(grid, levels.times, column) for column in levels_db.T], 1) / 10.0)
        return np.asarray(10.0 * np.log10(weight @ power + 1e-14))

    changed = {name: seen(getattr(levels, name)) for name in ("partials_db", "noise_db") if getattr(levels, name).size}
    changed |= {"modes_db": seen(levels.modes_db)} if levels.modes_db.size else {"modes_db": np.zeros((len(coarse), 0))}
    return replace(levels, times=coarse, **changed)


def _window(study: Study, index: int) -> int:
    return int(max(LEAST_WINDOW_S, PERIODS / nominal_hz(float(study.notes.pitch[index]))) * study.rate) | 1


def _fit(
    samples: Floats, rate: float, hz: Floats, centres: NDArray[np.int64], length: int
) -> tuple[NDArray[np.complex128], Floats]:
    """Least squares of tones [K] in Hann windows: complex amplitudes [F, K] at `centres` [F], and what is left [F, length]."""
    inside = hz < 0.98 * rate / 2
    window = np.hanning(length + 2)[1:-1]
    angle = 2.0 * np.pi / rate * (np.arange(length) - length // 2)[:, None] * hz[inside]
    basis = np.concatenate([np.cos(angle), np.sin(angle)], 1)
    weighted = basis * window[:, None]
    gram = basis.T @ weighted
    gram[np.diag_indices_from(gram)] += 1e-4 * window.sum()
    padded = np.pad(samples, (length // 2, 2 * length))
    pieces = padded[centres[:, None] + np.arange(length)]
    found = np.linalg.solve(gram, weighted.T @ pieces.T).T
    count = int(inside.sum())
    weights = np.zeros((len(centres), len(hz)), np.complex128)
    weights[:, inside] = found[:, :count] - 1j * found[:, count:]
    return weights, np.asarray(pieces - found @ basis.T)
