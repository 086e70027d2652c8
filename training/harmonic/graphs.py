"""The harmonic field as mapping and field graphs.

What the field graph computes, row by row, of K partials, M modes and B bands (float32 but for phase_start, ratios and thetas):

    slots      the SLOTS strongest of max(series_start, series_end), the strongest first
    ratios     [SLOTS K + M]: series_ratios[slots], slot by slot, then the modes' constants
    thetas     [SLOTS K + M]: starting_phases(K + M)[:K] once a slot, then [K:]
    audible    clip((1 - ratios / bandlimit) / (1 - FADE_FROM), 0, 1)
    A_end      audible * [series_end[slot] * partials_end, slot by slot; modes_end], for end = start, end
    active     tones whose larger A exceeds SILENT in some row of the call (the first tone always is)
    tone_end   sum over active tones of A_end sin(2 pi (frac(phase_start ratio) + phase_offset ratio) + theta)
    both_end   tone_end + sum over bands of noise hiss_end
    samples    both_start + blend (both_end - both_start)

Where M is 0, neither `modes` nor its Concat are there. Precision: a tone's phase at the row's start is its ratio times the
unwrapped phase, in float64, less its whole turns; only the way travelled within the row is float32. Speed: the amplitudes are
interpolated by a matrix product (the waves times the amplitudes at both ends), and tones that no row sounds are left out before
any sine is taken.

The mapping graph has two branches: what follows from latent, pitch and velocity alone, which may be computed once a note, and
what time and release add at every control point.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from synth.instrument.card import Card, Modulation
from synth.instrument.contract import SAMPLES, Dimension, TensorSpec, field_inputs
from training.export.graphs import GraphBuilder
from training.harmonic.field import FADE_FROM, SILENT, starting_phases
from training.harmonic.network import (
    DROP_DB,
    DROP_S,
    GATE_DB,
    HIDDEN_SLOPE,
    NODE_OCTAVES,
    NODES,
    PITCH_CENTRE,
    PITCH_SPAN,
    PLACE_SCALE,
    RELEASE_DB_S,
    SCALE_DB,
    TAIL_DB_S,
    SlowNetwork,
)
from training.harmonic.network import FADE_FROM as TRAINED_FADE_FROM
from training.harmonic.nodes import Nodes
from training.harmonic.stiffness import HALF_FADE, SERIES, SLOTS, series_ratios

ROW: tuple[Dimension, ...] = ("V",)
Array = NDArray[Any]


def modulations(network: SlowNetwork) -> tuple[Modulation, ...]:
    """What the mapping hands to the field."""
    layout = network.layout
    modes = [Modulation(name="modes", shape=(len(layout.mode_ratios),))] if layout.mode_ratios else []
    return (
        Modulation(name="partials", shape=(layout.partials,)),
        Modulation(name="series", shape=(SERIES,)),
        *modes,
        Modulation(name="hiss", shape=(layout.bands,)),
    )


def mapping_graph(network: SlowNetwork, bandwidth: float) -> bytes:
    """mapping.onnx: SlowNetwork.modulations with tones faded out at `bandwidth` Hz."""
    return _MappingGraph(network).build(bandwidth)


class _MappingGraph(Nodes):
    """Builds the mapping graph, following SlowNetwork line by line."""

    def __init__(self, network: SlowNetwork) -> None:
        super().__init__(GraphBuilder("mapping"))
        self.network = network

    def build(self, bandwidth: float) -> bytes:
        graph, layout = self.graph, self.network.layout
        held = self.clip("pitch", *self.network.pitches)
        note = graph.unsqueeze(self.affine(held, 1.0 / PITCH_SPAN, -PITCH_CENTRE / PITCH_SPAN), 1)
        told = self._told(held, note)
        lasting = self._lasting(told)
        dampers = self._dampers(told, held) if self.network.releases else None
        loudness = graph.node("Mul", graph.unsqueeze(graph.node("Mul", "velocity", "velocity"), 1), self._fades(bandwidth))
        self._series(graph.node("Concat", "latent", note, axis=1))
        # from here on time and release
        levels = graph.node("Add", self._moving(told), lasting)
        if dampers is not None:
            levels = graph.node("Sub", levels, self._damping(*dampers))
        levels = graph.node("Min", levels, self.constant(0.0))
        quiet = self.affine(graph.node("Exp", self.scaled(levels, math.log(10.0) / 20.0)), 1.0, -(10.0 ** (GATE_DB / 20.0)))
        amplitude = graph.node("Mul", graph.node("Relu", quiet), loudness)
        begin = 0
        for modulation in modulations(self.network):
            if modulation.name != "series":
                end = begin + modulation.shape[0]
                graph.node("Identity", graph.slice(amplitude, 1, begin, end), output=modulation.name)
                begin = end
        assert begin == layout.levels
        numbers = ("pitch", "velocity", "time", *(("release",) if self.network.releases else ()))
        inputs = [TensorSpec("latent", ("V", self.network.config.latent)), *(TensorSpec(name, ROW) for name in numbers)]
        return graph.to_bytes(inputs, [TensorSpec(m.name, ("V", *m.shape)) for m in modulations(self.network)])

    def _told(self, held: str, note: str) -> str:
        """What the network knows of the note [V, condition_width]."""
        graph, network = self.graph, self.network
        keys = self.constant(network.keys.cpu().numpy())
        apart = graph.node("Abs", graph.node("Sub", graph.unsqueeze(held, 1), keys))
        near = graph.node("Relu", self.affine(apart, -1.0 / network.config.key_semitones, 1.0))
        told = graph.node("Concat", "latent", note, graph.unsqueeze("velocity", 1), near, axis=1)
        for layer in network.condition:
            told = graph.node("LeakyRelu", self.linear(told, layer), alpha=HIDDEN_SLOPE)
        return told

    def _lasting(self, told: str) -> str:
        """What the note adds to all its moments, in dB [V, K + M + B]."""
        base = self.constant(self.network.base_db.detach().cpu().numpy())
        return self.graph.node("Add", self.scaled(self.linear(told, self.network.shape), SCALE_DB), base)

    def _moving(self, told: str) -> str:
        """What a moment adds, in dB [V, K + M + B], the fall beyond the trained seconds included."""
        graph, network = self.graph, self.network
        film, width = self.linear(told, network.film), network.config.width
        shift, *pairs = (graph.slice(film, 1, part * width, (part + 1) * width) for part in range(5))
        fall = self.scaled(graph.node("Softplus", self.linear(told, network.tail)), TAIL_DB_S)
        late = graph.node("Relu", self.affine("time", 1.0, -network.duration))
        values = graph.node("Sin", graph.node("Add", self.linear(self._time_features(), network.first), shift))
        for index, layer in enumerate(network.hidden):
            gain, turn = self.affine(pairs[2 * index], 1.0, 1.0), pairs[2 * index + 1]
            values = graph.node("Sin", graph.node("Add", graph.node("Mul", self.linear(values, layer), gain), turn))
        levels = self.scaled(self.linear(values, network.output), SCALE_DB)
        return graph.node("Sub", levels, graph.node("Mul", fall, graph.unsqueeze(late, 1)))

    def _time_features(self) -> str:
        graph, duration, early_s = self.graph, self.network.duration, self.network.config.attack_s
        held = self.clip("time", 0.0, duration)
        logarithm = graph.node("Log", self.affine(held, 1.0 / early_s, 1.0))
        early = self.affine(logarithm, 2.0 / math.log(duration / early_s + 1.0), -1.0)
        late = self.affine(held, 2.0 / duration, -1.0)
        return graph.node("Concat", graph.unsqueeze(early, 1), graph.unsqueeze(late, 1), axis=1)

    def _dampers(self, told: str, held: str) -> tuple[str, str]:
        """Drop in dB and steady fall in dB/s of each level after the note was let go, [V, K + M + B]."""
        graph, network = self.graph, self.network
        octave = graph.unsqueeze(self.affine(held, 1.0 / 12.0, -69.0 / 12.0), 1)
        moved = graph.node("Mul", octave, self.constant(network.moves.cpu().numpy()))
        octaves = graph.node("Add", moved, self.constant(network.octaves.cpu().numpy()))
        place = graph.unsqueeze(self.clip(self.scaled(octaves, 1.0 / NODE_OCTAVES), 0.0, NODES - 1.0), 1)
        apart = graph.node("Abs", graph.node("Sub", place, self.constant(np.arange(NODES)[:, None])))
        near = graph.node("Relu", self.affine(apart, -1.0, 1.0))
        rates = graph.node("Softplus", self.linear(told, network.release))
        parts = graph.node("MatMul", graph.node("Reshape", rates, graph.integers(-1, 2, NODES)), near)
        drop, fall = (graph.node("Squeeze", graph.slice(parts, 1, i, i + 1), graph.integers(1)) for i in range(2))
        return self.scaled(drop, DROP_DB), self.scaled(fall, RELEASE_DB_S)

    def _damping(self, drop: str, fall: str) -> str:
        """dB [V, K + M + B] by which levels have fallen since the note was let go."""
        graph = self.graph
        settled = self.affine(graph.node("Exp", self.scaled("release", -1.0 / DROP_S)), -1.0, 1.0)
        dropped = graph.node("Mul", drop, graph.unsqueeze(settled, 1))
        return graph.node("Add", dropped, graph.node("Mul", fall, graph.unsqueeze("release", 1)))

    def _series(self, conditions: str) -> None:
        """Amplitudes of the series (series_weights)."""
        graph = self.graph
        inner, last = self.network.place
        hidden = graph.node("LeakyRelu", self.linear(conditions, inner), alpha=HIDDEN_SLOPE)
        place = self.scaled(self.linear(hidden, last), PLACE_SCALE)
        borders = np.arange(SERIES - 1) + (0.5 - HALF_FADE)
        turn = self.clip(self.scaled(graph.node("Sub", place, self.constant(borders)), 1.0 / (2.0 * HALF_FADE)), 0.0, 1.0)
        turn = self.scaled(turn, math.pi / 2.0)
        one = graph.node("Exp", self.scaled(place, 0.0))
        rise = graph.node("Concat", one, graph.node("Sin", turn), axis=1)
        fall = graph.node("Concat", graph.node("Cos", turn), one, axis=1)
        graph.node("Mul", rise, fall, output="series")

    def _fades(self, bandwidth: float) -> str:
        """Factors [V, K + M + B]: of tones 1 below FADE_FROM of the bandwidth and 0 above it, of bands whether they sound."""
        graph, layout = self.graph, self.network.layout
        hz = graph.node("Exp", self.affine("pitch", math.log(2.0) / 12.0, -69.0 * math.log(2.0) / 12.0))
        share = graph.unsqueeze(self.scaled(hz, 440.0 / bandwidth), 1)
        silent = 0.0 if self.network.config.noise else 1e9
        bands = np.full(layout.bands, silent)
        ratios = np.concatenate([layout.ratios, bands])
        slope = 1.0 / (1.0 - TRAINED_FADE_FROM)
        return self.clip(self.affine(graph.node("Mul", share, self.constant(ratios)), -slope, slope), 0.0, 1.0)


def field_graph(card: Card, mode_ratios: Sequence[float] = ()) -> bytes:
    """field.onnx of a card whose modulations are `partials`, `series`, `modes` (where there are any) and `hiss`.

    `mode_ratios` [M] are the modes' constant ratios to the note's pitch (training.harmonic.field.field).
    """
    graph = GraphBuilder("field")
    partials = next(m.shape[0] for m in card.modulations if m.name == "partials")
    slots = _slots(graph)
    ratios = _flat(graph, graph.node("Gather", graph.constant(series_ratios(partials)), slots, axis=0), partials)
    phases = starting_phases(partials + len(mode_ratios))
    starts = np.concatenate([np.tile(phases[:partials], SLOTS), phases[partials:]])
    if len(mode_ratios):
        ratios = graph.node("Concat", ratios, _rows(graph, mode_ratios), axis=1)
    ends = _amplitudes(graph, slots, ratios, partials, modes=len(mode_ratios) > 0)
    active = _active(graph, ends, len(starts))
    ends = [graph.node("Gather", end, active, axis=1) for end in ends]
    thetas = graph.node("Gather", graph.constant(starts), active, axis=0)
    waves = graph.node("Sin", _angles(graph, graph.node("Gather", ratios, active, axis=1), thetas))
    tone = graph.node("MatMul", waves, _pair(graph, ends))
    hiss = graph.node("MatMul", "noise", _pair(graph, ["hiss_start", "hiss_end"]))
    both = graph.node("Add", tone, hiss)
    start, end = (graph.node("Squeeze", graph.slice(both, 2, i, i + 1), graph.integers(2)) for i in range(2))
    moved = graph.node("Mul", graph.node("Sub", end, start), "blend")
    graph.node("Add", start, moved, output=SAMPLES)
    return graph.to_bytes(field_inputs(card), [TensorSpec(SAMPLES, ("V", "N"))])


def _slots(graph: GraphBuilder) -> str:
    """Numbers [V, SLOTS] of the series that each row sounds, the strongest first."""
    strongest = graph.node("Max", "series_start", "series_end")
    return graph.nodes("TopK", strongest, graph.integers(SLOTS), count=2, axis=1)[1]


def _flat(graph: GraphBuilder, value: str, partials: int) -> str:
    """[V, SLOTS, K] as [V, SLOTS K]."""
    return graph.node("Reshape", value, graph.integers(-1, SLOTS * partials))


def _rows(graph: GraphBuilder, ratios: Sequence[float]) -> str:
    """The modes' ratios for each row: float64 [V, M]."""
    rows = graph.node("Concat", graph.node("Shape", "bandlimit"), graph.integers(1), axis=0)
    return graph.node("Expand", graph.constant(np.asarray(ratios, np.float64)[None]), rows)


