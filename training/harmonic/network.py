"""The slow network: what a note is made of at a moment.

Two branches. One follows from latent, pitch and velocity alone: a small network whose result gives the spectrum's shape as it
stays over the note, and how the other branch is bent. The other takes time, logarithmically (the attack) and linearly (the
rest), through three sine layers with FiLM (Perez et al. 2018; sine layers: Sitzmann et al. 2020). Pitch enters as a place
between keys some semitones apart as well, so that neighbours can differ and what lies between them is a straight line.

After the trained seconds levels go on falling as they fell at the end, and after the note was let go they fall by themselves.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.config import Count, NetworkConfig, NotNegative, Positive
from training.harmonic.bands import erb_edges
from training.harmonic.stiffness import series_weights

PITCH_CENTRE, PITCH_SPAN = 60.0, 24.0
FLOOR_DB = -100.0
"""Levels below this, in dB re full scale, are silence to the loss."""
GATE_DB = -90.0
"""Tones and noise bands fade to exactly nothing at this level."""
FADE_FROM = 0.92
"""Tones fade linearly from this share of the trained bandwidth to nothing at its end."""
SCALE_DB = 12.0
PLACE_SCALE = 4.0
HIDDEN_SLOPE = 0.2
"""of the leaky ReLUs"""
NODES, LOWEST_NODE_HZ, NODE_OCTAVES = 8, 60.0, 1.2
"""Frequencies at which the release is known; straight lines between them."""
DROP_DB, RELEASE_DB_S, DROP_S = 10.0, 60.0, 0.02
"""Scales of the release's two parts: a drop that settles within DROP_S, and a steady fall."""
TAIL_DB_S = 10.0
"""Scale of the fall beyond the trained seconds."""
_FIRST_SPREAD = (6.0, 4.0)  # standard deviations of the first layer's slopes, logarithmic and linear time
_A4, _A4_HZ = 69.0, 440.0


class HarmonicConfig(NetworkConfig):
    """[network] of the harmonic field."""

    latent: Count = 16
    width: Count = 128
    """Units of each of the three sine layers."""
    condition_width: Count = 192
    """Units of each of the two layers that know the note."""
    key_semitones: Positive = 3.0
    """Distance of the keys between which pitch is a place."""
    partials: int = 0
    """0: as many as the lowest note has below 20 kHz."""
    bands: Count = 24
    noise: bool = True
    """Whether the noise bands sound; without them only tones do."""
    modes: bool = True
    """Whether tones that are no partials are looked for and sound."""
    attack_s: Positive = 0.004
    """Moments before this time are told apart linearly, later ones logarithmically."""
    hold_out: int = 4
    """Keep every so-manieth pitch from training, to be scored; 0: none."""
    notes: Count = 48
    """Notes per step, ..."""
    moments: Count = 16
    """... and moments of each."""
    mix: NotNegative = 0.25
    """Share of notes that lie between two instruments, in the latent and in dB: what makes morphs clean."""
    slide: NotNegative = 0.35
    """Share of notes that lie between two pitches or velocities of one instrument."""
    waveforms: NotNegative = 0.0
    """Share of the training, at its end, that also follows the recordings' own spectra (finetune.py)."""
    latent_noise: NotNegative = 0.02
    latent_deviation: Positive = 0.5
    scored: int = 48
    """Notes that an evaluation scores, spread over all; 0: every note."""


