"""What the laboratory asks of a decoder: a network that turns latents and times into samples."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

import torch
from pydantic import Field
from torch import Tensor, nn

from training.config import Count, NetworkConfig, OptimiserConfig, Positive


class DecoderConfig(NetworkConfig):
    """[network] of every decoder: a family subclasses it and builds itself of it."""

    latent: Count = 64
    latent_deviation: Positive = 0.3
    """Standard deviation of the latents when training starts."""
    envelope: Annotated[int, Field(ge=0)] = 0
    """Knots of each sound's loudness, over which the network is a factor; 0: none. At least 2."""

    sizes: ClassVar[tuple[str, ...]] = ("latent",)
    """Keys that hold widths: numbers, or tuples of them. A family adds its own."""

    def scaled(self, factor: float) -> Self:
        """The same network with all its widths (the mapping's and the latent's too) times `factor`, each at least 1.

        For the small forms that train on a CPU: the number of layers, the omegas and all else stay.
        """
        return self.model_copy(update={key: _scaled(getattr(self, key), factor) for key in self.sizes})

    def build(self, conditions: int, frames: int, generator: torch.Generator) -> "Decoder":
        """The network.

        `conditions` counts what the mapping takes beside the latent, `frames` the samples that the times [-1, 1] span.
        """
        raise NotImplementedError


class Decoder(nn.Module, ABC):
    """Conditions [B, C] (latent first) -> modulations, at control rate; times [B, T] and modulations -> samples [B, T].

    The split is the instrument's: what `modulations` computes becomes mapping.onnx, `forward` becomes field.onnx.
    """

    config: DecoderConfig
    sloped: ClassVar[bool] = True
    """Whether `forward` can be differentiated by time: a table's samples cannot."""

    @property
    @abstractmethod
    def modulation_shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Name -> shape of a row of each modulation, in the order in which `modulations` gives and `forward` takes them."""

    @abstractmethod
    def modulations(self, conditions: Tensor) -> tuple[Tensor, ...]:
        """Modulations [B, *shape] of conditions [B, C]."""

    @abstractmethod
    def forward(self, time: Tensor, *modulations: Tensor) -> Tensor:
        """Samples [B, T] at times [B, T] in [-1, 1]."""

    @abstractmethod
    def regularised(self) -> list[Tensor]:
        """The INR's weights (not those of the mapping), as they are without omega: what weight regularisation holds small."""

    @abstractmethod
    def macs_per_sample(self) -> int:
        """Multiply-adds of `forward` for one sample."""

    def parameter_groups(self, optimiser: OptimiserConfig) -> list[dict[str, Any]]:
        """Optimiser groups of all parameters; see Experiment.parameter_groups."""
        del optimiser
        return [{"params": list(self.parameters())}]

    def advance(self, progress: float) -> None:
        """Told before each step which share 0..1 of the training is done; for networks that grow."""

    def mean_square_weight(self) -> Tensor:
        """Mean square of the regularised weights."""
        return torch.cat([weight.flatten() for weight in self.regularised()]).square().mean()


def _scaled(size: int | tuple[int, ...], factor: float) -> int | tuple[int, ...]:
    if isinstance(size, tuple):
        return tuple(max(1, round(each * factor)) for each in size)
    return max(1, round(size * factor))


def parameter_count(module: nn.Module) -> int:
    """Learnt numbers of a network; a weight-normed layer's gains count as well."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)
