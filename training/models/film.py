"""FiLM-conditioned sine networks (pi-GAN as an audio INR; the thesis, sections 4.6 and 5.2).

Layer l computes  y = sin((omega_l + gamma_l) * (W x + b) + beta_l)  of the time u in [-1, 1]; the last layer is linear.
Stored plain, weights are small and omega multiplies them; stored folded, they hold omega already and the layer is
sin((1 + s_l * gamma_l) * (W x + b) + beta_l). The folded form takes far larger learning rates, provided that the first
layer's frequencies are almost frozen and gamma hardly touches them (s_1 small).

The study's ablations are the same network with other layers: ReLUs for sines (section 5.3), layers of several widths, and a
first layer whose omegas are many and come in group by group (progressive activation scaling, section 5.4.2).
"""

from collections.abc import Mapping as Table
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from training.config import Count, OptimiserConfig, Positive
from training.models.decoder import Decoder, DecoderConfig
from training.models.mapping import Mapping
from training.models.siren import RELU_SLOPE, first_layer, for_products, hidden_layer, output_layer, relu_layer

LOWEST_OMEGA = 1e-3
"""of the highest: many omegas are told apart by gamma / omega, so none may be zero"""


class FilmConfig(DecoderConfig):
    """[network] of the FiLM family."""

    layers: Count = 3
    """Sine layers."""
    width: Count = 64
    widths: tuple[Count, ...] = ()
    """Units of each layer, in place of `layers` times `width`."""
    sines: Literal["all", "first", "last", "none"] = "all"
    """Which layers are sines; the others are leaky ReLUs (0.02)."""
    mapping_width: Count = 128
    mapping_layers: Annotated[int, Field(ge=0)] = 2
    """Leaky-ReLU layers before the linear one; 0: a single affine layer."""
    mapping_scale: Positive = 0.25
    """Scale of the mapping's last layer when training starts."""
    shared: bool = False
    """One gamma and beta for all layers, as pi-GAN has it; else each layer has its own. Narrower layers take the first ones."""
    weight_norm: bool = False
    folded: bool = True
    """Store weights times omega."""
    omega_first: Positive = 1500.0
    groups: Annotated[int, Field(ge=0)] = 0
    """Above 0, each unit of the first layer has an omega of its own, drawn from 0 to omega_first; sorted, they come in by so
    many groups in the first half of the training."""
    first_power: Annotated[float, Field(ge=1.0)] = 1.0
    """The first layer's weights are uniform ones to this power: above 1, many low frequencies and a few high ones."""
    omega_hidden: Positive = 60.0
    omega_output: Positive = 5.0
    """Only scales the last layer's weights when training starts."""
    first_gamma_scale: Annotated[float, Field(ge=0.0)] = 0.003
    """s_1 (folded networks)."""
    first_lr_scale: Annotated[float, Field(ge=0.0)] = 0.003
    """Learning rate of the first layer over that of the others (folded networks)."""

    sizes: ClassVar[tuple[str, ...]] = ("latent", "width", "widths", "mapping_width")

    @model_validator(mode="after")
    def _groups_have_a_layer_after_them(self) -> Self:
        if self.groups and len(self.layer_widths) < 2:
            raise ValueError("groups of omegas need at least two layers")
        return self

    def build(self, conditions: int, frames: int, generator: torch.Generator) -> "FilmSiren":
        """The network."""
        del frames
        return FilmSiren(self, conditions, generator)

    @property
    def layer_widths(self) -> tuple[int, ...]:
        """Units of each layer."""
        return self.widths or (self.width,) * self.layers

    @property
    def layer_sines(self) -> tuple[bool, ...]:
        """Whether each layer is a sine."""
        last = len(self.layer_widths) - 1
        chosen = {"all": range(last + 1), "first": (0,), "last": (last,), "none": ()}[self.sines]
        return tuple(index in chosen for index in range(last + 1))


@dataclass(frozen=True)
class FoldedLayer:
    """y = act((1 + gamma_scale * gamma) * (weight x + bias) + beta): any layer with omega folded into its weights."""

    weight: Tensor
    bias: Tensor
    gamma_scale: float
    sine: bool = True
    """Else a leaky ReLU."""


