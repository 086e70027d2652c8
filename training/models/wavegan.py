"""WaveGAN's decoder (Donahue et al. 2019; the thesis, sections 4.6.3 and 5.2): convolutions that make a clip of samples.

A linear layer makes 16 columns of the latent; five convolutions with filters of 25 each quadruple them, up to 16 384 samples,
and a filter of 512 taps goes over these. It knows no time: it plays through a table. The clip is its one modulation, made at
control rate, and the function of time is the clip's band-limited interpolation, silent outside. So nothing above half the
rate of the recordings can ever come out of it, whatever rate it is played at.
"""

import math
from collections.abc import Mapping as Table
from typing import Annotated, ClassVar, Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from sirenade.errors import TrainingError
from training.config import Count
from training.models.decoder import Decoder, DecoderConfig

COLUMNS = 16
KERNEL = 25
STRIDE = 4
REACH = 16
"""Samples on either side that the interpolation takes: its errors stay 76 dB below tones up to 0.4 of the rate."""
KAISER_BETA = 8.0
DEGREE = 8
"""of the polynomials that stand for the interpolation's weights in an instrument's graph: they are 1e-6 off at most"""
QUIET = 0.1
"""Factor on how the last convolution starts: from a loud start the first steps only silence it, and units die of that."""
MARGIN = 2 * REACH
"""Zeros at both ends of the clip, so that what lies outside is silent."""
ON_GRID = {torch.float32: 2e-3, torch.float64: 1e-9}
"""Frames by which a time may miss a sample and be taken for it: what float32 makes of times of 16 384 samples."""


class WaveGanConfig(DecoderConfig):
    """[network] of WaveGAN."""

    channels: Annotated[tuple[Count, ...], Field(min_length=1)] = (128, 64, 32, 16, 8)
    """Inputs of each convolution: the published ones over 8. Five make 16 384 samples, one fewer a quarter of that."""
    upsampling: Literal["transposed", "nearest"] = "transposed"
    """nearest: samples are repeated four times before a plain convolution, at four times the cost."""
    post_filter: Annotated[int, Field(ge=0)] = 512
    """Taps of the last filter; 0: none."""

    sizes: ClassVar[tuple[str, ...]] = ("latent", "channels")

    def build(self, conditions: int, frames: int, generator: torch.Generator) -> "WaveGan":
        """The network. Raises TrainingError where the sounds are longer than its clips."""
        return WaveGan(self, conditions, frames, generator)

    @property
    def clip(self) -> int:
        """Samples that come out."""
        return COLUMNS * int(STRIDE ** len(self.channels))


