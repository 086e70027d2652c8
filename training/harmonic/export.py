"""A trained harmonic field as the parts of an instrument."""

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from synth.instrument.card import Card, Cursor
from synth.instrument.latents import Latents
from training.export.anchors import DESCRIPTORS, describe, plane
from training.export.parts import Arrays, InstrumentParts
from training.export.preview import preview
from training.harmonic.field import field
from training.harmonic.graphs import field_graph, mapping_graph, modulations, tensors
from training.harmonic.network import SlowNetwork
from training.harmonic.sustain import instrument_loops

if TYPE_CHECKING:
    from training.harmonic.experiment import HarmonicExperiment

BEYOND_SEMITONES = 12.0
"""Keys offered beyond the trained ones, in both directions."""
_CHORD, _PHRASE_S = (0.0, 7.0, 12.0, 16.0), 0.75
_HEARD_PITCH, _HEARD_VELOCITY, _HEARD_S = 60.0, 0.8, 1.5


class HarmonicOracle:
    """The trained network in float64, spoken to in the contract's names."""

    def __init__(self, network: SlowNetwork, bandwidth: float) -> None:
        self.network, self.bandwidth = copy.deepcopy(network).double(), bandwidth

    @torch.no_grad()
    def mapping(self, feeds: Arrays) -> dict[str, NDArray[np.float64]]:
        """Modulations by name."""
        given = tensors(dict(feeds))
        found = self.network.modulations(given["latent"], given["pitch"], given["velocity"], given["time"], self.bandwidth)
        return {name: values.numpy() for name, values in found.items()}

    @torch.no_grad()
    def field(self, feeds: Arrays) -> NDArray[np.float64]:
        """Samples [V, N]."""
        samples: NDArray[np.float64] = field(tensors(dict(feeds)), self.network.config.partials).numpy()
        return samples


def harmonic_parts(experiment: "HarmonicExperiment") -> InstrumentParts:
    """The parts of an instrument of a trained HarmonicExperiment."""
    network, notes = experiment.network.cpu().eval(), experiment.notes
    latents = experiment.latents.detach().cpu()
    low, high = float(notes.pitch.min()), float(notes.pitch.max())
    card: dict[str, Any] = {
        "training_rate": float(experiment.rate),
        "duration": experiment.duration,
        "bandwidth": experiment.bandwidth,
        "coordinates": ("phase", "time"),
        "conditions": ("latent", "pitch", "velocity", "time"),
        "modulation": "interpolated",
        "modulations": modulations(network),
        "latent_size": latents.shape[1],
        "noise_bands": tuple((float(a), float(b)) for a, b in zip(notes.edges_hz, notes.edges_hz[1:], strict=False)),
        "pitch_range": (max(0.0, low - BEYOND_SEMITONES), min(127.0, high + BEYOND_SEMITONES)),
        "cursor": Cursor(mode="loop"),
    }
    heard = [
        experiment.render(
            latent, min(max(_HEARD_PITCH, low), high), _HEARD_VELOCITY, seconds=min(_HEARD_S, experiment.duration)
        )
        for latent in latents
    ]
    shaped = Card(name="-", files=dict.fromkeys(("mapping.onnx", "field.onnx", "latents.npz"), "0" * 64), **card)
    return InstrumentParts(
        mapping_graph(network, experiment.bandwidth),
        field_graph(shaped),
        _anchors(experiment, latents.numpy(), heard),
        card,
        HarmonicOracle(network, experiment.bandwidth),
        preview(_phrase(experiment, latents), experiment.rate),
        experiment.rate,
    )


def _anchors(experiment: "HarmonicExperiment", latents: NDArray[np.float32], heard: list[NDArray[np.float32]]) -> Latents:
    notes = experiment.notes
    described = [list(describe(samples, experiment.rate).values()) for samples in heard]
    return Latents(
        latents=np.asarray(latents, np.float32),
        names=tuple(_spoken(name) for name in notes.instruments),
        pitches=np.full(len(latents), _HEARD_PITCH, np.float32),
        tags=notes.families,
        map=plane(latents),
        loops=instrument_loops(notes),
        durations=np.full(len(latents), experiment.duration),
        descriptors=np.array(described, np.float32),
        descriptor_names=DESCRIPTORS,
    )


def _phrase(experiment: "HarmonicExperiment", latents: torch.Tensor) -> list[NDArray[np.float32]]:
    """Short notes of all anchors along a chord, for the preview."""
    low, high = (float(edge) for edge in (experiment.notes.pitch.min(), experiment.notes.pitch.max()))
    steps = [min(max(_HEARD_PITCH + interval, low), high) for interval in _CHORD]
    seconds = min(_PHRASE_S, experiment.duration)
    return [
        experiment.render(latent, steps[index % len(steps)], _HEARD_VELOCITY, seconds=seconds)
        for index, latent in enumerate(latents)
    ]


def _spoken(name: str) -> str:
    """A data set's instrument name as people write it: `church_organ` is Church organ."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:] or name