class FilmSiren(Decoder):
    """Layers with FiLM: gamma and beta [B, layers or 1, widest] are its modulations.

    Where the first layer has many omegas, each has its own gamma over omega, so rows are per layer even if gamma is shared.
    """

    config: FilmConfig
    first_omegas: Tensor
    progress: Tensor

    def __init__(self, config: FilmConfig, conditions: int, generator: torch.Generator) -> None:
        """`conditions` counts what the mapping takes beside the latent."""
        super().__init__()
        self.config = config
        widths = config.layer_widths
        self.mapping = Mapping(
            config.latent + conditions,
            config.mapping_width,
            config.mapping_layers,
            1 if config.shared else len(widths),
            max(widths),
            config.mapping_scale,
            generator,
        )
        layers = _layers(config, generator)
        if config.groups:
            drawn = torch.rand(widths[0], generator=generator).sort().values * config.omega_first
            self.register_buffer("first_omegas", drawn.clamp(min=LOWEST_OMEGA * config.omega_first))
            self.register_buffer("progress", torch.zeros(()))
        output = output_layer(widths[-1], config.omega_output, generator)
        if config.folded:
            for layer, omega in zip(layers, self.omegas, strict=True):
                layer.weight.data *= omega  # biases are phases already
        if config.weight_norm:
            layers, output = [weight_norm(layer) for layer in layers], weight_norm(output)
        self.sines = nn.ModuleList(layers)
        self.output = output

    @property
    def _linears(self) -> list[nn.Linear]:
        return [layer for layer in self.sines if isinstance(layer, nn.Linear)]

    @property
    def modulation_shapes(self) -> Table[str, tuple[int, ...]]:
        """gamma and beta."""
        widths = self.config.layer_widths
        shape = (1 if self.one_row else len(widths), max(widths))
        return {"gamma": shape, "beta": shape}

    @property
    def one_row(self) -> bool:
        """Whether all layers take the same row of the modulations."""
        return self.config.shared and not self.config.groups

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
        """The weights between layers; none where they are weight-normed."""
        weights = [layer.weight for layer in self._linears[1:]]
        return [weight for weight in weights if isinstance(weight, nn.Parameter)]

    @property
    def omegas(self) -> tuple[Tensor | float, ...]:
        """omega of each layer; [width, 1] of a first layer that has many."""
        first = self.first_omegas.unsqueeze(1) if self.config.groups else self.config.omega_first
        return (first, *[self.config.omega_hidden] * (len(self.config.layer_widths) - 1))

    def advance(self, progress: float) -> None:
        """Let in the groups of first omegas whose time has come."""
        if self.config.groups:
            self.progress.fill_(progress)

    def first_mask(self) -> Tensor:
        """[width]: how far the units of the first layer are let in, 0..1 (section 5.4.2).

        A group fades in over the first half of its period and rests over the second; all periods fill half the training.
        """
        width, groups = len(self.first_omegas), self.config.groups
        group = torch.arange(width, device=self.progress.device) * groups // width
        return (2.0 * (self.progress * (2.0 * groups) - group)).clamp(0.0, 1.0)

    def modulations(self, conditions: Tensor) -> tuple[Tensor, Tensor]:
        """Gamma and beta [B, layers or 1, widest] of conditions [B, C]."""
        gamma, beta = self.mapping(conditions)
        if self.config.groups:
            layers = len(self.config.layer_widths)
            first = torch.nn.functional.pad(self.first_omegas, (0, gamma.shape[2] - len(self.first_omegas)), value=1.0)
            gamma = torch.cat([gamma[:, :1] / first, gamma.expand(-1, layers, -1)[:, 1:]], 1)
            beta = beta.expand(-1, layers, -1)
        return gamma, beta

    def forward(self, time: Tensor, *modulations: Tensor) -> Tensor:
        """Samples [B, T] at times [B, T] for gamma and beta [B, layers or 1, widest]."""
        gamma, beta = modulations
        values = time.unsqueeze(-1)
        for index, (layer, omega, sine) in enumerate(zip(self._linears, self.omegas, self.config.layer_sines, strict=True)):
            row, width = 0 if self.one_row else index, layer.out_features
            scale = 1.0 + self._gamma_scale(index) * gamma[:, row, :width]
            plain = layer.weight if self.config.folded else layer.weight * omega
            bias = layer.bias if self.config.folded else layer.bias * _flat(omega)
            # modulating weights, a set for each sound, is cheaper than modulating what they make of every sample
            weight, shift = (plain * scale.unsqueeze(2)).transpose(1, 2), (bias * scale + beta[:, row, :width]).unsqueeze(1)
            if sine and index:
                shift = for_products(shift)
            phases = torch.addcmul(shift, values, weight) if index == 0 else torch.baddbmm(shift, values, weight)
            values = torch.sin(phases) if sine else nn.functional.leaky_relu(phases, RELU_SLOPE)
            if index == 0 and self.config.groups:
                values = values * self.first_mask()
        samples: Tensor = self.output(values).squeeze(-1)
        return samples

    def folded_layers(self) -> list[FoldedLayer]:
        """The layers with weight norm, omega and mask folded in, float64, whatever form they are trained in."""
        folded = []
        for index, (layer, omega) in enumerate(zip(self._linears, self.omegas, strict=True)):
            weight, bias = layer.weight.detach().double(), layer.bias.detach().double()
            if not self.config.folded:
                weight, bias = weight * omega, bias * _flat(omega)
            folded.append(FoldedLayer(weight, bias, self._gamma_scale(index), self.config.layer_sines[index]))
        if self.config.groups:
            after = folded[1]
            folded[1] = replace(after, weight=after.weight * self.first_mask().double())
        return folded

    def regularised(self) -> list[Tensor]:
        """Weights of all layers without omega, and of the output layer."""
        plain = [
            layer.weight / (omega if self.config.folded else 1.0)
            for layer, omega in zip(self._linears, self.omegas, strict=True)
        ]
        return [*plain, self.output.weight]

    def macs_per_sample(self) -> int:
        """Multiply-adds of the matrix products."""
        return sum(layer.weight.numel() for layer in [*self._linears, self.output])

    def _gamma_scale(self, index: int) -> float:
        if self.config.folded:
            return self.config.first_gamma_scale if index == 0 else 1.0
        if index == 0:
            return 1.0 if self.config.groups else 1.0 / self.config.omega_first  # many: the modulations hold gamma / omega
        return 1.0 / self.config.omega_hidden


def _layers(config: FilmConfig, generator: torch.Generator) -> list[nn.Linear]:
    """The layers before the output, as they start."""
    widths, layers = config.layer_widths, []
    for index, (inputs, width, sine) in enumerate(zip((1, *widths), widths, config.layer_sines, strict=False)):
        omega = config.omega_hidden if index else config.omega_first
        if not sine:
            layers.append(relu_layer(inputs, width, omega, generator))
        elif index:
            layers.append(hidden_layer(inputs, width, omega, generator))
        else:
            layers.append(first_layer(width, generator))
            with torch.no_grad():
                first = layers[0].weight
                first.copy_(first.sign() * first.abs() ** config.first_power)
    return layers


def _flat(omega: Tensor | float) -> Tensor | float:
    return omega.squeeze(1) if isinstance(omega, Tensor) else omega
