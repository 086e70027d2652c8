"""Measuring sounds in tests."""

import numpy as np


def frequency(signal: np.ndarray, rate: float) -> float:
    """Frequency in Hz of the strongest partial, refined by the phase advance between two windows."""
    size = 1 << int(np.log2(len(signal) * 2 / 3))
    hop = size // 4
    window = np.hanning(size)
    first = np.fft.rfft(signal[:size] * window)
    second = np.fft.rfft(signal[hop : hop + size] * window)
    peak = int(np.abs(first).argmax())
    expected = 2 * np.pi * peak * hop / size
    advance = np.angle(second[peak]) - np.angle(first[peak]) - expected
    advance = (advance + np.pi) % (2 * np.pi) - np.pi
    return float((expected + advance) / (2 * np.pi * hop) * rate)


def largest_step(signal: np.ndarray) -> float:
    """Largest difference between neighbouring samples: a click is a step that the sound itself does not make."""
    return float(np.abs(np.diff(signal)).max())


def centroid(signal: np.ndarray, rate: float) -> float:
    """Spectral centroid in Hz."""
    power = np.abs(np.fft.rfft(signal * np.hanning(len(signal)))) ** 2
    return float((np.fft.rfftfreq(len(signal), 1.0 / rate) * power).sum() / max(power.sum(), 1e-20))


def onsets(signal: np.ndarray, rate: float, threshold: float = 0.02, quiet: float = 0.03) -> list[float]:
    """Times in s at which a sound begins after at least `quiet` seconds below `threshold`."""
    loud = np.flatnonzero(np.abs(signal) > threshold)
    if len(loud) == 0:
        return []
    starts = loud[np.concatenate([[True], np.diff(loud) > quiet * rate])]
    return [float(start / rate) for start in starts]
