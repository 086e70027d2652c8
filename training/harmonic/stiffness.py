"""Inharmonicity as a place on a grid of partial series.

The field has no memory: partial k stands at ratio_k times the phase since the onset. So a ratio that moved while a note is held
would make the partial's phase run away. The field therefore holds a grid of series with constant inharmonicity B (series 0 has
none), and a place on that grid says which series sounds: the nearest one, but for a narrow crossfade half way between two.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Floats = NDArray[np.float64]

SERIES = 13
_FIRST = 2.5e-5
_FACTOR = 1.5
HALF_FADE = 0.03
SLOTS = 3
"""Series that one row may sound: two where it crossfades, one more where its place moves fast."""


def series_inharmonicity() -> Floats:
    """B of each series, float64 [SERIES]."""
    return np.concatenate([[0.0], _FIRST * _FACTOR ** np.arange(SERIES - 1)])


def place_of(inharmonicity: Floats) -> Floats:
    """Place on the grid, 0 (none) to SERIES - 1: logarithmic in B above the first stiff series, linear below it."""
    B = np.asarray(inharmonicity, np.float64)
    logarithmic = 1.0 + np.log(np.maximum(B, _FIRST) / _FIRST) / np.log(_FACTOR)
    return np.clip(np.where(B < _FIRST, B / _FIRST, logarithmic), 0.0, SERIES - 1.0)


def series_ratios(partials: int) -> Floats:
    """Ratios to the note's pitch, float64 [SERIES, partials]. The first partial of every series is exactly in tune."""
    k = np.arange(1, partials + 1, dtype=np.float64)
    B = series_inharmonicity()[:, None]
    return np.asarray(k * np.sqrt((1.0 + B * k * k) / (1.0 + B)))


def series_weights(place: Tensor) -> Tensor:
    """Amplitudes [R, SERIES] of the series for places [R]; their squares add up to one."""
    borders = torch.arange(SERIES - 1, dtype=place.dtype, device=place.device) + (0.5 - HALF_FADE)
    turn = ((place.unsqueeze(1) - borders) * (1.0 / (2.0 * HALF_FADE))).clamp(0.0, 1.0) * (torch.pi / 2.0)
    one = torch.ones_like(place).unsqueeze(1)
    return torch.cat([one, torch.sin(turn)], 1) * torch.cat([torch.cos(turn), one], 1)


def instrument_places(pitch: Floats, inharmonicity: Floats) -> Floats:
    """Places of one instrument's notes [n], smoothed: a robust line (Theil and Sen) of the place over pitch.

    All 0 where the notes are not stiff.
    """
    place = place_of(inharmonicity)
    stiff = place > 0.4
    if np.mean(stiff) < 0.5:
        return np.zeros_like(place)
    x, y = pitch[stiff], place[stiff]
    apart = np.subtract.outer(x, x)
    rises = np.subtract.outer(y, y)[apart > 0] / apart[apart > 0]
    slope = float(np.median(rises)) if rises.size else 0.0
    return np.asarray(np.clip(np.median(y - slope * x) + slope * pitch, 0.6, SERIES - 1.0))
