"""Noise bands, spaced as the ear's own filters are."""

import numpy as np
from numpy.typing import NDArray


def erb_edges(low_hz: float, high_hz: float, bands: int) -> NDArray[np.float64]:
    """Edges in Hz, float64 [bands + 1], evenly spaced on the ERB-rate scale of Glasberg and Moore (1990).

    Raises ValueError unless 0 <= low_hz < high_hz and bands >= 1.
    """
    if not 0.0 <= low_hz < high_hz or bands < 1:
        raise ValueError("noise bands need 0 <= low < high and at least one band")
    rates = np.linspace(_erb_rate(low_hz), _erb_rate(high_hz), bands + 1)
    edges = (10.0 ** (rates / 21.4) - 1.0) / 0.00437
    edges[[0, -1]] = low_hz, high_hz
    return np.asarray(edges)


def _erb_rate(hz: float) -> float:
    return float(21.4 * np.log10(1.0 + 0.00437 * hz))