def _amplitudes(graph: GraphBuilder, slots: str, ratios: str, partials: int, *, modes: bool) -> list[str]:
    """Amplitudes [V, SLOTS K + M] at both ends, tones near and above the band limit faded out."""
    share = graph.node("Div", graph.cast(ratios, "float32"), graph.unsqueeze("bandlimit", 1))
    slope = np.array(1.0 / (1.0 - FADE_FROM), np.float32)
    falling = graph.node("Mul", graph.node("Sub", graph.constant(np.array(1.0, np.float32)), share), graph.constant(slope))
    zero, one = graph.constant(np.array(0.0, np.float32)), graph.constant(np.array(1.0, np.float32))
    audible = graph.node("Clip", falling, zero, one)
    ends = []
    for end in ("start", "end"):
        chosen = graph.node("GatherElements", f"series_{end}", slots, axis=1)
        product = graph.node("Mul", graph.unsqueeze(chosen, 2), graph.unsqueeze(f"partials_{end}", 1))
        tones = _flat(graph, product, partials)
        if modes:
            tones = graph.node("Concat", tones, f"modes_{end}", axis=1)
        ends.append(graph.node("Mul", tones, audible))
    return ends


def _active(graph: GraphBuilder, ends: list[str], count: int) -> str:
    """Numbers [M] of the partials that sound in some row; the first is always there, so that M > 0."""
    loudest = graph.node("ReduceMax", graph.node("Max", *ends), graph.integers(0), keepdims=0)
    sounding = graph.node("Greater", loudest, graph.constant(np.array(SILENT, np.float32)))
    kept = graph.node("Or", sounding, graph.constant(np.arange(count) == 0))
    return graph.node("Squeeze", graph.node("NonZero", kept), graph.integers(0))


