"""FiLM-conditioned sine networks (pi-GAN as an audio INR; the thesis, sections 4.6 and 5.2).

Layer l computes  y = sin((omega_l + gamma_l) * (W x + b) + beta_l)  of the time u in [-1, 1]; the last layer is linear.
Stored plain, weights are small and omega multiplies them; stored folded, they hold omega already and the layer is
sin((1 + s_l * gamma_l) * (W x + b) + beta_l). The folded form takes far larger learning rates, provided that the first
layer's frequencies are almost frozen and gamma hardly touches them (s_1 small).
"""

from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from training.config import Count, OptimiserConfig, Positive
from training.models.decoder import Decoder, DecoderConfig
from training.models.mapping import Mapping
from training.models.siren import first_layer, hidden_layer, output_layer


class FilmConfig(DecoderConfig):
    """[network] of the FiLM family."""

    layers: Count = 3
    """Sine layers."""
    width: Count = 64
    mapping_width: Count = 128
    mapping_layers: Annotated[int, Field(ge=0)] = 2
    """Leaky-ReLU layers before the linear one."""
    mapping_scale: Positive = 0.25
    """Scale of the mapping's last layer when training starts."""
    shared: bool = False
    """One gamma and beta for all layers, as pi-GAN has it; else each layer has its own."""
    weight_norm: bool = False
    folded: bool = True
    """Store weights times omega."""
    omega_first: Positive = 1500.0
    first_power: Annotated[float, Field(ge=1.0)] = 1.0
    """The first layer's weights are uniform ones to this power: above 1, many low frequencies and a few high ones."""
    omega_hidden: Positive = 60.0
    omega_output: Positive = 5.0
    """Only scales the last layer's weights when training starts."""
    first_gamma_scale: Annotated[float, Field(ge=0.0)] = 0.003
    """s_1 (folded networks)."""
    first_lr_scale: Annotated[float, Field(ge=0.0)] = 0.003
    """Learning rate of the first layer over that of the others (folded networks)."""

    sizes: ClassVar[tuple[str, ...]] = ("latent", "width", "mapping_width")

    def build(self, conditions: int, frames: int, generator: torch.Generator) -> "FilmSiren":
        """The network."""
        del frames
        return FilmSiren(self, conditions, generator)


@dataclass(frozen=True)
class FoldedLayer:
    """y = sin((1 + gamma_scale * gamma) * (weight x + bias) + beta): any sine layer with omega folded into its weights."""

    weight: Tensor
    bias: Tensor
    gamma_scale: float


class FilmSiren(Decoder):
    """Sine layers with FiLM: gamma and beta [B, layers or 1, width] are its modulations."""

    config: FilmConfig

    def __init__(self, config: FilmConfig, conditions: int, generator: torch.Generator) -> None:
        """`conditions` counts what the mapping takes beside the latent."""
        super().__init__()
        self.config = config
        self.mapping = Mapping(
            config.latent + conditions,
            config.mapping_width,
            config.mapping_layers,
            1 if config.shared else config.layers,
            config.width,
            config.mapping_scale,
            generator,
        )
        sines = [first_layer(config.width, generator)]
        sines += [hidden_layer(config.width, config.omega_hidden, generator) for _ in range(config.layers - 1)]
        with torch.no_grad():
            first = sines[0].weight
            first.copy_(first.sign() * first.abs() ** config.first_power)
        output = output_layer(config.width, config.omega_output, generator)
        if config.folded:
            for layer, omega in zip(sines, self.omegas, strict=True):
                layer.weight.data *= omega  # biases are phases already
        if config.weight_norm:
            sines, output = [weight_norm(layer) for layer in sines], weight_norm(output)
        self.sines = nn.ModuleList(sines)
        self.output = output

    @property
    def _linears(self) -> list[nn.Linear]:
        return [layer for layer in self.sines if isinstance(layer, nn.Linear)]

    @property
    def modulation_shapes(self) -> Table[str, tuple[int, ...]]:
        """gamma and beta."""
        shape = (1 if self.config.shared else self.config.layers, self.config.width)
        return {"gamma": shape, "beta": shape}

    def parameter_groups(self, optimiser: OptimiserConfig) -> list[dict[str, Any]]:
        """First layer (almost frozen where weights are folded), hidden matrices for Muon, the other layers."""
        first = list(self.sines[0].parameters())
        hidden = self.hidden_matrices() if optimiser.name == "muon" else []
        known = {id(parameter) for parameter in [*first, *hidden]}
        others = [parameter for parameter in self.parameters() if id(parameter) not in known]
        return [
            {"params": first, "lr_scale": self.config.first_lr_scale if self.config.folded else 1.0},
            *([{"params": hidden, "lr_scale": optimiser.matrix_lr / optimiser.lr, "matrices": True}] if hidden else []),
            {"params": others},
        ]

    def hidden_matrices(self) -> list[nn.Parameter]:
        """The weights between sine layers; none where they are weight-normed."""
        weights = [layer.weight for layer in self._linears[1:]]
        return [weight for weight in weights if isinstance(weight, nn.Parameter)]

    @property
    def omegas(self) -> tuple[float, ...]:
        """omega of each sine layer."""
        return (self.config.omega_first, *[self.config.omega_hidden] * (self.config.layers - 1))

    def modulations(self, conditions: Tensor) -> tuple[Tensor, Tensor]:
        """Gamma and beta [B, layers or 1, width] of conditions [B, C]."""
        gamma, beta = self.mapping(conditions)
        return gamma, beta

    def forward(self, time: Tensor, *modulations: Tensor) -> Tensor:
        """Samples [B, T] at times [B, T] for gamma and beta [B, layers or 1, width]."""
        gamma, beta = modulations
        values = time.unsqueeze(-1)
        for index, (layer, omega) in enumerate(zip(self._linears, self.omegas, strict=True)):
            row = 0 if self.config.shared else index
            scale = 1.0 + self._gamma_scale(index) * gamma[:, row] if self.config.folded else omega + gamma[:, row]
            # modulating weights, a set for each sound, is cheaper than modulating what they make of every sample
            weight, shift = (
                (layer.weight * scale.unsqueeze(2)).transpose(1, 2),
                (layer.bias * scale + beta[:, row]).unsqueeze(1),
            )
            phases = torch.addcmul(shift, values, weight) if index == 0 else torch.baddbmm(shift, values, weight)
            values = torch.sin(phases)
        samples: Tensor = self.output(values).squeeze(-1)
        return samples

    def folded_layers(self) -> list[FoldedLayer]:
        """The sine layers with weight norm and omega folded in, float64, whatever form they are trained in."""
        folded = []
        for index, (layer, omega) in enumerate(zip(self._linears, self.omegas, strict=True)):
            factor, scale = (1.0, self._gamma_scale(index)) if self.config.folded else (omega, 1.0 / omega)
            weight, bias = layer.weight.detach().double() * factor, layer.bias.detach().double() * factor
            folded.append(FoldedLayer(weight, bias, scale))
        return folded

    def regularised(self) -> list[Tensor]:
        """Weights of sine layers without omega, and of the output layer."""
        plain = [
            layer.weight / (omega if self.config.folded else 1.0)
            for layer, omega in zip(self._linears, self.omegas, strict=True)
        ]
        return [*plain, self.output.weight]

    def macs_per_sample(self) -> int:
        """Multiply-adds of the matrix products."""
        return sum(layer.weight.numel() for layer in [*self._linears, self.output])

    def _gamma_scale(self, index: int) -> float:
        return self.config.first_gamma_scale if index == 0 else 1.0
