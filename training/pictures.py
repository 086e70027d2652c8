"""Spectrogram pictures: a recording beside its reconstruction."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sirenade.files import replacing
from training.experiments import Reconstruction
from training.metrics.spectral import magnitudes

FLOOR_DB = -90.0
WINDOW, HOP = 512, 128


def save_comparison(path: Path, pair: Reconstruction, scores: Mapping[str, float], step: int) -> None:
    """PNG of both spectrograms (dB below the recording's loudest bin), the scores in its title."""
    figure = Figure(figsize=(9, 3.6), dpi=90, layout="constrained")
    FigureCanvasAgg(figure)
    shown = "   ".join(f"{name} {value:.2f}" for name, value in scores.items() if name != "mse")
    figure.suptitle(f"{pair.name}   step {step}   {shown}", fontsize=9)
    loudest = max(float(magnitudes(pair.reference.astype(np.float64), WINDOW, HOP).max()), 1e-9)
    for axes, samples, title in zip(
        figure.subplots(1, 2, sharey=True), (pair.reference, pair.estimate), ("recording", "reconstruction"), strict=True
    ):
        level = 20.0 * np.log10(magnitudes(samples.astype(np.float64), WINDOW, HOP) / loudest + 1e-9)
        extent = (0.0, len(samples) / pair.rate, 0.0, pair.rate / 2000.0)
        axes.imshow(level.T, origin="lower", aspect="auto", extent=extent, vmin=FLOOR_DB, vmax=0.0, cmap="magma")
        axes.set(title=title, xlabel="s")
    figure.axes[0].set_ylabel("kHz")
    with replacing(path) as beside:
        figure.savefig(beside)
