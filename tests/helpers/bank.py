"""Banks of oscillators as the laboratory writes them, and rows for them."""

import itertools

import numpy as np
import onnxruntime

from synth.instrument import Card
from training.harmonic.graphs import field_graph
from training.harmonic.stiffness import SERIES

RATE = 48000.0


def bank_graph(partials: int = 40, modes: int = 0, bands: int = 8) -> bytes:
    """field.onnx of so many partials, modes and noise bands."""
    shapes = {"partials": (partials,), "series": (SERIES,), "modes": (modes,), "hiss": (bands,)}
    edges = np.geomspace(50.0, 20000.0, bands + 1)
    card = Card(
        name="Bank",
        training_rate=RATE,
        duration=1.0,
        bandwidth=20000.0,
        coordinates=("phase", "time"),
        conditions=("latent", "pitch", "velocity", "time"),
        modulation="interpolated",
        modulations=[{"name": name, "shape": shape} for name, shape in shapes.items() if shape != (0,)],
        latent_size=4,
        noise_bands=[(float(low), float(high)) for low, high in itertools.pairwise(edges)],
        pitch_range=(24.0, 96.0),
        files=dict.fromkeys(("mapping.onnx", "field.onnx", "latents.npz"), "0" * 64),
    )
    return field_graph(card, mode_ratios(modes))


def mode_ratios(modes: int) -> list[float]:
    """Bars and bells."""
    return [1.37 * (m + 1) ** 1.7 for m in range(modes)]


def bank_rows(
    rows: int, frames: int = 64, partials: int = 40, modes: int = 0, bands: int = 8, seed: int = 0, seconds: float = 600.0
) -> dict[str, np.ndarray]:
    """Rows of notes within `seconds` of their start: gliding, some partials silent, some beyond the band limit."""
    random = np.random.default_rng(seed)
    hz = random.uniform(40.0, 2000.0, rows)
    place = np.arange(frames, dtype=np.float32)
    speeds = (hz[:, None] / RATE * (1.0 + random.uniform(-1e-3, 1e-3, (rows, 1)) * place / 2.0)).astype(np.float32)
    inputs = {
        "phase_start": hz * random.uniform(0.0, seconds, rows),
        "phase_offset": speeds * place,
        "bandlimit": (RATE / 2.0 / hz).astype(np.float32),
        "time_start": np.zeros(rows),
        "time_offset": np.zeros((rows, frames), np.float32),
        "noise": random.standard_normal((rows, frames, bands), np.float32),
        "blend": np.broadcast_to(place / np.float32(max(frames, 64)), (rows, frames)),
    }
    for end in ("start", "end"):
        for name, size in (("partials", partials), ("modes", modes), ("hiss", bands)):
            levels = random.uniform(0.0, 1.0, (rows, size)).astype(np.float32) ** 3
            if size:
                inputs[f"{name}_{end}"] = np.where(levels < 0.1, np.float32(0.0), levels / np.float32(size))
        series = np.zeros((rows, SERIES), np.float32)
        angle = random.uniform(0.0, np.pi / 2, rows)
        number = random.integers(0, SERIES - 1, rows)
        series[np.arange(rows), number], series[np.arange(rows), number + 1] = np.cos(angle), np.sin(angle)
        inputs[f"series_{end}"] = series if end == "start" else np.where(angle[:, None] < 1.0, series, inputs["series_start"])
    return inputs


def onnx_samples(content: bytes, inputs: dict[str, np.ndarray]) -> np.ndarray:
    """What ONNX Runtime makes of a field graph."""
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]