def _angles(graph: GraphBuilder, ratios: str, thetas: str) -> str:
    """Phases of the active partials in radians [V, N, M], their ratios [V, M]: [offset, 1] times [speed; start]."""
    turns = graph.node("Mul", graph.unsqueeze("phase_start", 1), ratios)
    part = graph.node("Sub", turns, graph.node("Floor", turns))
    tau = graph.constant(np.array(2.0 * np.pi))
    start = graph.cast(graph.node("Add", graph.node("Mul", part, tau), thetas), "float32")
    speed = graph.cast(graph.node("Mul", ratios, tau), "float32")
    rows = graph.node("Concat", graph.unsqueeze(speed, 1), graph.unsqueeze(start, 1), axis=1)
    offset = graph.unsqueeze("phase_offset", 2)
    ones = graph.node("Expand", graph.constant(np.ones((1, 1, 1), np.float32)), graph.node("Shape", offset))
    return graph.node("MatMul", graph.node("Concat", offset, ones, axis=2), rows)


def _pair(graph: GraphBuilder, ends: list[str]) -> str:
    """[V, M, 2] of two tensors [V, M]."""
    return graph.node("Concat", *(graph.unsqueeze(end, 2) for end in ends), axis=2)


def tensors(feeds: dict[str, Array]) -> dict[str, torch.Tensor]:
    """Feeds as float64 tensors, for the oracle."""
    return {name: torch.from_numpy(np.asarray(value, np.float64)) for name, value in feeds.items()}
