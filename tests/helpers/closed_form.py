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


class Oscillator:
    """Evaluates amplitude * sum of sin(2 pi ratio phase) / number of ratios; remembers all it was asked for.

    The latent's first dimension is the amplitude; it falls by e every 1/`falling` s after the note's end. Partials above the
    band limit are left out unless `masks` is False.
    """

    name = "closed form"
    interpolates = False

    def __init__(self, ratios: Sequence[float], falling: float = 20.0, masks: bool = True) -> None:
        self._ratios, self._falling, self._masks = np.array(ratios), falling, masks
        self.asked: list[dict[str, np.ndarray]] = []
        self.told: list[dict[str, np.ndarray]] = []

    def modulations(self, conditions: Tensors) -> dict[str, np.ndarray]:
        self.told.append(dict(conditions))
        left = np.exp(-self._falling * conditions["release"]) if "release" in conditions else 1.0
        return {"amplitude": (conditions["latent"][:, 0] * left)[:, None].astype(np.float32)}

    def samples(self, inputs: Tensors) -> np.ndarray:
        self.asked.append(dict(inputs))
        cycles = inputs["phase_start"][:, None] + inputs["phase_offset"]
        start, end = inputs["amplitude_start"], inputs["amplitude_end"]
        amplitude: Any = start + inputs["blend"] * (end - start)
        audible = self._ratios < inputs["bandlimit"][:, None] if self._masks else np.ones((len(cycles), 1))
        waves = (np.sin(2 * np.pi * self._ratios * cycles[..., None]) * audible[:, None]).sum(-1) / len(self._ratios)
        return (amplitude * waves).astype(np.float32)

    def asked_of(self, name: str) -> np.ndarray:
        """All values of an input, one after the other."""
        return np.concatenate([inputs[name] for inputs in self.asked])


class Wavering:
    """A pitch graph of constant drift, vibrato (cents) and vibrato rate; `broken` counts the calls that fail."""

    def __init__(self, drift: float, vibrato: float, hz: float) -> None:
        self._motion = {"drift": drift, "vibrato": vibrato, "vibrato_hz": hz}
        self.broken = 0

    def run(self, feeds: Tensors) -> dict[str, np.ndarray]:
        if self.broken:
            self.broken -= 1
            raise RuntimeError("the graph is broken")
        assert set(feeds) == {"latent", "pitch", "velocity", "time"}
        return {name: np.full(len(feeds["pitch"]), value, np.float32) for name, value in self._motion.items()}


def closed_phase(
    ratios: Sequence[float] = (1.0,),
    *,
    pitch: Wavering | None = None,
    release_seconds: float = 0.0,
    oversampling: int = 1,
    masks: bool = True,
    duration: float = 4.0,
    loop: tuple[float, float] = (1.0, 3.0),
    mode: str = "loop",
) -> Playable:
    """Four anchors of amplitude 0, 0.25, 0.5 and 1 on the pad's corners of a model with a phase; root pitch 60."""
    plain = closed_form((1.0,), bandwidth=1000.0, duration=duration, loop=loop, mode=mode)
    card = plain.card.model_copy(
        update={
            "coordinates": ("phase", "time"),
            "conditions": ("latent", "pitch", "velocity", "time", *(("release",) if release_seconds else ())),
            "modulation": "interpolated",
            "release_seconds": release_seconds,
            "oversampling": oversampling,
        }
    )
    return Playable(card, plain.latents, Oscillator(ratios, masks=masks), plain.noise, None, pitch)
