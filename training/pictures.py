"""Pictures of sounds: a recording beside its reconstructions, as waveforms and spectrograms."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib import image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sirenade.files import replacing
from training.experiments import Reconstruction
from training.metrics.spectral import magnitudes

FLOOR_DB = -90.0
WINDOW, HOP = 512, 128
WAVE_HEIGHT, SPECTRUM_HEIGHT, WIDTH = 56, 160, 480
"""Pixels of a strip: the waveform above the spectrogram, without axes, so that a player can lay its own over it."""
BACKGROUND, WAVE = (24, 24, 30), (120, 190, 255)

Samples = NDArray[np.floating]


def save_comparison(path: Path, pair: Reconstruction, scores: Mapping[str, float], step: int) -> None:
    """PNG of both spectrograms (dB below the recording's loudest bin), the scores in its title."""
    figure = Figure(figsize=(9, 3.6), dpi=90, layout="constrained")
    FigureCanvasAgg(figure)
    shown = "   ".join(f"{name} {value:.2f}" for name, value in scores.items() if name != "mse")
    figure.suptitle(f"{pair.name}   step {step}   {shown}", fontsize=9)
    loudest = _loudest(pair.reference)
    for axes, samples, title in zip(
        figure.subplots(1, 2, sharey=True), (pair.reference, pair.estimate), ("recording", "reconstruction"), strict=True
    ):
        level = _level(samples, loudest)
        extent = (0.0, len(samples) / pair.rate, 0.0, pair.rate / 2000.0)
        axes.imshow(level, origin="lower", aspect="auto", extent=extent, vmin=FLOOR_DB, vmax=0.0, cmap="magma")
        axes.set(title=title, xlabel="s")
    figure.axes[0].set_ylabel("kHz")
    with replacing(path) as beside:
        figure.savefig(beside)


def save_takes(path: Path, title: str, takes: Sequence[tuple[str, Samples]], rate: float) -> None:
    """PNG of waveforms above spectrograms, one column per (name, samples [T]); the first is the reference of all levels."""
    figure = Figure(figsize=(3.2 * len(takes) + 0.8, 4.6), dpi=90, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=9)
    loudest, peak = _loudest(takes[0][1]), max(float(np.abs(takes[0][1]).max()), 1e-3)
    axes = figure.subplots(2, len(takes), squeeze=False, sharex="all", sharey="row", height_ratios=(1, 2))
    for column, (name, samples) in enumerate(takes):
        wave, spectrum = axes[0][column], axes[1][column]
        wave.plot(np.arange(len(samples)) / rate, samples, linewidth=0.5)
        wave.set(title=name, ylim=(-1.1 * peak, 1.1 * peak))
        extent = (0.0, len(samples) / rate, 0.0, rate / 2000.0)
        level = _level(samples, loudest)
        spectrum.imshow(level, origin="lower", aspect="auto", extent=extent, vmin=FLOOR_DB, vmax=0.0, cmap="magma")
        spectrum.set_xlabel("s")
    axes[1][0].set_ylabel("kHz")
    with replacing(path) as beside:
        figure.savefig(beside)


def save_grid(path: Path, title: str, takes: Sequence[tuple[str, Samples]], rate: float, columns: int = 6) -> None:
    """PNG of spectrograms in a grid, one per (name, samples [T]); the first is the reference of all levels."""
    rows = -(-len(takes) // columns)
    figure = Figure(figsize=(2.4 * columns, 1.9 * rows + 0.4), dpi=90, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=10)
    loudest = _loudest(takes[0][1])
    places = figure.subplots(rows, columns, squeeze=False, sharex="all", sharey="all").flat
    for (name, samples), axes in zip(takes, places, strict=False):
        extent = (0.0, len(samples) / rate, 0.0, rate / 2000.0)
        level = _level(samples, loudest)
        axes.imshow(level, origin="lower", aspect="auto", extent=extent, vmin=FLOOR_DB, vmax=0.0, cmap="magma")
        axes.set_title(name, fontsize=9)
    for axes in places:  # those that are left
        axes.set_axis_off()
    figure.supxlabel("s", fontsize=9)
    figure.supylabel("kHz", fontsize=9)
    with replacing(path) as beside:
        figure.savefig(beside)


def save_strip(path: Path, samples: Samples, reference: Samples) -> None:
    """PNG of `strip`."""
    with replacing(path) as beside:
        image.imsave(beside, strip(samples, reference))


def strip(samples: Samples, reference: Samples) -> NDArray[np.uint8]:
    """Pixels [rows, WIDTH, 3]: the waveform of samples [T] above their spectrogram, levels against the reference's."""
    level = _level(samples, _loudest(reference))
    colours = matplotlib.colormaps["magma"]
    rows = np.linspace(0, level.shape[0] - 1, SPECTRUM_HEIGHT).round().astype(int)[::-1]
    columns = np.linspace(0, level.shape[1] - 1, WIDTH).round().astype(int)
    shown = colours(np.clip(1.0 - level[np.ix_(rows, columns)] / FLOOR_DB, 0.0, 1.0))[..., :3]
    wave = _wave(samples, max(float(np.abs(reference).max()), 1e-3))
    return np.concatenate([wave, (shown * 255.0).astype(np.uint8)])


def _wave(samples: Samples, peak: float) -> NDArray[np.uint8]:
    """The range of the samples under each pixel as a vertical line: [WAVE_HEIGHT, WIDTH, 3]."""
    bounds = np.linspace(0, len(samples), WIDTH + 1).astype(int)
    middle, half = (WAVE_HEIGHT - 1) / 2.0, (WAVE_HEIGHT - 3) / 2.0
    strip = np.full((WAVE_HEIGHT, WIDTH, 3), BACKGROUND, np.uint8)
    for column, (first, last) in enumerate(pairwise(bounds)):
        part = np.clip(samples[first : max(first + 1, last)] / peak, -1.0, 1.0)
        top, bottom = middle - half * part.max(), middle - half * part.min()
        strip[int(np.floor(top)) : int(np.ceil(bottom)) + 1, column] = WAVE
    return strip


def _loudest(samples: Samples) -> float:
    return max(float(magnitudes(samples.astype(np.float64), WINDOW, HOP).max()), 1e-9)


def _level(samples: Samples, loudest: float) -> NDArray[np.float64]:
    """Levels [bins, frames] in dB below `loudest`."""
    level: NDArray[np.float64] = 20.0 * np.log10(magnitudes(samples.astype(np.float64), WINDOW, HOP).T / loudest + 1e-9)
    return level
