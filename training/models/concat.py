"""Networks that latents enter by concatenation: SIRENs (DeepSDF's and IM-NET's ways; the thesis, sections 4.6.1 and 5.3.1).

A layer that is told of the latent computes  y = act(omega * (W x + U z + c t + b))  with the mapped latent z and, but for the
first layer, whose x is the time itself, the coordinate t again. U z is the same for all samples of a sound: it is the
modulation, so what a sample costs is W x + c t only.
"""

from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from training.config import Count, Positive
from training.models.decoder import Decoder, DecoderConfig
from training.models.mapping import Perceptron
from training.models.siren import RELU_SLOPE, first_layer, for_products, hidden_layer, output_layer

IMNET_DEVIATION = 0.02
"""of IM-NET's weights when training starts (Chen and Zhang 2019)"""


class ConcatConfig(DecoderConfig):
    """[network] of the concatenation family."""

    widths: Annotated[tuple[Count, ...], Field(min_length=1)] = (256,) * 8
    """Units of each layer."""
    activation: Literal["sine", "relu"] = "sine"
    """relu: leaky ReLUs (0.02) and a tanh at the output, all starting as IM-NET does."""
    told: Literal["middle", "all"] = "all"
    """Which layers the latent enters beside the first: the one in the middle, or every one before the output."""
    mapping_width: Count = 256
    mapping_layers: Annotated[int, Field(ge=0)] = 2
    """Leaky-ReLU layers of the mapping before its linear one."""
    code: Annotated[int, Field(ge=0)] = 256
    """Size of the mapped latent; 0: no mapping, the latent itself enters."""
    omega_first: Positive = 1760.0
    omega_hidden: Positive = 245.0
    omega_output: Positive = 30.0
    """Only scales the last layer's weights when training starts (sine networks)."""
    coordinate: Positive = 1.0
    """Factor on the time in [-1, 1]; the study searched 1 to 3000 for IM-NET."""

    sizes: ClassVar[tuple[str, ...]] = ("latent", "widths", "mapping_width", "code")

    def build(self, conditions: int, frames: int, generator: torch.Generator) -> "ConcatNetwork":
        """The network."""
        del frames
        return ConcatNetwork(self, conditions, generator)

    @property
    def told_layers(self) -> tuple[int, ...]:
        """Indices of the layers that the latent enters."""
        count = len(self.widths)
        return tuple(range(count)) if self.told == "all" else tuple(sorted({0, count // 2}))


@dataclass(frozen=True)
class ConcatLayer:
    """y = act(factor * (weight x + coordinate t + bias + shift)) with t in [-1, 1], float64; no shift where it is not told."""

    weight: Tensor | None
    """[H, inputs]; None: the first layer"""
    coordinate: Tensor | None
    """[H]"""
    bias: Tensor
    factor: float
    shift: tuple[int, int] | None
    """Where in the modulation its shifts stand."""


class ConcatNetwork(Decoder):
    """Layers told of the latent; U z of all told layers, [B, their units], is its one modulation."""

    config: ConcatConfig

    def __init__(self, config: ConcatConfig, conditions: int, generator: torch.Generator) -> None:
        """`conditions` counts what is known beside the latent."""
        super().__init__()
        self.config = config
        known = config.latent + conditions
        self.mapping = None
        if config.code:
            sizes = (known, *[config.mapping_width] * config.mapping_layers, config.code)
            self.mapping = Perceptron(sizes, 1.0, generator)
        code = config.code or known
        layers, told = [], config.told_layers
        for index, (inputs, width) in enumerate(zip((0, *config.widths), config.widths, strict=False)):
            entering = inputs + (1 + code if index in told else 0)
            layers.append(self._starting(entering, width, index == 0, generator))
        self.layers = nn.ModuleList(layers)
        self.output = output_layer(config.widths[-1], config.omega_output, generator)
        if config.activation == "relu":
            nn.init.normal_(self.output.weight, 0.0, IMNET_DEVIATION, generator=generator)

    @property
    def _linears(self) -> list[nn.Linear]:
        return [layer for layer in self.layers if isinstance(layer, nn.Linear)]

    @property
    def _sine(self) -> bool:
        return self.config.activation == "sine"

    def _starting(self, inputs: int, width: int, first: bool, generator: torch.Generator) -> nn.Linear:
        if self._sine and first:
            return first_layer(width, generator, inputs)
        if self._sine:
            return hidden_layer(inputs, width, self.config.omega_hidden, generator)
        layer = nn.Linear(inputs, width)
        nn.init.normal_(layer.weight, 0.0, IMNET_DEVIATION, generator=generator)
        nn.init.zeros_(layer.bias)
        return layer

    @property
    def modulation_shapes(self) -> Table[str, tuple[int, ...]]:
        """shift"""
        return {"shift": (sum(self.config.widths[index] for index in self.config.told_layers),)}

    def modulations(self, conditions: Tensor) -> tuple[Tensor, ...]:
        """Shifts [B, units of the told layers] of conditions [B, C]."""
        code = self.mapping(conditions) if self.mapping is not None else conditions
        return (code @ self.latent_weights().T,)

    def latent_weights(self) -> Tensor:
        """U of all told layers [their units, code]."""
        return torch.cat([self._parts(index)[2] for index in self.config.told_layers])

    def forward(self, time: Tensor, *modulations: Tensor) -> Tensor:
        """Samples [B, T] at times [B, T] for shifts [B, units of the told layers]."""
        (shifts,) = modulations
        scaled, spans = (time * self.config.coordinate).unsqueeze(-1), self.spans()
        values = scaled
        for index, layer in enumerate(self._linears):
            weight, column, _ = self._parts(index)
            if index in spans:
                start, end = spans[index]
                known = torch.addcmul((layer.bias + shifts[:, start:end]).unsqueeze(1), scaled, column)
                sums = known + values @ weight.T if index else known
            elif self._sine and torch.is_autocast_enabled(time.device.type):
                omega = self.omega(index)  # multiplied before the sum is rounded
                values = torch.sin(nn.functional.linear(values, weight * omega, for_products(layer.bias * omega)))
                continue
            else:
                sums = nn.functional.linear(values, weight, layer.bias)
            values = torch.sin(sums * self.omega(index)) if self._sine else nn.functional.leaky_relu(sums, RELU_SLOPE)
        samples: Tensor = self.output(values).squeeze(-1)
        return samples if self._sine else torch.tanh(samples)

    def spans(self) -> dict[int, tuple[int, int]]:
        """Told layer -> where in the modulation its shifts stand."""
        spans, start = {}, 0
        for index in self.config.told_layers:
            spans[index] = (start, start + self.config.widths[index])
            start += self.config.widths[index]
        return spans

    def omega(self, index: int) -> float:
        """omega of a layer; 1 where there are no sines."""
        if not self._sine:
            return 1.0
        return self.config.omega_hidden if index else self.config.omega_first

    def plain_layers(self) -> list[ConcatLayer]:
        """The layers before the output, for an export."""
        spans, plain = self.spans(), []
        for index, layer in enumerate(self._linears):
            weight, column, _ = (part.detach().double() for part in self._parts(index))
            coordinate = column * self.config.coordinate if index in spans else None
            bias = layer.bias.detach().double()
            plain.append(ConcatLayer(weight if index else None, coordinate, bias, self.omega(index), spans.get(index)))
        return plain

    def regularised(self) -> list[Tensor]:
        """All weights of the layers and of the output, those of the latent included."""
        return [layer.weight for layer in [*self._linears, self.output]]

    def macs_per_sample(self) -> int:
        """Multiply-adds of the products with the layer before and the coordinate; the latent's are done at control rate."""
        inner = sum(before * width for before, width in zip(self.config.widths, self.config.widths[1:], strict=False))
        return inner + sum(self.config.widths[index] for index in self.config.told_layers) + self.config.widths[-1]

    def _parts(self, index: int) -> tuple[Tensor, Tensor, Tensor]:
        """W [H, inputs], c [H] and U [H, code] of a layer; c and U are empty where it is not told."""
        whole = self._linears[index].weight
        inputs = self.config.widths[index - 1] if index else 0
        return whole[:, :inputs], whole[:, inputs : inputs + 1].squeeze(1), whole[:, inputs + 1 :]
