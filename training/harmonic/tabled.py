"""What experiments on analysed notes share: a latent an instrument in a table, and notes that are scored beside recordings."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sirenade.errors import TrainingError
from training.config import Config
from training.data import Sound
from training.experiments import Evaluation, Reconstruction
from training.harmonic.notes import Notes, nominal_hz
from training.report import HELD_OUT

Floats = NDArray[np.float64]

PITCH_MARGIN = 2.0
"""Semitones beyond the lowest and the highest note that a network can be asked for"""
BANDWIDTH_SHARE = 0.985
"""of half the rate"""


class TabledExperiment:
    """Latents [I, D], one an instrument, beside networks that a model adds. It draws its numbers from `generator` in order."""

    metrics: Sequence[str] = ("lsd_db", "multi_stft", "hiss_db")

    def __init__(
        self, config: Config, sounds: Sequence[Sound], notes: Notes, device: torch.device, highest_hz: float = float("inf")
    ) -> None:
        """Notes are good for up to `highest_hz`, where the rate allows as much."""
        self.config, self.sounds, self.notes, self.device = config, tuple(sounds), notes, device
        self.rate, self.duration = config.data.rate, float(notes.times[-1])
        self.bandwidth = min(highest_hz, BANDWIDTH_SHARE * self.rate / 2.0)
        self.span = float(notes.pitch.min()) - PITCH_MARGIN, float(notes.pitch.max()) + PITCH_MARGIN
        self.generator = torch.Generator().manual_seed(config.seed)

    latents: nn.Parameter

    def networks(self) -> dict[str, nn.Module]:
        """All that learns beside the latents, by the name that its tensors bear in a checkpoint."""
        raise NotImplementedError

    def drawn_latents(self, size: int, deviation: float) -> nn.Parameter:
        """The table as it is when training starts."""
        table = torch.randn(len(self.notes.instruments), size, generator=self.generator) * deviation
        return nn.Parameter(table.to(self.device))

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Networks and latents."""
        optimiser = self.config.optimiser
        return [
            {"params": [parameter for network in self.networks().values() for parameter in network.parameters()]},
            {"params": [self.latents], "lr_scale": (optimiser.latent_lr or optimiser.lr) / optimiser.lr},
        ]

    def state_dict(self) -> dict[str, Tensor]:
        """Networks and latents."""
        return {"latents": self.latents.detach(), **nn.ModuleDict(self.networks()).state_dict()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Take over networks and latents. Raises TrainingError where they are another network's."""
        try:
            nn.ModuleDict(self.networks()).load_state_dict({k: v for k, v in state.items() if k != "latents"})
            with torch.no_grad():
                self.latents.copy_(state["latents"])
        except (RuntimeError, KeyError):
            raise TrainingError("the checkpoint belongs to another network or data set; train anew.") from None

    def scored(self, most: int) -> Evaluation:
        """At most so many notes (0: all), spread evenly, beside what the model makes of them."""
        count = len(self.sounds)
        chosen = np.unique(np.linspace(0, count - 1, min(count, most or count)).round().astype(int))
        return Evaluation.of([self.reconstruction(int(index)) for index in chosen], self.metrics)

    def reconstruction(self, index: int) -> Reconstruction:
        """Note `index` beside the model's, at its measured pitch and recorded level.

        The name says where the pitch was held out of training.
        """
        sound, notes = self.sounds[index], self.notes
        lead = int(notes.leads[index])
        frames = min(len(sound.samples) - lead, round(self.duration * self.rate))
        latent = self.latents[notes.instrument[index]].detach()
        made = self.played(latent, sound.pitch, sound.velocity, frames, lambda times: notes.cycles(index, times))
        gain = 10.0 ** (-notes.gains_db[index] / 20.0) / max(sound.velocity, 1e-3) ** 2
        name = HELD_OUT + sound.name if notes.held_out[index] else sound.name
        return Reconstruction(name, sound.samples[lead : lead + frames], (made * gain).astype(np.float32), self.rate)

    def render(
        self, latent: Tensor, pitch: float, velocity: float, *, hz: float | None = None, seconds: float | None = None
    ) -> NDArray[np.float32]:
        """A note [T] at the data's rate; `hz` defaults to the key's own frequency, `seconds` to the trained duration."""
        heard, frames = hz or nominal_hz(pitch), round((seconds or self.duration) * self.rate)
        return self.played(latent, pitch, velocity, frames, lambda times: times * heard)

    def played(
        self, latent: Tensor, pitch: float, velocity: float, frames: int, cycles: Callable[[Floats], Floats]
    ) -> NDArray[np.float32]:
        """A note [frames]; `cycles` gives the phase of its first partial, unwrapped, at times in s."""
        raise NotImplementedError