@dataclass(frozen=True)
class Layout:
    """Of what the levels are, in this order: K partials, M modes, B noise bands.

    mode_ratios  M ratios to the note's pitch
    edges_hz     B + 1 edges of the noise bands
    """

    partials: int
    mode_ratios: tuple[float, ...]
    edges_hz: tuple[float, ...]

    @classmethod
    def plain(cls, partials: int, bands: int, rate: float) -> "Layout":
        """Without modes, with bands up to half of `rate` Hz."""
        return cls(partials, (), tuple(erb_edges(LOWEST_NODE_HZ, rate / 2.0, bands)))

    @property
    def tones(self) -> int:
        """K + M."""
        return self.partials + len(self.mode_ratios)

    @property
    def bands(self) -> int:
        """B."""
        return len(self.edges_hz) - 1

    @property
    def levels(self) -> int:
        """K + M + B."""
        return self.tones + self.bands

    @property
    def ratios(self) -> NDArray[np.float64]:
        """Ratios of the tones to the note's pitch, float64 [K + M], stiffness left out."""
        return np.concatenate([np.arange(1, self.partials + 1), np.array(self.mode_ratios)]).astype(np.float64)

    @property
    def octaves(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Octaves above the lowest node [K + M + B] at A4, and how many more there are for each octave of pitch (1 or 0)."""
        edges = np.array(self.edges_hz)
        hz = np.concatenate([self.ratios * _A4_HZ, np.sqrt(edges[1:] * np.maximum(edges[:-1], 1.0))])
        moves = np.arange(self.levels) < self.tones
        return np.log2(hz / LOWEST_NODE_HZ).astype(np.float32), moves.astype(np.float32)


class SlowNetwork(nn.Module):
    """(latent [N, D], pitch [N], velocity [N], time [N, T]) -> levels in dB, and the place among the partial series."""

    def __init__(
        self,
        config: HarmonicConfig,
        layout: Layout,
        duration: float,
        pitches: tuple[float, float],
        generator: torch.Generator,
        *,
        releases: bool = False,
    ) -> None:
        """`duration` in s and the range of `pitches` are what was trained; beyond the pitches the nearest note holds.

        `releases`: levels also follow the time since the note was let go.
        """
        super().__init__()
        width, told, count = config.width, config.condition_width, layout.levels
        self.config, self.layout, self.duration, self.pitches, self.releases = config, layout, duration, pitches, releases
        keys = np.arange(pitches[0], pitches[1] + config.key_semitones, config.key_semitones, dtype=np.float32)
        self.condition = nn.ModuleList(
            [
                uniform_linear(config.latent + 2 + len(keys), told, generator, math.sqrt(2.0)),
                uniform_linear(told, told, generator, math.sqrt(2.0)),
            ]
        )
        self.film = uniform_linear(told, 5 * width, generator, 0.5)
        self.shape = uniform_linear(told, count, generator, 0.3)
        self.first = uniform_linear(2, width, generator)
        self.hidden = nn.ModuleList(uniform_linear(width, width, generator, math.sqrt(2.0)) for _ in range(2))
        self.output = uniform_linear(width, count, generator, 0.3)
        self.place = nn.ModuleList([uniform_linear(config.latent + 1, 24, generator), uniform_linear(24, 1, generator)])
        self.tail = uniform_linear(told, 1, generator, 0.3)
        self.release = uniform_linear(told, 2 * NODES, generator, 0.3) if releases else None
        with torch.no_grad():
            self.first.weight.copy_(torch.randn(width, 2, generator=generator) * torch.tensor(_FIRST_SPREAD))
            self.first.bias.uniform_(-math.pi, math.pi, generator=generator)
        octaves, moves = (torch.from_numpy(each) for each in layout.octaves)
        for name, value in (("keys", torch.from_numpy(keys)), ("octaves", octaves), ("moves", moves)):
            self.register_buffer(name, value, persistent=False)
        self.register_buffer("base_db", torch.zeros(count))
        self.keys: Tensor
        self.octaves: Tensor
        self.moves: Tensor
        self.base_db: Tensor

    def set_base(self, levels_db: NDArray[np.float32]) -> None:
        """Start from the data's mean levels [K + M + B] in dB."""
        self.base_db.copy_(torch.from_numpy(levels_db))

    def forward(
        self, latent: Tensor, pitch: Tensor, velocity: Tensor, time: Tensor, release: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Levels in dB [N, T, K + M + B] at full loudness, and the place among the series [N].

        `release` [N, T] is the time in s since the note was let go, 0 before; None: it is held.
        """
        told = self.told(latent, pitch, velocity)
        levels = self.levels(told, time)
        if release is not None:
            levels = levels - self.damping(told, pitch, release)
        return levels, self.places(latent, pitch)

    def told(self, latent: Tensor, pitch: Tensor, velocity: Tensor) -> Tensor:
        """What the network knows of notes: [N, condition_width]."""
        held = pitch.clamp(*self.pitches).unsqueeze(1)
        near = (1.0 - (held - self.keys).abs() * (1.0 / self.config.key_semitones)).clamp(min=0.0)
        told = torch.cat([latent, normalised_pitch(held), velocity.unsqueeze(1), near], 1)
        for layer in self.condition:
            told = nn.functional.leaky_relu(layer(told), HIDDEN_SLOPE)
        return told

    def levels(self, told: Tensor, time: Tensor, partials: int | None = None) -> Tensor:
        """Levels in dB [N, T, K + M + B] of held notes at times [N, T] in s; of so many `partials` only instead of K."""
        bent = self.film(told).unsqueeze(1)
        shift, gain_a, shift_a, gain_b, shift_b = torch.split(bent, self.config.width, 2)
        values = torch.sin(self.first(self.time_features(time)) + shift)
        for layer, gain, turn in zip(self.hidden, (gain_a, gain_b), (shift_a, shift_b), strict=True):
            values = torch.sin(layer(values) * (gain + 1.0) + turn)
        levels = self._heads(self.output, values, partials) + self._heads(self.shape, told, partials).unsqueeze(1)
        levels = levels * SCALE_DB + self._kept(self.base_db, partials)
        late = (time - self.duration).clamp(min=0.0)
        return torch.as_tensor(levels - (self.fall(told).unsqueeze(1) * late).unsqueeze(2))

    def _heads(self, layer: nn.Linear, values: Tensor, partials: int | None) -> Tensor:
        return nn.functional.linear(values, self._kept(layer.weight, partials), self._kept(layer.bias, partials))

    def _kept(self, rows: Tensor, partials: int | None) -> Tensor:
        """Of `rows` [K + M + B, ...] those of the first `partials`, of the modes and of the bands."""
        return rows if partials is None else torch.cat([rows[:partials], rows[self.layout.partials :]])

    def time_features(self, time: Tensor) -> Tensor:
        """Times [N, T] in s, held within the trained duration, as [N, T, 2] within -1..1."""
        held, early = time.clamp(0.0, self.duration), self.config.attack_s
        logarithmic = torch.log(held * (1.0 / early) + 1.0) * (2.0 / math.log(self.duration / early + 1.0)) - 1.0
        return torch.stack([logarithmic, held * (2.0 / self.duration) - 1.0], 2)

    def fall(self, told: Tensor) -> Tensor:
        """How fast levels fall beyond the trained seconds, in dB/s [N]."""
        return nn.functional.softplus(self.tail(told)).squeeze(1) * TAIL_DB_S

    def damping(self, told: Tensor, pitch: Tensor, release: Tensor) -> Tensor:
        """dB [N, T, K + M + B] by which levels have fallen at times [N, T] in s since notes were let go; it never shrinks."""
        assert self.release is not None, "this network knows of no release"
        drop, rate = torch.split(self.spread(nn.functional.softplus(self.release(told)), pitch), 1, 1)
        settled = 1.0 - torch.exp(release * (-1.0 / DROP_S))
        return drop * (settled * DROP_DB).unsqueeze(2) + rate * (release * RELEASE_DB_S).unsqueeze(2)

    def spread(self, nodes: Tensor, pitch: Tensor) -> Tensor:
        """Values at frequencies [N, 2 NODES] as those of each level [N, 2, K + M + B]."""
        octave = (pitch.clamp(*self.pitches) - _A4) * (1.0 / 12.0)
        place = ((octave.unsqueeze(1) * self.moves + self.octaves) * (1.0 / NODE_OCTAVES)).clamp(0.0, NODES - 1.0)
        numbers = torch.arange(NODES, dtype=place.dtype, device=place.device).unsqueeze(1)
        near = (1.0 - (place.unsqueeze(1) - numbers).abs()).clamp(min=0.0)
        return nodes.view(-1, 2, NODES) @ near

    def places(self, latent: Tensor, pitch: Tensor) -> Tensor:
        """Places [N] among the series (0 and below: harmonic) of latents [N, D] and pitches [N]."""
        inner, last = self.place
        conditions = torch.cat([latent, normalised_pitch(pitch.clamp(*self.pitches)).unsqueeze(1)], 1)
        return torch.as_tensor(last(nn.functional.leaky_relu(inner(conditions), HIDDEN_SLOPE)).squeeze(1) * PLACE_SCALE)

    def modulations(
        self,
        latent: Tensor,
        pitch: Tensor,
        velocity: Tensor,
        time: Tensor,
        bandwidth: float,
        release: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """What the field takes: amplitudes of partials, series, modes (where there are any) and noise bands, by name.

        `time` [T] and `release` [T] are moments of one note (latent [1, D], pitch [1], velocity [1]) or each of its own (the
        others [T, ...]). Loudness falls with the square of velocity; the network's velocity only changes timbre. Tones
        beyond `bandwidth` Hz were never trained and are faded out.
        """
        one = len(latent) == 1
        moments = time.unsqueeze(0) if one else time.unsqueeze(1)
        let_go = None if release is None else (release.unsqueeze(0) if one else release.unsqueeze(1))
        levels, place = self(latent, pitch, velocity, moments, let_go)
        levels = levels.flatten(0, 1)
        amplitude = torch.exp(levels.clamp(max=0.0) * (math.log(10.0) / 20.0)) - 10.0 ** (GATE_DB / 20.0)
        amplitude = torch.relu(amplitude) * velocity.square().unsqueeze(1)
        tones, hiss = torch.split(amplitude, [self.layout.tones, self.layout.bands], 1)
        hz = torch.exp((pitch - _A4) * (math.log(2.0) / 12.0)) * _A4_HZ
        ratios = torch.from_numpy(self.layout.ratios).to(levels)
        share = ratios * (hz * (1.0 / bandwidth)).unsqueeze(1)
        tones = tones * ((1.0 - share) * (1.0 / (1.0 - FADE_FROM))).clamp(0.0, 1.0)
        found = {"partials": tones[:, : self.layout.partials], "series": series_weights(place).expand(len(levels), -1)}
        if self.layout.mode_ratios:
            found["modes"] = tones[:, self.layout.partials :]
        return {**found, "hiss": hiss if self.config.noise else hiss * 0.0}


def normalised_pitch(pitch: Tensor) -> Tensor:
    """MIDI note numbers as the network takes them."""
    return (pitch - PITCH_CENTRE) * (1.0 / PITCH_SPAN)


def uniform_linear(inputs: int, outputs: int, generator: torch.Generator, gain: float = 1.0) -> nn.Linear:
    """A layer whose outputs vary by `gain` where its inputs vary by one; without bias at first."""
    layer = nn.Linear(inputs, outputs)
    bound = gain * math.sqrt(3.0 / inputs)
    with torch.no_grad():
        layer.weight.uniform_(-bound, bound, generator=generator)
        layer.bias.zero_()
    return layer
