"""A trained harmonic field as the parts of an instrument."""

import copy
import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from synth.instrument.card import FIELD_FILE, LATENTS_FILE, MAPPING_FILE, Card
from synth.instrument.contract import MOTION
from synth.instrument.latents import Latents
from training.export.parts import Arrays, InstrumentParts
from training.harmonic.anchors import card_fields, instrument_anchors, phrase
from training.harmonic.field import field
from training.harmonic.graphs import field_graph, mapping_graph, modulations, tensors
from training.harmonic.network import DROP_DB, RELEASE_DB_S, SlowNetwork
from training.harmonic.pitch_motion import MotionNetwork, motion_graph

if TYPE_CHECKING:
    from training.harmonic.experiment import HarmonicExperiment

HELD_S = 30.0
"""Sounds that die away do so for at least so long, and then stay where they are."""
GONE_DB = 70.0
"""A released note is over where all of it has fallen so far, ..."""
LEAST_RELEASE_S, MOST_RELEASE_S = 0.05, 6.0
"""... within these limits."""


class HarmonicOracle:
    """The trained networks in float64, spoken to in the contract's names."""

    def __init__(self, network: SlowNetwork, bandwidth: float, motion: MotionNetwork | None = None) -> None:
        self.network, self.bandwidth = copy.deepcopy(network).double(), bandwidth
        self.motion_network = None if motion is None else copy.deepcopy(motion).double()

    @torch.no_grad()
    def mapping(self, feeds: Arrays) -> dict[str, NDArray[np.float64]]:
        """Modulations by name."""
        given = tensors(dict(feeds))
        conditions = given["latent"], given["pitch"], given["velocity"], given["time"]
        found = self.network.modulations(*conditions, self.bandwidth, given.get("release"))
        return {name: values.numpy() for name, values in found.items()}

    @torch.no_grad()
    def field(self, feeds: Arrays) -> NDArray[np.float64]:
        """Samples [V, N]."""
        layout = self.network.layout
        samples: NDArray[np.float64] = field(tensors(dict(feeds)), layout.partials, layout.mode_ratios).numpy()
        return samples

    @torch.no_grad()
    def motion(self, feeds: Arrays) -> dict[str, NDArray[np.float64]]:
        """Drift, vibrato and vibrato_hz by name."""
        assert self.motion_network is not None
        given = tensors(dict(feeds))
        found = self.motion_network(given["latent"], given["pitch"], given["velocity"], given["time"])
        return {name: values.numpy() for name, values in zip(MOTION, found, strict=True)}


def harmonic_parts(experiment: "HarmonicExperiment") -> InstrumentParts:
    """The parts of an instrument of a trained HarmonicExperiment."""
    network = experiment.network.cpu().eval()
    motion = None if experiment.motion is None else experiment.motion.cpu().eval()
    anchors = _held(instrument_anchors(experiment))
    card: dict[str, Any] = {
        **card_fields(experiment),
        "duration": float(anchors.durations.max()),
        "modulations": modulations(network),
    }
    if network.releases:
        card["conditions"] = (*card["conditions"], "release")
        card["release_seconds"] = release_seconds(experiment)
    shaped = Card(name="-", files=dict.fromkeys((MAPPING_FILE, FIELD_FILE, LATENTS_FILE), "0" * 64), **card)
    return InstrumentParts(
        mapping_graph(network, experiment.bandwidth),
        field_graph(shaped, network.layout.mode_ratios),
        anchors,
        card,
        HarmonicOracle(network, experiment.bandwidth, motion),
        phrase(experiment),
        experiment.rate,
        pitch_graph=None if motion is None else motion_graph(motion),
    )


@torch.no_grad()
def release_seconds(experiment: "HarmonicExperiment") -> float:
    """How long the slowest part of any note with a release takes to fall GONE_DB after it was let go, within the limits."""
    network, notes = experiment.network, experiment.notes
    assert network.release is not None
    mine = np.flatnonzero(notes.has_release)
    pitch, velocity = (torch.from_numpy(each[mine]).float() for each in (notes.pitch, notes.velocity))
    told = network.told(experiment.latents.detach().cpu()[notes.instrument[mine]], pitch, velocity)
    drop, fall = network.spread(torch.nn.functional.softplus(network.release(told)), pitch).unbind(1)
    slowest = float(((GONE_DB - drop * DROP_DB) / (fall * RELEASE_DB_S).clamp(min=1e-3)).max())
    return min(max(slowest, LEAST_RELEASE_S), MOST_RELEASE_S)


def _held(anchors: Latents) -> Latents:
    """The anchors, those that die away for HELD_S or longer."""
    dying = anchors.loops[:, 0] == anchors.loops[:, 1]
    durations = np.where(dying, np.maximum(anchors.durations, HELD_S), anchors.durations)
    loops = np.where(dying[:, None], durations[:, None], anchors.loops)
    return dataclasses.replace(anchors, loops=loops, durations=durations)
