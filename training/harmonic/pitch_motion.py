"""How an instrument moves its pitch by itself: a small network for drift, vibrato's depth and vibrato's rate, and its graph.

A single note's drift is partly chance; what notes of one pitch have in common (scoops, a settling string) is their mean, which
a squared error finds.
"""

import math

import numpy as np
import torch
from torch import Tensor, nn

from synth.instrument.contract import MOTION, TensorSpec
from training.export.graphs import GraphBuilder
from training.harmonic.network import HIDDEN_SLOPE, PITCH_CENTRE, PITCH_SPAN, normalised_pitch, uniform_linear
from training.harmonic.nodes import Nodes
from training.harmonic.notes import Notes

WIDTH = 48
CENTS = 10.0
RATE_HZ, LEAST_HZ, MOST_HZ = 5.5, 1.0, 12.0
LEAST_CENTS = 1.0
"""Instruments whose notes never move further than this stay where they are."""
ATTACK_S = 0.02
_QUIET = -3.0


class MotionNetwork(nn.Module):
    """(latent [R, D], pitch [R], velocity [R], time [R]) -> drift and vibrato depth in cents, vibrato rate in Hz, all [R]."""

    def __init__(self, latent: int, duration: float, pitches: tuple[float, float], generator: torch.Generator) -> None:
        """`duration` in s and the range of `pitches` are what was trained; beyond them the nearest moment and note hold."""
        super().__init__()
        self.latent, self.duration, self.pitches = latent, duration, pitches
        self.hidden = nn.ModuleList([uniform_linear(latent + 4, WIDTH, generator), uniform_linear(WIDTH, WIDTH, generator)])
        self.output = uniform_linear(WIDTH, 3, generator)
        with torch.no_grad():
            self.output.weight.mul_(0.1)
            self.output.bias[1] = _QUIET

    def forward(self, latent: Tensor, pitch: Tensor, velocity: Tensor, time: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """See the class."""
        held = time.clamp(0.0, self.duration)
        early = torch.log(held * (1.0 / ATTACK_S) + 1.0) * (2.0 / math.log(self.duration / ATTACK_S + 1.0)) - 1.0
        late = held * (2.0 / self.duration) - 1.0
        values = torch.stack([normalised_pitch(pitch.clamp(*self.pitches)), velocity, early, late], 1)
        values = torch.cat([latent, values], 1)
        for layer in self.hidden:
            values = nn.functional.leaky_relu(layer(values), HIDDEN_SLOPE)
        drift, depth, rate = self.output(values).unbind(1)
        return drift * CENTS, nn.functional.softplus(depth) * CENTS, (rate + RATE_HZ).clamp(LEAST_HZ, MOST_HZ)


def moves(notes: Notes) -> bool:
    """Whether any trained note's pitch moves by itself."""
    trained = ~notes.held_out
    drift, vibrato = np.abs(notes.drift_cents[trained]), notes.vibrato_cents[trained]
    return bool(max(drift.max(initial=0.0), vibrato.max(initial=0.0)) > LEAST_CENTS)


def motion_distance(found: tuple[Tensor, Tensor, Tensor], wanted: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """A scalar: squared error of the drift, absolute error of the depth, and of the rate as far as there is any vibrato."""
    drift, depth, rate = (have - want for have, want in zip(found, wanted, strict=True))
    heard = (wanted[1] * (1.0 / CENTS)).clamp(max=1.0) * (wanted[2] > 0.0)
    squared = nn.functional.huber_loss(drift * (1.0 / CENTS), torch.zeros_like(drift), delta=2.0)
    return squared + (depth.abs() * (1.0 / CENTS)).mean() + (rate.abs() * heard).mean()


def motion_graph(network: MotionNetwork) -> bytes:
    """pitch.onnx: MotionNetwork."""
    graph = GraphBuilder("pitch")
    nodes = Nodes(graph)
    held = nodes.clip("time", 0.0, network.duration)
    logarithm = graph.node("Log", nodes.affine(held, 1.0 / ATTACK_S, 1.0))
    early = nodes.affine(logarithm, 2.0 / math.log(network.duration / ATTACK_S + 1.0), -1.0)
    late = nodes.affine(held, 2.0 / network.duration, -1.0)
    note = nodes.affine(nodes.clip("pitch", *network.pitches), 1.0 / PITCH_SPAN, -PITCH_CENTRE / PITCH_SPAN)
    values = graph.node("Concat", "latent", *(graph.unsqueeze(each, 1) for each in (note, "velocity", early, late)), axis=1)
    for layer in network.hidden:
        values = graph.node("LeakyRelu", nodes.linear(values, layer), alpha=HIDDEN_SLOPE)
    found = nodes.linear(values, network.output)
    drift, depth, rate = (graph.node("Squeeze", graph.slice(found, 1, i, i + 1), graph.integers(1)) for i in range(3))
    graph.node("Mul", drift, nodes.constant(CENTS), output="drift")
    graph.node("Mul", graph.node("Softplus", depth), nodes.constant(CENTS), output="vibrato")
    limits = nodes.constant(LEAST_HZ), nodes.constant(MOST_HZ)
    graph.node("Clip", nodes.affine(rate, 1.0, RATE_HZ), *limits, output="vibrato_hz")
    inputs = [TensorSpec("latent", ("V", network.latent)), *(TensorSpec(n, ("V",)) for n in ("pitch", "velocity", "time"))]
    return graph.to_bytes(inputs, [TensorSpec(name, ("V",)) for name in MOTION])
