"""Every decoder of time as an Experiment: recordings, a network, and latents that some inference finds."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sirenade.errors import TrainingError
from training import distributed
from training.config import Config
from training.data import Sound, fit_length
from training.experiments import Evaluation, Reconstruction
from training.export.decoder import decoder_parts
from training.export.parts import InstrumentParts
from training.latents.build import build_inference
from training.latents.stepped import Stepped
from training.metrics import METRICS
from training.models import between, envelope
from training.models.compiled import compiled
from training.models.coordinates import Batch, Coordinates
from training.models.decoder import DecoderConfig
from training.models.mapping import normalised_pitch

EVALUATION_FRAMES = 8192


def build(config: Config, sounds: Sequence[Sound], device: torch.device) -> "DecoderExperiment":
    """DecoderExperiment for the registry. Raises TrainingError where there are no sounds."""
    return DecoderExperiment(config, sounds, device)


class DecoderExperiment:
    """Decoder, latents [K, D] and recordings [S, T] (S sounds, K anchors)."""

    metrics: Sequence[str] = tuple(METRICS)

    def __init__(self, config: Config, sounds: Sequence[Sound], device: torch.device) -> None:
        if not sounds or not isinstance(config.network, DecoderConfig):
            raise TrainingError("there are no sounds to fit.")
        self.config, self.sounds, self.device = config, tuple(sounds), device
        self.frames = max(2, round(config.data.seconds * config.data.rate))
        generator = torch.Generator().manual_seed(config.seed)
        self.network = config.network.build(len(config.conditions), self.frames, generator).to(device)
        if config.derivative_form == "analytic" and not self.network.sloped:
            raise TrainingError(f"{config.model} has no slope of its own; set derivative_form=difference.")
        if distributed.world() > 1 and config.inference.mmd and config.inference.method == "inner-step":
            raise TrainingError("inner-step with mmd cannot be shared by several processes; train with one.")
        self._field = compiled(self.network, config) if config.compile else self.network
        self.anchor_names, self.anchor_of = _anchors(self.sounds, config.latents)
        self._anchor_of = torch.tensor(self.anchor_of, device=device)
        self._recordings = torch.from_numpy(fit_length(sounds, self.frames)).to(device)
        self.inference = build_inference(config, config.network, self._anchor_recordings(), generator).to(device)
        self._coordinates = Coordinates(config, self._recordings)
        self._weights = _weights(self._recordings, config.balance)
        self.knots = self._measured_knots(config.network.envelope)
        self._conditions = _conditions(self.sounds, config.conditions).to(device)

    @property
    def latents(self) -> Tensor:
        """The anchors' latents [K, D] as the instrument keeps them, detached."""
        with torch.no_grad():
            return self.inference.table().detach()

    def parameter_groups(self) -> list[dict[str, Any]]:
        """The decoder's groups, then the latents'."""
        optimiser = self.config.optimiser
        groups = [*self.network.parameter_groups(optimiser), *self.inference.parameter_groups(optimiser)]
        return [group for group in groups if group["params"]]

    def loss(self, generator: torch.Generator, progress: float = 0.0) -> dict[str, Tensor]:
        """MSE, MSE of the derivative, and the regularisation of weights (thesis sections 4.7 and 5.4).

        And the energy of images: what lies above the recordings' Nyquist frequency (training/models/between.py). Where several
        processes train, each has the same batch and gives its share of every term: their sums are the terms.
        """
        self.network.advance(progress)
        batch = self._coordinates.draw(generator)
        mine = distributed.share(batch.whole)
        part = batch.share(mine)
        latents = self.inference(
            self._anchor_of[batch.sounds], lambda latents: self._reconstruction(part, latents[mine])["total"], generator
        )
        terms = self._reconstruction(part, latents[mine])
        total = terms.pop("total")
        for name, penalty in self.inference.penalties(latents).items():
            terms[name] = penalty / distributed.world()
            total = total + terms[name]
        if self.config.optimiser.weight_regularisation:
            terms["weights"] = self.network.mean_square_weight() / distributed.world()
            total = total + self._regularisation(progress) * terms["weights"]
        return {"total": total, **terms}

    def shared_tables(self) -> list[Tensor]:
        """What a step of `loss` moves by itself, each process the rows of its share."""
        return list(self.inference.buffers()) if isinstance(self.inference, Stepped) else []

    def _regularisation(self, progress: float) -> float:
        """Factor of the weights' mean square, equation 5.1: lambda / 2, or on its way down to zero (section 5.4.1)."""
        factor = 0.5 * self.config.optimiser.weight_regularisation
        falling = self.config.optimiser.weight_regularisation_course == "falling"
        return factor * max(0.0, 1.0 - 2.0 * progress) if falling else factor

    def state_dict(self) -> dict[str, Tensor]:
        """Network and latent inference."""
        parts = {"network": self.network, "inference": self.inference}
        return {f"{part}.{name}": value for part, module in parts.items() for name, value in module.state_dict().items()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take over network and latents. Raises TrainingError where they are another network's."""
        if "latents" in state:  # as checkpoints of earlier versions call them
            state = {
                **{name: value for name, value in state.items() if name != "latents"},
                "inference.latents": state["latents"],
            }
        try:
            for part, module in (("network.", self.network), ("inference.", self.inference)):
                found = {name.removeprefix(part): value for name, value in state.items() if name.startswith(part)}
                module.load_state_dict(found)
        except (RuntimeError, KeyError):
            raise TrainingError("the checkpoint belongs to another network or data set; train anew.") from None

    @torch.no_grad()
    def evaluate(self) -> Evaluation:
        """Every recording beside its reconstruction."""
        rate = self.config.data.rate
        reconstructions = []
        for index, sound in enumerate(self.sounds):
            reconstructions.append(Reconstruction(sound.name, self.recording(index), self.reconstruct(index), rate))
        return Evaluation.of(reconstructions, self.metrics)

    def recording(self, index: int) -> NDArray[np.float32]:
        """The sound `index` as it was recorded, float32 [T]."""
        samples: NDArray[np.float32] = self._recordings[index].cpu().numpy()
        return samples

    @torch.no_grad()
    def reconstruct(self, index: int, rate: float | None = None) -> NDArray[np.float32]:
        """The whole sound `index` as float32 [T], sampled at `rate` Hz (default: the recordings' rate)."""
        chosen = torch.tensor([index], device=self.device)
        return self.render(chosen, self.latents[self._anchor_of[chosen]], rate)

    @torch.no_grad()
    def render(self, chosen: Tensor, latents: Tensor, rate: float | None = None) -> NDArray[np.float32]:
        """The whole sound `chosen` [1] with latents [1, D], float32 [T]; chosen gives pitch, velocity and envelope."""
        wanted = rate or self.config.data.rate
        frames = round(self.frames * wanted / self.config.data.rate)
        modulations = self.network.modulations(self.conditions(chosen, latents))
        pieces = []
        for start in range(0, frames, EVALUATION_FRAMES):
            places = torch.arange(start, min(start + EVALUATION_FRAMES, frames), dtype=torch.float64, device=self.device)
            times = self._times(places[None] * (self.config.data.rate / wanted))
            pieces.append(self._shaped(self.network(times, *modulations), chosen, times).float()[0])
        return torch.cat(pieces).cpu().numpy()

    def conditions(self, indices: Tensor, latents: Tensor) -> Tensor:
        """The mapping's input [B, C] for latents [B, D] of the sounds `indices`."""
        return torch.cat([latents, self._conditions[indices]], dim=1)

    def parts(self) -> InstrumentParts:
        """The instrument's parts (training/export/decoder.py)."""
        return decoder_parts(self)

    def _reconstruction(self, batch: Batch, latents: Tensor) -> dict[str, Tensor]:
        """Terms of the reconstruction; "total" is their weighted sum."""
        config, times = self.config, self._times(batch.places)
        error, rising = self._errors(batch, latents, times)
        if len(self.knots):
            loudness = self._loudness_weights(batch.sounds, times)
            error, rising = error * loudness, rising * loudness[:, : rising.shape[1]]
        error, dense = error[:, : batch.inside], error[:, batch.inside :]
        if config.derivative_form == "difference":
            rising = _difference(error.view(len(error), -1, batch.run)).flatten(1)
        shares = self._weights[batch.sounds] / batch.whole
        terms = {
            "mse": (shares * error.square().mean(1)).sum(),
            "derivative": (shares * rising.square().mean(1)).sum(),
        }
        total = terms["mse"] + config.derivative * terms["derivative"]
        if config.image_penalty:
            terms["image"] = (shares * between.above_band(dense).square().mean(1)).sum()
            total = total + config.image_penalty * terms["image"]
        return {**terms, "total": total}

    def _errors(self, batch: Batch, latents: Tensor, times: Tensor) -> tuple[Tensor, Tensor]:
        """Errors [B, T] of samples at `times`, and of slopes per frame [B, inside] where those are analytic, else [B, 0].

        A slope is carried along with its sample (forward mode), so it costs about as much again, and one backward pass
        differentiates both.
        """
        analytic = self.config.derivative_form == "analytic"
        if not analytic:
            return self._samples(batch.sounds, latents, times) - batch.wanted, batch.slopes
        inside, dense = times[:, : batch.inside], times[:, batch.inside :]
        found, slopes, *_ = torch.func.jvp(
            partial(self._samples, batch.sounds, latents), (inside,), (torch.full_like(inside, 2.0 / self.frames),)
        )
        if dense.shape[1]:
            found = torch.cat([found, self._samples(batch.sounds, latents, dense)], 1)
        return found - batch.wanted, slopes - batch.slopes

    def _samples(self, chosen: Tensor, latents: Tensor, times: Tensor) -> Tensor:
        """What the model makes of sounds [B] with latents [B, D] at times [B, T]."""
        modulations = self.network.modulations(
            self.conditions(chosen, latents)
        )  # float32: they are added to omegas of thousands
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.precision == "bfloat16"):
            samples = self._field(times, *modulations)
        return self._shaped(samples.float(), chosen, times)

    def _shaped(self, samples: Tensor, chosen: Tensor, times: Tensor) -> Tensor:
        return samples * self._gain(chosen, times) if len(self.knots) else samples

    def _gain(self, chosen: Tensor, times: Tensor) -> Tensor:
        return envelope.gain(self._knots[self._anchor_of[chosen]], times)

    def _loudness_weights(self, chosen: Tensor, times: Tensor) -> Tensor:
        """Weights of errors at times [B, T]: halfway (in dB) between an even signal-to-noise ratio and even noise."""
        gain = self._gain(chosen, times)
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

    def _anchor_recordings(self) -> Tensor:
        """The first recording [K, T] of each anchor."""
        return self._recordings[[self.anchor_of.index(anchor) for anchor in range(len(self.anchor_names))]]


def _difference(samples: Tensor) -> Tensor:
    """Forward difference along the runs [B, S, n]; of single samples, from one to the next of the same sound."""
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