class WaveGan(Decoder):
    """Its modulation is the clip [B, frames], with 32 zeros before and after."""

    config: WaveGanConfig
    sloped: ClassVar[bool] = False

    def __init__(self, config: WaveGanConfig, conditions: int, frames: int, generator: torch.Generator) -> None:
        """`conditions` counts what is known beside the latent; `frames` of the clip are used."""
        super().__init__()
        if frames > config.clip:
            raise TrainingError(
                f"this WaveGAN makes clips of {config.clip} samples, and the sounds have {frames}; "
                f"set data.seconds or data.rate lower."
            )
        self.config, self.frames = config, frames
        self.first = nn.Linear(config.latent + conditions, COLUMNS * config.channels[0])
        kind = nn.ConvTranspose1d if config.upsampling == "transposed" else nn.Conv1d
        pairs = zip(config.channels, (*config.channels[1:], 1), strict=True)
        self.convolutions = nn.ModuleList(kind(*pair, KERNEL) for pair in pairs)
        self.post = nn.Parameter(torch.zeros(config.post_filter))
        self._start(generator)

    def _start(self, generator: torch.Generator) -> None:
        """Kaiming-uniform weights, biases 0 but the first layer's; the last filter lets everything through."""
        _uniform(self.first.weight, self.first.in_features, generator)
        _uniform(self.first.bias, self.first.in_features, generator)
        repeated = STRIDE if self.config.upsampling == "transposed" else 1
        for convolution, inputs in zip(self._convolutions, self.config.channels, strict=True):
            _uniform(convolution.weight, inputs * KERNEL / repeated, generator)
            if convolution.bias is not None:
                nn.init.zeros_(convolution.bias)
        self._convolutions[-1].weight.data *= QUIET
        if self.config.post_filter:
            self.post.data[self.config.post_filter // 2 - 1 if self.config.post_filter > 1 else 0] = 1.0

    @property
    def _convolutions(self) -> list[nn.ConvTranspose1d | nn.Conv1d]:
        return [each for each in self.convolutions if isinstance(each, nn.ConvTranspose1d | nn.Conv1d)]

    @property
    def modulation_shapes(self) -> Table[str, tuple[int, ...]]:
        """clip"""
        return {"clip": (self.frames + 2 * MARGIN,)}

    def modulations(self, conditions: Tensor) -> tuple[Tensor, ...]:
        """Clips [B, 32 + frames + 32] of conditions [B, C]."""
        values = torch.relu(self.first(conditions)).view(-1, self.config.channels[0], COLUMNS)
        for index, convolution in enumerate(self._convolutions):
            last = index == len(self.convolutions) - 1
            values = (torch.tanh if last else torch.relu)(_widened(values, convolution))
        if self.config.post_filter:
            taps = self.config.post_filter
            padded = functional.pad(values, ((taps - 1) // 2, taps // 2))
            values = functional.conv1d(padded, self.post.view(1, 1, -1))
        return (functional.pad(values.squeeze(1)[:, : self.frames], (MARGIN, MARGIN)),)

    def forward(self, time: Tensor, *modulations: Tensor) -> Tensor:
        """Samples [B, T] at times [B, T] of clips [B, 32 + frames + 32].

        Where all times are samples of the clip these are taken as they are, so that training on the grid costs nothing.
        """
        (clips,) = modulations
        places = (time.double() + 1.0) * (0.5 * self.frames)
        nearest = places.round()
        if bool(((places - nearest).abs() < ON_GRID.get(time.dtype, 2e-3)).all()):
            return clips.gather(1, nearest.long().clamp(-1, self.frames) + MARGIN)
        whole = places.floor()
        weights = kernel((places - whole).unsqueeze(-1) - _taps(places.device)).to(clips.dtype)
        first = whole.long().clamp(-REACH - 1, self.frames + REACH - 1) + MARGIN
        around = (first.unsqueeze(-1) + _taps(places.device)).flatten(1)
        return (clips.gather(1, around).view(weights.shape) * weights).sum(-1)

    def regularised(self) -> list[Tensor]:
        """The convolutions' weights."""
        return [convolution.weight for convolution in self._convolutions]

    def macs_per_sample(self) -> int:
        """Multiply-adds of the interpolation, its weights included; the clip is made at control rate (`macs_per_clip`)."""
        return 2 * REACH * (DEGREE + 1) + 2 * REACH

    def macs_per_clip(self) -> int:
        """Multiply-adds of the convolutions for one clip."""
        total, length = self.first.weight.numel(), COLUMNS
        for convolution in self._convolutions:
            length *= STRIDE
            total += convolution.weight.numel() * length // (STRIDE if self.config.upsampling == "transposed" else 1)
        return total + self.config.post_filter * length


def kernel(distance: Tensor) -> Tensor:
    """Weights of samples at distances in frames: sinc in a Kaiser window."""
    window = torch.special.i0(KAISER_BETA * (1.0 - (distance / REACH).square()).clamp(min=0.0).sqrt())
    weights: Tensor = torch.sinc(distance) * window / torch.special.i0(distance.new_tensor(KAISER_BETA))
    return weights * (distance.abs() < REACH)


def kernel_polynomials() -> Tensor:
    """Coefficients [DEGREE + 1, 2 REACH], float64: each tap's weight as a polynomial of 2 f - 1 (f: fraction of a frame)."""
    nodes = torch.cos(math.pi * (torch.arange(64, dtype=torch.float64) + 0.5) / 64)
    weights = kernel(((nodes + 1.0) / 2.0).unsqueeze(-1) - _taps(nodes.device))
    return torch.from_numpy(np.polynomial.polynomial.polyfit(nodes.numpy(), weights.numpy(), DEGREE))


def _taps(device: torch.device) -> Tensor:
    return torch.arange(1 - REACH, REACH + 1, device=device)


def _widened(values: Tensor, convolution: nn.ConvTranspose1d | nn.Conv1d) -> Tensor:
    """Values [B, C, n] -> [B, C', 4 n]."""
    if isinstance(convolution, nn.ConvTranspose1d):
        return functional.conv_transpose1d(values, convolution.weight, convolution.bias, STRIDE, 11, 1)
    return functional.conv1d(values.repeat_interleave(STRIDE, 2), convolution.weight, convolution.bias, padding=KERNEL // 2)


def _uniform(parameter: Tensor, inputs: float, generator: torch.Generator) -> None:
    bound = math.sqrt(6.0 / inputs)
    nn.init.uniform_(parameter, -bound, bound, generator=generator)
