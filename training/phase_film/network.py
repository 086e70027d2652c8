"""The network of phase-film: a slow half that says how, and a fast half that turns harmonics of a phase into samples.

The slow half g(time; latent, pitch, velocity) is a small network whose output moves at control rate. The fast half is a sine
network (Sitzmann et al. 2020) on cos and sin of the harmonics 1..K of the phase, modulated by the slow half as FiLM does
(Perez et al. 2018): h = sin(gain (W x + b) + shift) twice, then one weighted sum. It makes harmonics beyond those it is given,
as frequency modulation does, so its period is the phase's and its spectrum has no end.
"""

import math
from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor, nn

from training.config import Count, NetworkConfig, NotNegative, Positive
from training.models.mapping import Perceptron, normalised_pitch

FILM = 4
"""Rows of the modulation `film`: gain and shift of the first sine layer, gain and shift of the second."""
SCALE_DB = 12.0
ATTACK_S = 0.004
"""Times below this are told apart linearly, above it logarithmically."""
GATE_DB = -90.0
"""The tone and the noise bands fade to exactly nothing at this level."""
FADE_FROM = 0.85
"""Harmonics that the fast half is given fade linearly from this share of the band limit to nothing at it."""
_SPREAD = (8.0, 5.0)  # standard deviations of the time features' speeds, logarithmic and linear time


class PhaseFilmConfig(NetworkConfig):
    """[network] of phase-film."""

    latent: Count = 12
    harmonics: Count = 32
    """K: harmonics of the phase that the fast half is given."""
    width: Count = 48
    """Units of each of its two sine layers."""
    slow_width: Count = 96
    """Units of each of the slow half's two layers."""
    time_features: Count = 48
    bands: Count = 24
    points: Count = 256
    """Samples of a cycle in training; harmonics up to half as many are compared."""
    hold_out: int = 4
    """Keep every so-manieth pitch from training, to be scored; 0: none."""
    oversampling: Literal[1, 2, 4, 8] = 4
    """Times the device's rate at which an instrument asks to be computed: the sine layers make harmonics without end."""
    rows: Count = 96
    """Moments of notes per step."""
    latent_noise: NotNegative = 0.02
    latent_deviation: Positive = 0.5
    scored: int = 48
    """Notes that an evaluation scores, spread over all; 0: every note."""


