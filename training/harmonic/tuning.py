"""The true pitch of a recorded note: its fundamental and how far its partials are stretched.

A stiff string's partials lie at f_k = k f0 sqrt(1 + B k^2) (Fletcher 1964). Both numbers are fitted to the peaks of one long
spectrum, from the lowest partial upwards, so that the stretch of the high ones is known before they are looked for.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MAX_INHARMONICITY = 5e-3
_WINDOW_S = 0.7
_SKIP_S = 0.03
_PEAK_FLOOR_DB = -60.0
_MAX_PARTIALS = 40
_TRUST_CENTS = 60.0


@dataclass(frozen=True)
class Tuning:
    """Fundamental `f0_hz` and inharmonicity B of a note. Partial k lies at k f0 sqrt(1 + B k^2)."""

    f0_hz: float
    inharmonicity: float

    def partials_hz(self, count: int) -> Floats:
        """Frequencies in Hz of the first `count` partials, float64 [count]."""
        return self.f0_hz * stretched_ratios(count, self.inharmonicity)

    @property
    def first_hz(self) -> float:
        """Frequency in Hz of the first partial, which is what a player tunes."""
        return float(self.partials_hz(1)[0])


def stretched_ratios(count: int, inharmonicity: float) -> Floats:
    """Ratios k sqrt(1 + B k^2) of partials 1..count to the fundamental, float64 [count]."""
    k = np.arange(1, count + 1, dtype=np.float64)
    return np.asarray(k * np.sqrt(1.0 + inharmonicity * k * k))


def measure_tuning(samples: Floats, rate: float, nominal_hz: float, inharmonicity: float | None = None) -> Tuning:
    """Tuning of the note in `samples` [N] at `rate` Hz that was meant to be `nominal_hz`; `inharmonicity` fixes B.

    Returns the nominal pitch with B = 0 where no partial stands out of the noise (silence, an unpitched hit).
    """
    spectrum = _Spectrum.of(samples, rate, nominal_hz)
    tuning = Tuning(nominal_hz, 0.0)
    ks: list[int] = []
    found: list[tuple[float, float]] = []
    for k in range(1, min(_MAX_PARTIALS, int(0.95 * rate / 2 / nominal_hz)) + 1):
        expected = float(tuning.partials_hz(k)[-1])
        # The first peaks may be off by the whole mistuning; later ones only by what B still has to learn.
        peak = spectrum.peak_near(expected, 0.25 * nominal_hz if k < 6 else min(0.3 * nominal_hz, 0.03 * expected))
        if peak is None:
            continue
        ks.append(k)
        found.append(peak)
        tuning = _fit(np.array(ks), np.array(found), nominal_hz, inharmonicity)
    return tuning


def _fit(ks: NDArray[np.int64], peaks: Floats, nominal_hz: float, fixed: float | None) -> Tuning:
    """Robust weighted line (f_k / k)^2 = f0^2 (1 + B k^2); peaks [M, 2] hold Hz and weight."""
    k = ks.astype(np.float64)
    ratio = (peaks[:, 0] / (k * nominal_hz)) ** 2
    weight = peaks[:, 1] * k  # a peak's frequency error shrinks with k once it is divided by k
    tuning = Tuning(nominal_hz * float(np.sqrt(ratio[np.argmax(peaks[:, 1])])), 0.0)
    for _ in range(4):
        stretch = fixed or 0.0
        if fixed is None and len(k) >= 4:
            design = np.stack([np.ones_like(k), k * k], 1) * np.sqrt(weight)[:, None]
            base, slope = np.linalg.lstsq(design, ratio * np.sqrt(weight), rcond=None)[0]
            stretch = float(np.clip(slope / base, 0.0, MAX_INHARMONICITY))
        base = float(np.average(ratio / (1.0 + stretch * k * k), weights=weight))
        tuning = Tuning(nominal_hz * float(np.sqrt(base)), stretch)
        off = 1200.0 * np.log2(peaks[:, 0] / (k * tuning.f0_hz * np.sqrt(1.0 + tuning.inharmonicity * k * k)))
        weight = peaks[:, 1] * k / (1.0 + (off / 3.0) ** 2)  # Cauchy weights: a wrong peak must not pull
    if abs(1200.0 * np.log2(tuning.first_hz / nominal_hz)) > _TRUST_CENTS:
        return Tuning(nominal_hz, 0.0)
    return tuning


@dataclass(frozen=True)
class _Spectrum:
    """Magnitudes in dB of one long windowed piece of a note."""

    level_db: Floats
    bin_hz: float
    floor_db: float

    @classmethod
    def of(cls, samples: Floats, rate: float, nominal_hz: float) -> "_Spectrum":
        length = int(max(_WINDOW_S, 24.0 / nominal_hz) * rate)
        piece = samples[int(_SKIP_S * rate) :][:length]
        piece = piece if len(piece) > 64 else samples
        size = 1 << int(np.ceil(np.log2(max(4 * len(piece), 64))))
        # A Gaussian window's peak is a parabola in dB, so that interpolating three bins has no bias.
        t = np.linspace(-1.0, 1.0, len(piece))
        magnitude = np.abs(np.fft.rfft(piece * np.exp(-0.5 * (t / 0.3) ** 2), size))
        level = 20.0 * np.log10(magnitude + 1e-12)
        return cls(level, rate / size, float(level.max() + _PEAK_FLOOR_DB))

    def peak_near(self, hz: float, reach_hz: float) -> tuple[float, float] | None:
        """Frequency in Hz of the highest peak within `reach_hz` of `hz`, and its weight; None where there is none."""
        low, high = int((hz - reach_hz) / self.bin_hz), int((hz + reach_hz) / self.bin_hz) + 1
        if low < 1 or high >= len(self.level_db) - 1:
            return None
        top = low + int(np.argmax(self.level_db[low:high]))
        before, at, after = self.level_db[top - 1 : top + 2]
        if at < self.floor_db or at < before or at < after or at < np.median(self.level_db[low:high]) + 12.0:
            return None
        curve = before - 2.0 * at + after
        shift = 0.5 * (before - after) / curve if curve < 0.0 else 0.0
        return (top + shift) * self.bin_hz, float(at - self.floor_db + 1.0)
