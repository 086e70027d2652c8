"""A struck `time` instrument in closed form: decaying partials, in float64, whose root pitch is that of its fundamental."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from synth.engine import seam_search
from synth.engine.playable import Playable, Tensors
from synth.instrument.card import Card, Cursor, Modulation
from synth.instrument.latents import Latents
from synth.units import hz_to_note

HZ = 220.0
PARTIALS = np.arange(1, 6)
PHASES = np.array([0.3, 1.1, 2.0, 4.0, 5.5])
BANDWIDTH = 1200.0
"""Hz: nothing of the function lies above."""


class Struck:
    """amplitude * exp(-decay t) * sum of sin(2 pi k hz t + phase) / 5; latent: amplitude, share of the upper partials."""

    def __init__(self, decay: float, stiffness: float = 0.0) -> None:
        self._decay = decay
        self._hz = HZ * PARTIALS * np.sqrt((1.0 + stiffness * PARTIALS**2) / (1.0 + stiffness))

    @property
    def name(self) -> str:
        """`closed form`."""
        return "closed form"

    @property
    def interpolates(self) -> bool:
        """Its modulations may move within a row."""
        return True

    def modulations(self, conditions: Tensors) -> dict[str, NDArray[np.float32]]:
        """The latent itself."""
        return {"loudness": conditions["latent"].astype(np.float32)}

    def samples(self, inputs: Tensors) -> NDArray[np.float32]:
        """The formula, in float64."""
        seconds = inputs["time_start"][:, None] + inputs["time_offset"].astype(np.float64)
        if "blend" in inputs:
            start, end = inputs["loudness_start"][:, None], inputs["loudness_end"][:, None]
            loudness: Any = start + inputs["blend"][..., None] * (end - start)
        else:
            loudness = inputs["loudness"][:, None]
        total = np.zeros(seconds.shape)
        for number, (hz, phase) in enumerate(zip(self._hz, PHASES, strict=True)):
            share = 1.0 if number == 0 else loudness[..., 1]
            total += share * np.sin(2 * np.pi * hz * seconds + phase)
        sound: NDArray[np.float32] = (loudness[..., 0] * np.exp(-self._decay * seconds) * total / 5).astype(np.float32)
        return sound


def struck(
    decay: float,
    *,
    stiffness: float = 0.0,
    duration: float = 3.0,
    loop: tuple[float, float] = (0.5, 1.3),
    mode: Literal["one-shot", "loop"] = "loop",
    latents: Sequence[tuple[float, float]] = ((1.0, 1.0),) * 4,
    crossfade: float = 0.03,
    search: bool = True,
) -> Playable:
    """One anchor for each of `latents`, the first four on the pad's corners."""
    card = Card(
        name="Struck",
        training_rate=16000.0,
        duration=duration,
        bandwidth=BANDWIDTH,
        coordinates=("time",),
        conditions=("latent",),
        modulation="held",
        modulations=(Modulation(name="loudness", shape=(2,)),),
        latent_size=2,
        cursor=Cursor(mode=mode, crossfade=crossfade),
        files=dict.fromkeys(("mapping.onnx", "field.onnx", "latents.npz"), "0" * 64),
    )
    anchors = Latents(
        latents=np.array(latents, np.float32),
        names=tuple(f"anchor {number}" for number in range(len(latents))),
        pitches=np.full(len(latents), hz_to_note(HZ), np.float32),
        tags=("test",) * len(latents),
        map=np.resize(np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32), (len(latents), 2)),
        loops=np.tile(loop, (len(latents), 1)).astype(np.float64),
        durations=np.full(len(latents), duration),
        descriptors=np.zeros((len(latents), 1), np.float32),
        descriptor_names=("centroid",),
    )
    evaluator = Struck(decay, stiffness)
    found = seam_search.find(card, anchors, evaluator) if search else None
    return Playable(card, anchors, evaluator, np.zeros((1, 0), np.float32), found)
