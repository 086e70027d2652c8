"""What the card and the browser say of an instrument of analysed notes: its anchors, its keys, a few notes to hear."""

import itertools
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from synth.instrument.card import Cursor
from synth.instrument.latents import Latents
from training.export.anchors import DESCRIPTORS, describe, plane
from training.harmonic.notes import Notes
from training.harmonic.sustain import instrument_loops

BEYOND_SEMITONES = 12.0
"""Keys offered beyond the trained ones, in both directions."""
_CHORD, _PHRASE_S = (0.0, 7.0, 12.0, 16.0), 0.75
_HEARD_PITCH, _HEARD_VELOCITY, _HEARD_S = 60.0, 0.8, 1.5


class Trained(Protocol):
    """A trained experiment on analysed notes, whose latents are one an instrument."""

    notes: Notes
    rate: int
    duration: float
    bandwidth: float

    @property
    def latents(self) -> Tensor:
        """[I, D]"""
        ...

    def render(self, latent: Tensor, pitch: float, velocity: float, *, seconds: float | None = None) -> NDArray[np.float32]:
        """A note [T] at `rate`."""
        ...


def card_fields(experiment: Trained) -> dict[str, Any]:
    """The card's fields that follow from the notes: a phase, interpolated modulations, noise bands, keys, and a loop."""
    low, high = _keys(experiment)
    edges = experiment.notes.edges_hz
    return {
        "training_rate": float(experiment.rate),
        "duration": experiment.duration,
        "bandwidth": experiment.bandwidth,
        "coordinates": ("phase", "time"),
        "conditions": ("latent", "pitch", "velocity", "time"),
        "modulation": "interpolated",
        "latent_size": experiment.latents.shape[1],
        "noise_bands": tuple((float(a), float(b)) for a, b in itertools.pairwise(edges)),
        "pitch_range": (max(0.0, low - BEYOND_SEMITONES), min(127.0, high + BEYOND_SEMITONES)),
        "cursor": Cursor(mode="loop"),
    }


def instrument_anchors(experiment: Trained) -> Latents:
    """The instruments' latents, and what is known of each."""
    notes, latents = experiment.notes, experiment.latents.detach().cpu()
    low, high = _keys(experiment)
    pitch, seconds = min(max(_HEARD_PITCH, low), high), min(_HEARD_S, experiment.duration)
    heard = [experiment.render(latent, pitch, _HEARD_VELOCITY, seconds=seconds) for latent in latents]
    described = [list(describe(samples, experiment.rate).values()) for samples in heard]
    return Latents(
        latents=np.asarray(latents.numpy(), np.float32),
        names=tuple(_spoken(name) for name in notes.instruments),
        pitches=np.full(len(latents), _HEARD_PITCH, np.float32),
        tags=notes.families,
        map=plane(latents.numpy()),
        loops=instrument_loops(notes),
        durations=np.full(len(latents), experiment.duration),
        descriptors=np.array(described, np.float32),
        descriptor_names=DESCRIPTORS,
    )


def phrase(experiment: Trained) -> list[NDArray[np.float32]]:
    """Short notes of all anchors along a chord, for the preview."""
    low, high = _keys(experiment)
    steps = [min(max(_HEARD_PITCH + interval, low), high) for interval in _CHORD]
    seconds = min(_PHRASE_S, experiment.duration)
    return [
        experiment.render(latent, steps[index % len(steps)], _HEARD_VELOCITY, seconds=seconds)
        for index, latent in enumerate(experiment.latents.detach().cpu())
    ]


def _keys(experiment: Trained) -> tuple[float, float]:
    return float(experiment.notes.pitch.min()), float(experiment.notes.pitch.max())


def _spoken(name: str) -> str:
    """A data set's instrument name as people write it: `church_organ` is Church organ."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:] or name
