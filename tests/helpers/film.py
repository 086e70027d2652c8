"""FiLM instruments with random weights, of any shape that the exporter can write."""

import numpy as np
import torch

from benchmarks.networks import SECONDS, around
from synth.instrument import Instrument
from training.export.film import FilmExport
from training.models.film import FilmConfig, FilmSiren

LATENT = 4


def film_export(
    layers: int = 3, width: int = 16, shared: bool = False, knots: int = 0, folded: bool = True, seed: int = 1
) -> FilmExport:
    """A network fresh from its initialisation, as graphs."""
    config = FilmConfig(layers=layers, width=width, shared=shared, folded=folded, latent=LATENT, mapping_width=8)
    generator = torch.Generator().manual_seed(seed)
    head = None
    if knots:
        head = (
            0.2 * torch.randn(LATENT, knots, generator=generator, dtype=torch.float64),
            torch.zeros(knots, dtype=torch.float64),
        )
    return FilmExport(FilmSiren(config, 0, generator), ("latent",), SECONDS, head)


def film_instrument(export: FilmExport, field: bytes | None = None) -> Instrument:
    """An instrument around it; `field` replaces its field graph."""
    return around(export, "Random", LATENT, field)


def film_rows(export: FilmExport, rows: int, frames: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Inputs of the field: rows of random latents, some of them late, at 48 kHz."""
    generator = np.random.default_rng(seed)
    latents = generator.normal(size=(rows, LATENT)).astype(np.float32)
    modulations = {name: value.astype(np.float32) for name, value in export.mapping({"latent": latents}).items()}
    return {
        "time_start": generator.random(rows) * generator.choice([0.0, 1.0, 20.0], rows),
        "time_offset": np.tile(np.arange(frames, dtype=np.float32) / np.float32(48000.0), (rows, 1)),
        **modulations,
    }


def moving(start: dict[str, np.ndarray], end: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Rows whose modulations go from those of `start` to those of `end`; those of every third row stay where they are."""
    rows, frames = start["time_offset"].shape
    begin = np.linspace(0.0, 0.5, rows, dtype=np.float32)[:, None]  # oversampled rows begin in mid-quantum
    inputs = {name: start[name] for name in ("time_start", "time_offset")}
    inputs["blend"] = begin + np.float32(0.5) * np.arange(frames, dtype=np.float32) / np.float32(frames)
    for name in ("gamma", "beta", "envelope"):
        if name in start:
            inputs[f"{name}_start"], inputs[f"{name}_end"] = start[name], end[name].copy()
            inputs[f"{name}_end"][::3] = start[name][::3]
    return inputs
