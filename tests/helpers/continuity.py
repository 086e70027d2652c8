"""Is a recording of steady sines whole? What a fitted model of it leaves over shows gaps and clicks at any level."""

import numpy as np


def sine_residual(signal: np.ndarray, rate: float, hz: np.ndarray | float, window: int = 512) -> np.ndarray:
    """Largest residual per window, relative to the largest amplitude, after fitting sines of `hz` to each window."""
    frequencies = np.atleast_1d(np.asarray(hz, float))
    angles = 2 * np.pi * np.outer(np.arange(window) / rate, frequencies)
    basis = np.concatenate([np.cos(angles), np.sin(angles)], 1)
    count = len(signal) // window
    windows = signal[: count * window].reshape(count, window).T.astype(float)
    weights = np.linalg.lstsq(basis, windows, rcond=None)[0]
    return np.abs(windows - basis @ weights).max(0) / np.abs(signal).max()


def breaks(signal: np.ndarray, rate: float, hz: np.ndarray | float, limit: float = 0.02) -> int:
    """How many times the sines are interrupted: runs of windows whose residual exceeds `limit`."""
    bad = sine_residual(signal, rate, hz) > limit
    return int(np.count_nonzero(bad[1:] & ~bad[:-1]) + bad[:1].sum())


def silent_frames(signal: np.ndarray, shortest: int = 32) -> int:
    """Frames in runs of at least `shortest` exact zeros: a device that got nothing."""
    zero = np.concatenate([[False], signal == 0.0, [False]])
    edges = np.flatnonzero(np.diff(zero.astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= shortest].sum())
