"""The slow network: what a note is made of at a moment, as a small sine network with FiLM.

Time enters twice, logarithmically (the attack) and linearly (the rest). Latent, pitch and velocity enter through a small
conditioning network as phase shifts and gains of the sine layers (FiLM: Perez et al. 2018; sine layers: Sitzmann et al. 2020).
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.config import Count, NetworkConfig, NotNegative, Positive
from training.harmonic.stiffness import series_weights

PITCH_CENTRE, PITCH_SPAN = 60.0, 24.0
ATTACK_S = 0.008
"""Times below this are told apart linearly, above it logarithmically."""
FLOOR_DB = -100.0
"""Levels below this, in dB re full scale, are silence to the loss."""
GATE_DB = -90.0
"""Partials and noise bands fade to exactly nothing at this level."""
FADE_FROM = 0.92
"""Partials fade linearly from this share of the trained bandwidth to nothing at its end."""
SCALE_DB = 12.0
PLACE_SCALE = 4.0
HIDDEN_SLOPE = 0.2
"""of the leaky ReLUs"""
_FIRST_SPREAD = (6.0, 4.0)  # standard deviations of the first layer's slopes, logarithmic and linear time


class HarmonicConfig(NetworkConfig):
    """[network] of the harmonic field."""

    latent: Count = 12
    width: Count = 128
    """Units of each of the three sine layers."""
    condition_width: Count = 64
    partials: Count = 192
    bands: Count = 24
    hold_out: int = 4
    """Keep every so-manieth pitch from training, to be scored; 0: none."""
    rows: Count = 512
    """Moments of notes per step."""
    mix: NotNegative = 0.3
    """Share of rows that lie between two instruments, in the latent and in dB: what makes morphs clean."""
    slide: NotNegative = 0.3
    """Share of rows that lie between two pitches or velocities of one instrument."""
    latent_noise: NotNegative = 0.02
    latent_deviation: Positive = 0.5
    scored: int = 48
    """Notes that an evaluation scores, spread over all; 0: every note."""


class SlowNetwork(nn.Module):
    """(latent [R, D], pitch [R], velocity [R], time [R]) -> levels in dB and the place among the partial series."""

    def __init__(
        self, config: HarmonicConfig, duration: float, pitches: tuple[float, float], generator: torch.Generator
    ) -> None:
        """`duration` in s and the range of `pitches` are what was trained; beyond them the nearest moment and note hold."""
        super().__init__()
        width, conditions = config.width, config.latent + 2
        self.config, self.duration, self.pitches = config, duration, pitches
        self.condition = nn.ModuleList(
            [
                _linear(conditions, config.condition_width, generator),
                _linear(config.condition_width, config.condition_width, generator),
            ]
        )
        self.film = _linear(config.condition_width, 5 * width, generator, 0.5)
        self.first = _linear(2, width, generator)
        self.hidden = nn.ModuleList(_linear(width, width, generator, math.sqrt(2.0)) for _ in range(2))
        self.output = _linear(width, config.partials + config.bands, generator, 0.3)
        self.place = nn.ModuleList([_linear(config.latent + 1, 24, generator), _linear(24, 1, generator)])
        with torch.no_grad():
            slopes = torch.randn(width, 2, generator=generator) * torch.tensor(_FIRST_SPREAD)
            self.first.weight.copy_(slopes)
            self.first.bias.uniform_(-math.pi, math.pi, generator=generator)
        self.register_buffer("base_db", torch.zeros(config.partials + config.bands))
        self.base_db: Tensor

    def set_base(self, levels_db: NDArray[np.float32]) -> None:
        """Start from the data's mean levels [K + B] in dB."""
        self.base_db.copy_(torch.from_numpy(levels_db))

    def forward(self, latent: Tensor, pitch: Tensor, velocity: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        """Levels in dB [R, K + B] at full loudness, and the place among the series [R]."""
        note = normalised_pitch(pitch.clamp(*self.pitches)).unsqueeze(1)
        levels = self.levels(torch.cat([latent, note, velocity.unsqueeze(1)], 1), self.time_features(time))
        return levels, self.places(torch.cat([latent, note], 1))

    def time_features(self, time: Tensor) -> Tensor:
        """Times [R] in s, held within the trained duration, as [R, 2] within -1..1."""
        held = time.clamp(0.0, self.duration)
        logarithmic = torch.log(held * (1.0 / ATTACK_S) + 1.0) * (2.0 / math.log(self.duration / ATTACK_S + 1.0)) - 1.0
        return torch.stack([logarithmic, held * (2.0 / self.duration) - 1.0], 1)

    def levels(self, conditions: Tensor, moments: Tensor) -> Tensor:
        """Levels in dB [R, K + B] of conditions [R, D + 2] at time features [R, 2]."""
        told = conditions
        for layer in self.condition:
            told = nn.functional.leaky_relu(layer(told), HIDDEN_SLOPE)
        width = self.config.width
        shift, gain_a, shift_a, gain_b, shift_b = torch.split(self.film(told), width, 1)
        values = torch.sin(self.first(moments) + shift)
        for layer, gain, turn in zip(self.hidden, (gain_a, gain_b), (shift_a, shift_b), strict=True):
            values = torch.sin(layer(values) * (gain + 1.0) + turn)
        return torch.as_tensor(self.output(values) * SCALE_DB + self.base_db)

    def places(self, conditions: Tensor) -> Tensor:
        """Places [R] among the series (0 and below: harmonic) of latent and pitch [R, D + 1]."""
        inner, last = self.place
        return torch.as_tensor(last(nn.functional.leaky_relu(inner(conditions), HIDDEN_SLOPE)).squeeze(1) * PLACE_SCALE)

    def modulations(self, latent: Tensor, pitch: Tensor, velocity: Tensor, time: Tensor, bandwidth: float) -> dict[str, Tensor]:
        """What the field takes: amplitudes of the partials, of the series and of the noise bands, by name.

        Loudness falls with the square of velocity; the network's velocity only changes timbre. Partials beyond `bandwidth` Hz
        were never trained and are faded out.
        """
        levels, place = self(latent, pitch, velocity, time)
        amplitude = torch.exp(levels.clamp(max=0.0) * (math.log(10.0) / 20.0)) - 10.0 ** (GATE_DB / 20.0)
        amplitude = torch.relu(amplitude) * velocity.square().unsqueeze(1)
        partials, hiss = torch.split(amplitude, [self.config.partials, self.config.bands], 1)
        hz = torch.exp((pitch - 69.0) * (math.log(2.0) / 12.0)) * 440.0
        k = torch.arange(1, self.config.partials + 1, dtype=levels.dtype, device=levels.device)
        share = k * (hz * (1.0 / bandwidth)).unsqueeze(1)
        fade = ((1.0 - share) * (1.0 / (1.0 - FADE_FROM))).clamp(0.0, 1.0)
        return {"partials": partials * fade, "series": series_weights(place), "hiss": hiss}


def normalised_pitch(pitch: Tensor) -> Tensor:
    """MIDI note numbers as the network takes them."""
    return (pitch - PITCH_CENTRE) * (1.0 / PITCH_SPAN)


def _linear(inputs: int, outputs: int, generator: torch.Generator, gain: float = 1.0) -> nn.Linear:
    layer = nn.Linear(inputs, outputs)
    bound = gain * math.sqrt(3.0 / inputs)
    with torch.no_grad():
        layer.weight.uniform_(-bound, bound, generator=generator)
        layer.bias.zero_()
    return layer
