"""Whether a sound has a pitch, and which, where nobody says so.

The tracker is pYIN (Mauch and Dixon 2014) as librosa has it; its choice of octave is checked by how much of the sound lies on
the partials of each candidate, and that share, less what chance puts there, is the confidence.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from training.harmonic.course import follow
from training.harmonic.tuning import Tuning, measure_tuning

Floats = NDArray[np.float64]

LEAST_SHARE = 0.75
"""A sound whose pitch nobody named is pitched if at least so much of it lies on partials."""
_RATE = 16000
_LOWEST_HZ, _HIGHEST_HZ = 30.0, 4500.0
_FRAME, _HOP = 2048, 512
_SECONDS = 1.2
_SKIP_S, _WINDOW_S = 0.04, 0.5
_SHORTEST_S = 0.08
_TOP_HZ = 8000.0
_NEAR_HZ, _NEAR_SHARE = 4.0, 0.012  # half the width of a partial's place
_FAINTER = 0.93  # an octave must explain so much more before it is believed instead of what pYIN says
_CANDIDATES = (1.0, 2.0, 0.5, 3.0, 1.0 / 3.0, 4.0)


@dataclass(frozen=True)
class Pitch:
    """A pitch as a MIDI note number with a fraction, and how much of the sound lies on its partials, 0..1."""

    note: float
    share: float

    @property
    def pitched(self) -> bool:
        """The sound may be played as partials of this pitch."""
        return self.share >= LEAST_SHARE


def find_pitch(samples: Floats, rate: float) -> Pitch:
    """Pitch of the sound in `samples` [N] at `rate` Hz; note 60 with share 0 where there is none to be found."""
    loudest = _body(samples, rate)
    if len(loudest) < _SHORTEST_S * rate or not np.any(loudest):
        return Pitch(60.0, 0.0)
    guess = _guess(loudest, rate)
    if guess is None:
        return Pitch(60.0, 0.0)
    found = [(factor, *_share(loudest, rate, guess * factor)) for factor in _CANDIDATES]
    best = max(found, key=lambda each: each[1] * (1.0 if each[0] == 1.0 else _FAINTER))
    return Pitch(_note(best[2]), best[1])


def share_of(samples: Floats, rate: float, nominal_hz: float) -> float:
    """How much of a sound [N] lies on partials of about `nominal_hz`, less what noise would put there: 0..1."""
    body = _body(samples, rate)
    return _share(body, rate, nominal_hz)[0] if len(body) >= _SHORTEST_S * rate and np.any(body) else 0.0


def _note(hz: float) -> float:
    return float(69.0 + 12.0 * np.log2(hz / 440.0))


def _body(samples: Floats, rate: float) -> Floats:
    """The sound from right after its onset, as long as is looked at."""
    level = np.abs(samples)
    onset = int(np.argmax(level > 0.05 * level.max(initial=0.0))) if len(level) else 0
    body = samples[onset + int(_SKIP_S * rate) :]
    return np.asarray((body if len(body) > _SHORTEST_S * rate else samples)[: int(_SECONDS * rate)])


def _guess(body: Floats, rate: float) -> float | None:
    """The pitch in Hz that pYIN hears most of the time, weighted by loudness and certainty."""
    import librosa

    slow = signal.resample_poly(body, _RATE, int(rate)) if rate != _RATE else body
    slow = np.pad(slow, (0, max(0, 2 * _FRAME - len(slow))))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about frames that hold fewer than two periods of the lowest pitch
        hz, _, certain = librosa.pyin(
            slow, fmin=_LOWEST_HZ, fmax=_HIGHEST_HZ, sr=_RATE, frame_length=_FRAME, hop_length=_HOP, fill_na=None
        )
    loud = librosa.feature.rms(y=slow, frame_length=_FRAME, hop_length=_HOP)[0][: len(hz)]
    weight = (certain[: len(loud)] + 0.02) * loud
    if weight.sum() <= 0.0:
        return None
    order = np.argsort(hz)
    middle = np.searchsorted(np.cumsum(weight[order]), 0.5 * weight.sum())
    return float(hz[order][min(middle, len(hz) - 1)])


def _share(body: Floats, rate: float, near_hz: float) -> tuple[float, float]:
    """Share of the power on partials of a pitch close to `near_hz` beyond chance, and that pitch in Hz."""
    if not _LOWEST_HZ * 0.8 <= near_hz <= min(1.2 * _HIGHEST_HZ, 0.4 * rate):
        return 0.0, near_hz
    held, tuning, _ = follow(body, rate, near_hz)
    if tuning == Tuning(near_hz, 0.0):
        tuning = measure_tuning(held, rate, near_hz, 0.0)
    piece = held[: int(_WINDOW_S * rate)]
    power = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 2 * len(piece))) ** 2
    hz = np.linspace(0.0, rate / 2, len(power))
    heard = (hz > 0.6 * tuning.f0_hz) & (hz < _TOP_HZ)
    partials = tuning.partials_hz(int(_TOP_HZ / tuning.f0_hz) + 1)
    width = np.minimum(np.maximum(_NEAR_HZ, 2.0 / (len(piece) / rate)) + _NEAR_SHARE * 0.2 * partials, 0.22 * tuning.f0_hz)
    nearest = np.argmin(np.abs(hz[:, None] - partials[None, : min(len(partials), 64)]), 1)
    on = np.abs(hz - partials[nearest]) < width[nearest]
    every = power[hz > 0.6 * _LOWEST_HZ].sum()
    chance = float(np.mean(on[heard])) if heard.any() else 0.0
    share = float(power[on & heard].sum() / max(every, 1e-30))
    return max(0.0, (share - chance) / max(1.0 - chance, 1e-6)), tuning.first_hz
