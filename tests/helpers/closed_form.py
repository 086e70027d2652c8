"""A `time` instrument in closed form, without a graph: sines of known frequencies, in float64."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from synth.engine.playable import Playable, Tensors
from synth.instrument.card import Card, Cursor, Modulation
from synth.instrument.latents import Latents

ROOT = 60.0


class Partials:
    """Evaluates amplitude * sum of sin(2 pi hz t) / number of partials; the latent's first dimension is the amplitude."""

    name = "closed form"
    interpolates = True

    def __init__(self, hz: Sequence[float]) -> None:
        self._hz = np.array(hz)

    def modulations(self, conditions: Tensors) -> dict[str, np.ndarray]:
        return {"amplitude": conditions["latent"][:, :1].astype(np.float32)}

    def samples(self, inputs: Tensors) -> np.ndarray:
        seconds = inputs["time_start"][:, None] + inputs["time_offset"]
        if "blend" in inputs:
            start, end = inputs["amplitude_start"], inputs["amplitude_end"]
            amplitude: Any = start + inputs["blend"] * (end - start)
        else:
            amplitude = inputs["amplitude"]
        waves = np.sin(2 * np.pi * self._hz * seconds[..., None]).mean(-1)
        return (amplitude * waves).astype(np.float32)


def closed_form(
    hz: Sequence[float],
    *,
    bandwidth: float,
    rate: float = 48000.0,
    duration: float = 4.0,
    loop: tuple[float, float] = (1.0, 3.0),
    mode: str = "loop",
) -> Playable:
    """Four anchors of amplitude 0, 0.25, 0.5 and 1 on the pad's corners; root pitch 60."""
    card = Card(
        name="Closed form",
        training_rate=16000.0,
        duration=duration,
        bandwidth=bandwidth,
        coordinates=("time",),
        conditions=("latent",),
        modulation="held",
        modulations=(Modulation(name="amplitude", shape=(1,)),),
        latent_size=1,
        cursor=Cursor(mode=mode, crossfade=0.05),
        files=dict.fromkeys(("mapping.onnx", "field.onnx", "latents.npz"), "0" * 64),
    )
    latents = Latents(
        latents=np.array([[0.0], [0.25], [0.5], [1.0]], np.float32),
        names=("silent", "quiet", "middle", "loud"),
        pitches=np.full(4, ROOT, np.float32),
        tags=("test",) * 4,
        map=np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32),
        loops=np.tile(loop, (4, 1)).astype(np.float64),
        durations=np.full(4, duration),
        descriptors=np.zeros((4, 1), np.float32),
        descriptor_names=("centroid",),
    )
    return Playable(card, latents, Partials(hz), np.zeros((1, 0), np.float32))
