"""The first moments of a note: when it begins, how fast its tones rise, and what knocks.

A window of four periods smears an attack over twenty milliseconds and more, and what a model with steady tones leaves of it
looks like noise. But two things are known: before the onset there is silence, and the tones are those that are heard a moment
later. So the tones of the attack are those of the first full window, corrected only as far as the first moments demand it, they
begin with the onset.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Waves = NDArray[np.complex128]

SPAN_S = 0.1
"""How long the attack is looked at closely."""
_BEGIN_DB = -40.0
_FINE_S = (0.0027, 0.008, 0.021)
"""Windows of fine time: each band takes the shortest that is not wider in frequency than the band."""
_RIDGE = 0.3  # how much the tones of the attack resist being others than those of a moment later


def onset_s(samples: Floats, rate: float) -> float:
    """When the note in `samples` [N] begins, in s: where it first comes within 40 dB of its peak."""
    level = np.abs(samples)
    peak = float(level.max(initial=0.0))
    return float(np.argmax(level > peak * 10.0 ** (_BEGIN_DB / 20.0))) / rate if peak > 0.0 else 0.0


@dataclass(frozen=True)
class Attack:
    """The first moments of the note in `samples` [N], which begins at `begin` s, as tones of `hz` [K] and a rest.

    length   samples of the pieces that the tones were fitted to
    """

    samples: Floats
    rate: float
    begin: float
    hz: Floats
    length: int

    def anchored(self, waves: Waves, times: Floats) -> Waves:
        """Complex amplitudes [T, K] re phase 0 at time 0, given those of whole pieces at `times` [T].

        Pieces that reach before the onset are replaced: at the onset stand the tones of the first full piece, corrected by a
        fit to what follows the onset; in between lies a straight line.
        """
        full = self.begin + 0.5 * self.length / self.rate
        first = int(np.searchsorted(times, full))
        if first >= len(times):
            return waves
        early = np.arange(first)
        share = np.clip((times[early] - self.begin) / max(times[first] - self.begin, 1e-9), 0.0, 1.0)[:, None]
        out = waves.copy()
        out[early] = (1.0 - share) * self._at_onset(waves[first]) + share * waves[first]
        return out

    def rest(self, waves: Waves, times: Floats) -> Floats:
        """The first 2 SPAN_S without the tones, which begin at the onset and move on straight lines between `times`."""
        frames = min(int(2.0 * SPAN_S * self.rate), len(self.samples))
        at = np.arange(frames) / self.rate
        place = np.interp(at, times, np.arange(len(times)))
        low = np.minimum(place.astype(np.int64), len(times) - 2)
        part = (place - low)[:, None]
        made = np.zeros(frames)
        for chunk in range(0, len(self.hz), 32):
            own = slice(chunk, chunk + 32)
            amplitude = waves[low, own] * (1.0 - part) + waves[low + 1, own] * part
            made += (amplitude * np.exp(2j * np.pi * np.outer(at, self.hz[own]))).real.sum(1)
        made[at < self.begin] = 0.0
        return np.asarray(self.samples[:frames] - made)

    def _at_onset(self, later: Waves) -> Waves:
        """Complex amplitudes [K] right after the onset: `later`, and the ridge regression of what it leaves there."""
        start = int(np.ceil(self.begin * self.rate))
        window = np.hanning(self.length + 2)[1 + self.length // 2 : -1]
        piece = np.zeros(len(window))
        there = self.samples[start : start + len(window)]
        piece[: len(there)] = there
        angle = 2.0 * np.pi / self.rate * (start + np.arange(len(window)))[:, None] * self.hz
        basis = np.concatenate([np.cos(angle), -np.sin(angle)], 1)
        weighted = basis * window[:, None]
        gram = basis.T @ weighted
        gram[np.diag_indices_from(gram)] += _RIDGE * 0.5 * window.sum()
        off = np.linalg.solve(gram, weighted.T @ (piece - basis @ np.concatenate([later.real, later.imag])))
        return np.asarray(later + off[: len(self.hz)] + 1j * off[len(self.hz) :])


def fine_power(samples: Floats, rate: float, edges_hz: Floats, times: Floats) -> Floats:
    """Power of each band [T, B] of `samples` at `times` [T], in windows as short as the bands allow."""
    out = np.zeros((len(times), len(edges_hz) - 1))
    choice = np.array([_window_for(high - low) for low, high in itertools.pairwise(edges_hz)])
    for index, seconds in enumerate(_FINE_S):
        mine = np.flatnonzero(choice == index)
        if not len(mine):
            continue
        length = 2 * int(0.5 * seconds * rate) + 1
        window = np.hanning(length + 2)[1:-1]
        padded = np.pad(samples, (length // 2, length))
        starts = np.minimum(np.round(times * rate).astype(np.int64), len(samples))
        size = 1 << int(np.ceil(np.log2(4 * length)))
        spectra = np.abs(np.fft.rfft(padded[starts[:, None] + np.arange(length)] * window, size)) ** 2
        spectra *= 2.0 / (size * np.sum(window**2))
        running = np.concatenate([np.zeros((len(times), 1)), np.cumsum(spectra, 1)], 1)
        edges = edges_hz / rate * size + 0.5
        upto = np.stack([np.interp(edges, np.arange(running.shape[1]), row) for row in running])
        out[:, mine] = np.diff(upto, axis=1)[:, mine]
    return np.maximum(out, 0.0)


def _window_for(width_hz: float) -> int:
    wide = [index for index, seconds in enumerate(_FINE_S) if 1.5 / seconds <= width_hz]
    return wide[0] if wide else len(_FINE_S) - 1