class PhaseFilm(nn.Module):
    """Slow half and fast half."""

    def __init__(
        self,
        config: PhaseFilmConfig,
        duration: float,
        pitches: tuple[float, float],
        bandwidth: float,
        generator: torch.Generator,
    ) -> None:
        """`duration` in s and the range of `pitches` are what was trained; beyond them the nearest moment and note hold.

        `bandwidth` in Hz is where the recordings end: harmonics above it are never given to the fast half.
        """
        super().__init__()
        self.config, self.duration, self.pitches, self.bandwidth = config, duration, pitches, bandwidth
        inputs, width = config.latent + 3 + config.time_features, config.slow_width
        outputs = FILM * config.width + 1 + config.bands
        self.clock = nn.Linear(2, config.time_features)
        self.slow = Perceptron([inputs, width, width, outputs], 0.3, generator)
        self.first = nn.Linear(2 * config.harmonics, config.width)
        self.second = nn.Linear(config.width, config.width)
        self.last = nn.Linear(config.width, 1, bias=False)
        with torch.no_grad():
            self.clock.weight.copy_(torch.randn(config.time_features, 2, generator=generator) * torch.tensor(_SPREAD))
            self.clock.bias.uniform_(-math.pi, math.pi, generator=generator)
            k = torch.arange(1, config.harmonics + 1).repeat(2)
            self.first.weight.copy_(torch.randn(config.width, 2 * config.harmonics, generator=generator) / k)
            bound = math.sqrt(6.0 / config.width)
            for layer in (self.second, self.last):
                layer.weight.uniform_(-bound, bound, generator=generator)
            for layer in (self.first, self.second):
                layer.bias.uniform_(-math.pi, math.pi, generator=generator)
        self.register_buffer("base_db", torch.full((1 + config.bands,), -40.0))
        self.base_db: Tensor

    def macs_per_sample(self) -> int:
        """Multiply-adds for one sample that is heard: the fast half's matrices, as often as it is oversampled."""
        harmonics, width = self.config.harmonics, self.config.width
        return self.config.oversampling * (2 * harmonics * width + width * width + width)

    def control(self, latent: Tensor, pitch: Tensor, velocity: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        """FiLM of the fast half [R, 4, W] (gain, shift, gain, shift) and levels in dB [R, 1 + B] of tone and noise bands.

        Takes latent [R, D], pitch [R] (MIDI), velocity [R] and time [R] in s.
        """
        note = normalised_pitch(pitch.clamp(*self.pitches))
        told = torch.cat([latent, torch.stack([note, note.square(), velocity], 1), self.time_features(time)], 1)
        film, levels = torch.split(self.slow(told), [FILM * self.config.width, 1 + self.config.bands], 1)
        return film.view(-1, FILM, self.config.width), levels * SCALE_DB + self.base_db

    def modulations(self, latent: Tensor, pitch: Tensor, velocity: Tensor, time: Tensor) -> dict[str, Tensor]:
        """What the field takes, by name: gains `given` [R, K] of harmonics, `film` [R, 4, W], `tone` [R, 1], `hiss` [R, B].

        Loudness falls with the square of velocity; the network's velocity only changes timbre.
        """
        film, levels = self.control(latent, pitch, velocity, time)
        gain = torch.exp(levels.clamp(max=0.0) * (math.log(10.0) / 20.0)) - 10.0 ** (GATE_DB / 20.0)
        gain = torch.relu(gain) * velocity.square().unsqueeze(1)
        hz = torch.exp((pitch - 69.0) * (math.log(2.0) / 12.0)) * 440.0
        return {"given": self.audible(self.bandwidth / hz), "film": film, "tone": gain[:, :1], "hiss": gain[:, 1:]}

    def field(self, feeds: Mapping[str, Tensor]) -> Tensor:
        """Samples [V, N] for the field graph's feeds (synth.instrument.contract), in the type of its `blend`."""
        dtype, blend = feeds["blend"].dtype, feeds["blend"].unsqueeze(2)

        def moving(name: str) -> Tensor:
            start, end = (feeds[f"{name}_{which}"].unsqueeze(1) for which in ("start", "end"))
            return start + (end - start) * blend.view(*blend.shape, *[1] * (start.dim() - blend.dim()))

        k = torch.arange(1, self.config.harmonics + 1, dtype=torch.float64)
        start = (feeds["phase_start"].double().unsqueeze(1) * k) % 1.0 * (2.0 * torch.pi)
        angle = feeds["phase_offset"].unsqueeze(2) * (k * (2.0 * torch.pi)).to(dtype) + start.to(dtype).unsqueeze(1)
        gains = moving("given") * self.audible(feeds["bandlimit"].to(dtype)).unsqueeze(1)
        waves = self.wave(torch.cat([torch.cos(angle) * gains, torch.sin(angle) * gains], 2), moving("film"))
        return waves * moving("tone").squeeze(2) + (feeds["noise"] * moving("hiss")).sum(2)

    def time_features(self, time: Tensor) -> Tensor:
        """Times [R] in s, held within the trained duration, as [R, F] within -1..1."""
        held = time.clamp(0.0, self.duration)
        logarithmic = torch.log(held * (1.0 / ATTACK_S) + 1.0) * (2.0 / math.log(self.duration / ATTACK_S + 1.0)) - 1.0
        return torch.sin(self.clock(torch.stack([logarithmic, held * (2.0 / self.duration) - 1.0], 1)))

    def audible(self, limit: Tensor) -> Tensor:
        """Gains [R, K] of the harmonics that the fast half is given, for band limits [R] in fundamentals."""
        k = torch.arange(1, self.config.harmonics + 1, dtype=limit.dtype, device=limit.device)
        return ((1.0 - k / limit.unsqueeze(1)) * (1.0 / (1.0 - FADE_FROM))).clamp(0.0, 1.0)

    def wave(self, harmonics: Tensor, film: Tensor) -> Tensor:
        """The tone [R, N] at level 1, of cosines and sines [R, N, 2 K] under modulations [R, N or 1, 4, W]."""
        hidden = torch.sin(self.first(harmonics) * (film[..., 0, :] + 1.0) + film[..., 1, :])
        hidden = torch.sin(self.second(hidden) * (film[..., 2, :] + 1.0) + film[..., 3, :])
        return torch.as_tensor(self.last(hidden).squeeze(-1))


def cycle(points: int, harmonics: int) -> Tensor:
    """Cosines, then sines, of harmonics 1..K over one cycle: float32 [P, 2 K]."""
    angle = 2.0 * torch.pi / points * torch.outer(torch.arange(points), torch.arange(1, harmonics + 1)).double()
    return torch.cat([torch.cos(angle), torch.sin(angle)], 1).float()
