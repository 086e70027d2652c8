"""The coordinates of a training step: which sounds, where in time, and what they hold there."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from training.config import Config
from training.models import between


@dataclass(frozen=True)
class Batch:
    """Sounds and places of one step.

    sounds      [B] indices
    places      [B, T] frames (float64): first S runs of `run` neighbours each, then a dense window where images are heard
    wanted      [B, T] what the recordings are there
    slopes      [B, S * run] how the recordings rise there, per frame; empty where no loss asks for it
    whole       how many sounds the whole batch has, of which this may be a share
    inside      how many of T belong to the runs
    run         frames of a run
    """

    sounds: Tensor
    places: Tensor
    wanted: Tensor
    slopes: Tensor
    whole: int
    inside: int
    run: int

    def share(self, mine: slice) -> "Batch":
        """Some of the sounds."""
        return replace(
            self, sounds=self.sounds[mine], places=self.places[mine], wanted=self.wanted[mine], slopes=self.slopes[mine]
        )


class Coordinates:
    """Draws batches from recordings [S, T]. All randomness comes from the generator (CPU), whatever the device."""

    def __init__(self, config: Config, recordings: Tensor) -> None:
        self._config = config
        self.sounds, self.frames = recordings.shape
        self._device = recordings.device
        self._between = between.Recordings(recordings)

    def draw(self, generator: torch.Generator) -> Batch:
        """The next batch."""
        config = self._config
        chosen = torch.randperm(self.sounds, generator=generator)[: config.batch]
        starts, windows = self._starts(len(chosen), generator), self._windows(len(chosen), generator)
        chosen, starts, windows = chosen.to(self._device), starts.to(self._device), windows.to(self._device)
        run = min(config.segment, self.frames)
        runs = (self._between.runs if config.off_grid else self._between.samples)(chosen, starts, run)
        analytic = config.derivative_form == "analytic"
        slopes = self._between.slopes(chosen, starts, run).flatten(1) if analytic else runs.new_zeros(len(chosen), 0)
        places = (starts.unsqueeze(-1) + torch.arange(run, device=self._device)).flatten(1)
        wanted, inside = runs.flatten(1), places.shape[1]
        if config.image_penalty:
            places = torch.cat([places, between.points(windows)], 1)
            wanted = torch.cat([wanted, self._between.windows(chosen, windows)], 1)
        return Batch(chosen, places, wanted, slopes, len(chosen), inside, run)

    def _starts(self, count: int, generator: torch.Generator) -> Tensor:
        """First frames [count, segments] of evenly spaced runs of neighbours, with a random phase per sound."""
        run = min(self._config.segment, self.frames)
        segments = max(1, min(self._config.coordinates, self.frames) // run)
        spacing = self.frames / segments
        phases = torch.rand(count, 1, dtype=torch.float64, generator=generator) * spacing
        starts = (phases + torch.arange(segments) * spacing).clamp(max=self.frames - run)
        return starts if self._config.off_grid else starts.floor()

    def _windows(self, count: int, generator: torch.Generator) -> Tensor:
        """First frames [count] of dense windows anywhere in each sound."""
        last = max(0, self.frames - between.WINDOW // between.DENSE)
        return torch.rand(count, dtype=torch.float64, generator=generator) * last
