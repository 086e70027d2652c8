"""The FiLM family as an Experiment: an autodecoder that fits one latent per note or per instrument."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sirenade.errors import TrainingError
from training.config import Config
from training.data import Sound, fit_length
from training.experiments import Evaluation, Reconstruction
from training.export.film import film_parts
from training.export.parts import InstrumentParts
from training.metrics import METRICS
from training.models import between, envelope
from training.models.film import FilmConfig, FilmSiren
from training.models.mapping import normalised_pitch

EVALUATION_FRAMES = 8192


def build(config: Config, sounds: Sequence[Sound], device: torch.device) -> "FilmExperiment":
    """FilmExperiment for the registry. Raises TrainingError where there are no sounds."""
    return FilmExperiment(config, sounds, device)


class FilmExperiment:
    """Network, latents [K, D] and recordings [S, T] (S sounds, K latents)."""

    metrics: Sequence[str] = tuple(METRICS)

    def __init__(self, config: Config, sounds: Sequence[Sound], device: torch.device) -> None:
        if not sounds or not isinstance(config.network, FilmConfig):
            raise TrainingError("there are no sounds to fit.")
        self.config, self.sounds, self.device = config, tuple(sounds), device
        self.frames = max(2, round(config.data.seconds * config.data.rate))
        generator = torch.Generator().manual_seed(config.seed)
        self.network = FilmSiren(config.network, len(config.conditions), generator).to(device)
        self.anchor_names, self.anchor_of = _anchors(self.sounds, config.latents)
        spread = config.network.latent_deviation
        table = torch.randn(len(self.anchor_names), config.network.latent, generator=generator) * spread
        self.latents = nn.Parameter(table.to(device))
        self._anchor_of = torch.tensor(self.anchor_of, device=device)
        self._recordings = torch.from_numpy(fit_length(sounds, self.frames)).to(device)
        self._between = between.Recordings(self._recordings)
        self._weights = _weights(self._recordings, config.balance)
        self.knots = self._measured_knots(config.network.envelope)
        self._conditions = _conditions(self.sounds, config.conditions).to(device)

    def parameter_groups(self) -> list[dict[str, Any]]:
        """First layer (almost frozen where weights are folded), hidden matrices for Muon, the other layers, latents."""
        network, optimiser = self.network.config, self.config.optimiser
        first = list(self.network.sines[0].parameters())
        hidden = self.network.hidden_matrices() if optimiser.name == "muon" else []
        known = {id(parameter) for parameter in [*first, *hidden]}
        others = [parameter for parameter in self.network.parameters() if id(parameter) not in known]
        return [
            {"params": first, "lr_scale": network.first_lr_scale if network.folded else 1.0},
            *([{"params": hidden, "lr_scale": optimiser.matrix_lr / optimiser.lr, "matrices": True}] if hidden else []),
            {"params": others},
            {"params": [self.latents], "lr_scale": (optimiser.latent_lr or optimiser.lr) / optimiser.lr},
        ]

    def loss(self, generator: torch.Generator) -> dict[str, Tensor]:
        """MSE, MSE of the forward difference, and the regularisation of weights (thesis sections 4.7 and 5.4).

        And the energy of images: what lies above the recordings' Nyquist frequency (training/models/between.py).
        """
        config = self.config
        chosen = torch.randperm(len(self.sounds), generator=generator)[: config.batch]
        starts, windows = self._starts(len(chosen), generator), self._windows(len(chosen), generator)
        chosen, starts, windows = chosen.to(self.device), starts.to(self.device), windows.to(self.device)
        segment = torch.arange(min(config.segment, self.frames), device=self.device)
        runs = self._between.runs(chosen, starts, len(segment))
        places, wanted = (starts.unsqueeze(-1) + segment).flatten(1), runs.flatten(1)
        inside = places.shape[1]
        if config.image_penalty:
            places = torch.cat([places, between.points(windows)], 1)
            wanted = torch.cat([wanted, self._between.windows(chosen, windows)], 1)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=config.precision == "bfloat16"):
            found = self._samples(chosen, self._times(places))
        error = found.float() - wanted
        if len(self.knots):
            error = error * self._loudness_weights(chosen, places)
        error, dense = error[:, :inside], error[:, inside:]
        weights, change = self._weights[chosen], _difference(error.view(runs.shape))
        terms = {
            "mse": (weights * error.square().mean(1)).mean(),
            "derivative": (weights * change.square().flatten(1).mean(1)).mean(),
        }
        total = terms["mse"] + config.derivative * terms["derivative"]
        if config.image_penalty:
            terms["image"] = (weights * between.above_band(dense).square().mean(1)).mean()
            total = total + config.image_penalty * terms["image"]
        if config.optimiser.weight_regularisation:
            terms["weights"] = self.network.mean_square_weight()
            total = total + config.optimiser.weight_regularisation * terms["weights"]
        return {"total": total, **terms}

    def state_dict(self) -> dict[str, Tensor]:
        """Network and latents."""
        return {"latents": self.latents.detach(), **{f"network.{k}": v for k, v in self.network.state_dict().items()}}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take over network and latents. Raises TrainingError where they are another network's."""
        weights = {key.removeprefix("network."): value for key, value in state.items() if key != "latents"}
        try:
            self.network.load_state_dict(weights)
            with torch.no_grad():
                self.latents.copy_(state["latents"])
        except (RuntimeError, KeyError):
            raise TrainingError("the checkpoint belongs to another network or data set; train anew.") from None

    @torch.no_grad()
    def evaluate(self) -> Evaluation:
        """Every recording beside its reconstruction."""
        rate = self.config.data.rate
        reconstructions = []
        for index, sound in enumerate(self.sounds):
            reference = self._recordings[index].cpu().numpy()
            reconstructions.append(Reconstruction(sound.name, reference, self.reconstruct(index), rate))
        return Evaluation.of(reconstructions, self.metrics)

    @torch.no_grad()
    def reconstruct(self, index: int, rate: float | None = None) -> NDArray[np.float32]:
        """The whole sound `index` as float32 [T], sampled at `rate` Hz (default: the recordings' rate)."""
        wanted = rate or self.config.data.rate
        frames = round(self.frames * wanted / self.config.data.rate)
        chosen = torch.tensor([index], device=self.device)
        pieces = []
        for start in range(0, frames, EVALUATION_FRAMES):
            places = torch.arange(start, min(start + EVALUATION_FRAMES, frames), dtype=torch.float64, device=self.device)
            places = places * (self.config.data.rate / wanted)
            pieces.append(self._samples(chosen, self._times(places[None])).float()[0])
        return torch.cat(pieces).cpu().numpy()

    def conditions(self, indices: Tensor) -> Tensor:
        """The mapping's input [B, C] for the sounds `indices`."""
        return torch.cat([self.latents[self._anchor_of[indices]], self._conditions[indices]], dim=1)

    def parts(self) -> InstrumentParts:
        """The instrument's parts (training/export/film.py)."""
        return film_parts(self)

    def _samples(self, chosen: Tensor, times: Tensor) -> Tensor:
        gamma, beta = self.network.modulations(self.conditions(chosen))
        samples: Tensor = self.network(times, gamma, beta)
        return samples * self._gain(chosen, times) if len(self.knots) else samples

    def _gain(self, chosen: Tensor, times: Tensor) -> Tensor:
        return envelope.gain(self._knots[self._anchor_of[chosen]], times)

    def _loudness_weights(self, chosen: Tensor, places: Tensor) -> Tensor:
        """Weights of errors at frames [B, T]: halfway (in dB) between an even signal-to-noise ratio and even noise."""
        gain = self._gain(chosen, self._times(places))
        loudest = self._knots[self._anchor_of[chosen]].amax(1, keepdim=True).exp()
        return (gain * loudest).rsqrt()

    def _measured_knots(self, count: int) -> NDArray[np.float32]:
        """Knots [K, count] of each anchor's envelope: the mean over its sounds."""
        if count < 2:
            return np.zeros((0, 0), np.float32)
        each, owners = envelope.measure_knots(self._recordings.cpu().numpy(), count), np.array(self.anchor_of)
        knots = np.stack([each[owners == anchor].mean(axis=0) for anchor in range(len(self.anchor_names))])
        self._knots = torch.from_numpy(knots).to(self.device)
        return knots

    def _times(self, places: Tensor) -> Tensor:
        """Frames [B, T] as the network's time: 0 s is -1, data.seconds is 1."""
        return (places.double() * (2.0 / self.frames) - 1.0).float()

    def _starts(self, count: int, generator: torch.Generator) -> Tensor:
        """First frames [count, segments] of evenly spaced runs of neighbours, with a random phase per sound."""
        segment = min(self.config.segment, self.frames)
        segments = max(1, min(self.config.coordinates, self.frames) // segment)
        spacing = self.frames / segments
        phases = torch.rand(count, 1, dtype=torch.float64, generator=generator) * spacing
        starts = (phases + torch.arange(segments) * spacing).clamp(max=self.frames - segment)
        return starts if self.config.off_grid else starts.floor()

    def _windows(self, count: int, generator: torch.Generator) -> Tensor:
        """First frames [count] of dense windows anywhere in each sound."""
        last = max(0, self.frames - between.WINDOW // between.DENSE)
        return torch.rand(count, dtype=torch.float64, generator=generator) * last


def _difference(samples: Tensor) -> Tensor:
    """Forward difference along the segments [B, S, n]; of single samples, from one to the next of the same sound."""
    return samples.flatten(1).diff() if samples.shape[2] == 1 else samples.diff()


def _weights(recordings: Tensor, balance: float) -> Tensor:
    """[S]: energy to the power of -balance, with a mean of one; silent sounds count as 60 dB below full scale."""
    weights = recordings.square().mean(1).clamp(min=1e-6).pow(-balance)
    return weights / weights.mean()


def _anchors(sounds: Sequence[Sound], latents: str) -> tuple[tuple[str, ...], list[int]]:
    names = [sound.instrument or sound.name for sound in sounds] if latents == "instrument" else [s.name for s in sounds]
    unique = tuple(dict.fromkeys(names)) if latents == "instrument" else tuple(names)
    return unique, [unique.index(name) for name in names] if latents == "instrument" else list(range(len(names)))


def _conditions(sounds: Sequence[Sound], names: Sequence[str]) -> Tensor:
    columns = {
        "pitch": normalised_pitch(torch.tensor([sound.pitch for sound in sounds])),
        "velocity": torch.tensor([sound.velocity for sound in sounds]),
    }
    return torch.stack([columns[name] for name in names], 1) if names else torch.zeros(len(sounds), 0)
