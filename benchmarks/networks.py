"""What is measured: the bundled instruments, and networks of the FiLM family with random weights."""

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synth.engine.playable import Tensors
from synth.evaluators.bank_formula import BankField, sounding
from synth.evaluators.native import recognise
from synth.evaluators.onnx_nodes import UnknownGraphError
from synth.instrument import Card, Instrument, Latents, library, load
from synth.instrument.card import FIELD_FILE, LATENTS_FILE, MAPPING_FILE

if TYPE_CHECKING:
    from training.export.film import FilmExport

SECONDS = 1.0
RANDOM_NETWORKS = {"4x64": "film-4x64", "4x128": "film-4x128", "8x256": "pi-gan"}
"""Sine layers x width -> its name in training's table; 8x256 is the full network of the thesis."""
WITHOUT_PYTORCH = "PyTorch is not installed, so there are no PyTorch rows and no networks with random weights."


@dataclass(frozen=True)
class SineLayers:
    """A sine network of time: `layers` times `width` sines a sample, and one output."""

    layers: int
    width: int

    @property
    def multiply_adds(self) -> int:
        """For each sample: the first layer's phases, the square layers, the output."""
        return self.width + (self.layers - 1) * self.width**2 + self.width

    @property
    def sines(self) -> int:
        """For each sample."""
        return self.layers * self.width


@dataclass(frozen=True)
class Oscillators:
    """A bank of sines and noise bands: those that sound, on average."""

    sines: float
    bands: int

    @property
    def multiply_adds(self) -> float:
        """For each sample: a sine's argument and its two amplitudes; a band's level, which moves, and its noise."""
        return 3.0 * self.sines + 2.0 * self.bands


Size = SineLayers | Oscillators


@dataclass(frozen=True)
class Network:
    """An instrument, and what its field costs where that is known."""

    name: str
    instrument: Instrument
    size: Size | None


def has_pytorch() -> bool:
    """Whether PyTorch and what the laboratory needs to export a network are installed."""
    return all(importlib.util.find_spec(module) for module in ("torch", "onnx", "pydantic"))


def bundled() -> list[Network]:
    """The instruments that are found, by name."""
    instruments = [load(listing.path) for listing in library.find_all() if listing.card]
    return [Network(one.card.name, one, sine_layers(one.card)) for one in instruments]


def sine_layers(card: Card) -> SineLayers | None:
    """Size of a `time` model with a gamma and a beta for each layer, which is in its card; None for any other."""
    shapes = {modulation.name: modulation.shape for modulation in card.modulations}
    gamma = shapes.get("gamma", ())
    if card.coordinates != ("time",) or len(gamma) != 2 or shapes.get("beta") != gamma or gamma[0] < 2:
        return None
    return SineLayers(*gamma)


def oscillators(instrument: Instrument, inputs: Tensors) -> Oscillators | None:
    """What a bank of oscillators computes for such inputs; None for fields of other families."""
    try:
        field = recognise(instrument)
    except UnknownGraphError:
        return None
    return (
        Oscillators(float(sounding(field, inputs).sum(1).mean()), field.shape.bands) if isinstance(field, BankField) else None
    )


def random_network(name: str) -> Network:
    """One of RANDOM_NETWORKS, fresh from its initialisation. Needs PyTorch."""
    import torch

    from training.export.film import FilmExport
    from training.models.film import FilmConfig, FilmSiren
    from training.models.presets import MODELS

    config = MODELS[RANDOM_NETWORKS[name]].config.network
    assert isinstance(config, FilmConfig)
    export = FilmExport(FilmSiren(config, 0, torch.Generator().manual_seed(1)), ("latent",), SECONDS)
    instrument = around(export, f"{name} (random weights)", config.latent)
    return Network(name, instrument, SineLayers(config.layers, config.width))


def around(export: "FilmExport", name: str, size: int, field: bytes | None = None) -> Instrument:
    """An instrument of four random latents of `size` around a network's graphs; `field` replaces its field graph."""
    mapping, field = export.mapping_graph(), field or export.field_graph()
    latents = Latents(
        latents=np.random.default_rng(1).normal(size=(4, size)).astype(np.float32),
        names=("a", "b", "c", "d"),
        pitches=np.full(4, 60.0, np.float32),
        tags=("",) * 4,
        map=np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32),
        loops=np.tile([0.2, 0.8], (4, 1)),
        durations=np.full(4, SECONDS),
        descriptors=np.zeros((4, 0), np.float32),
        descriptor_names=(),
    )
    files = {MAPPING_FILE: mapping, FIELD_FILE: field, LATENTS_FILE: latents.to_bytes()}
    card = Card(
        name=name,
        training_rate=16000.0,
        duration=SECONDS,
        bandwidth=8000.0,
        coordinates=("time",),
        conditions=("latent",),
        modulation="held",
        modulations=export.modulations,
        latent_size=size,
        files={file: hashlib.sha256(content).hexdigest() for file, content in files.items()},
    )
    return Instrument(Path(name), card, latents, mapping, field)
