"""A latent for a sound that was not trained on: a search with everything else frozen (Park et al. 2019, section 4.2).

Several latents are moved at once by Adam, from the anchors that come nearest and from their mean. They live in units of the
anchors' own spread, and a small penalty keeps them near it: far from all anchors a network says nothing sensible.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sirenade.errors import InstrumentError, TrainingError
from synth.instrument import Instrument
from synth.instrument.card import FIELD_FILE, MAPPING_FILE
from synth.instrument.contract import SAMPLES
from training.export.torch_graph import TorchGraph

Samples = NDArray[np.float32]

STARTS = 4
RUN, COORDINATES = 16, 1024
"""Neighbours of a run, and coordinates of a step; those of a comparison are four times as many."""
RATE = 0.1
"""Adam's first learning rate, in units of the anchors' spread; it falls to 0 as a cosine."""
PRIOR = 1e-4
"""Weight of the mean squared distance from the anchors' mean, beside the error over the sound's own energy."""
DERIVATIVE = 1.0
LEAST_SPREAD = 1e-3
CHUNK = 32


@dataclass(frozen=True)
class Embedding:
    """The latent [D] that was found, the start it came from, and its error over that of silence (0..1 and above)."""

    latent: Samples
    start: str
    error: float


class Frozen:
    """An instrument's function of time, differentiable in the latent."""

    def __init__(self, instrument: Instrument, pitch: float) -> None:
        """`pitch`: MIDI note that a mapping with pitch is told. Raises TrainingError, InstrumentError where it cannot be."""
        card = instrument.card
        if card.coordinates != ("time",) or "time" in card.conditions:
            raise TrainingError(f"{instrument.path} is not a function of time alone; name one of another family.")
        self._conditions: dict[str, float] = {"pitch": pitch, "velocity": 1.0}
        self._wanted: list[str] = [name for name in card.conditions if name != "latent"]
        self._mapping = TorchGraph(instrument.mapping, MAPPING_FILE)
        self._field = TorchGraph(instrument.field, FIELD_FILE)

    def __call__(self, latents: Tensor, seconds: Tensor) -> Tensor:
        """Samples [B, N] of latents [B, D] at times [N] in s."""
        rows = len(latents)
        conditions: dict[str, Tensor] = {name: latents.new_full((rows,), self._conditions[name]) for name in self._wanted}
        modulations = self._mapping({"latent": latents, **conditions})
        starts, offsets = torch.zeros(rows, dtype=torch.float64), seconds.float().expand(rows, -1)
        samples: Tensor = self._field({"time_start": starts, "time_offset": offsets, **modulations})[SAMPLES]
        return samples


class Search:
    """The search for one sound [T] at the instrument's training rate, of its duration."""

    def __init__(self, instrument: Instrument, sound: Samples, pitch: float, seed: int = 0) -> None:
        """Raises TrainingError where the sound is silent, or the instrument no differentiable function of time."""
        self._function = Frozen(instrument, pitch)
        self._sound, self._rate = torch.from_numpy(np.ascontiguousarray(sound)), instrument.card.training_rate
        self._anchors = torch.from_numpy(instrument.latents.latents.copy())
        self._names = instrument.latents.names
        self._mean = self._anchors.mean(0)
        spread = self._anchors.std(0, correction=0)
        self._spread = spread.clamp(min=max(LEAST_SPREAD, 0.1 * float(spread.mean())))
        self._generator = torch.Generator().manual_seed(seed)
        self._silence = _energy(self._sound[None])
        if not float(self._silence) > 0.0:
            raise TrainingError("the sound is silent; there is nothing to look for.")

    def run(
        self,
        steps: int,
        starts: Sequence[tuple[str, Samples]] = (),
        progress: Callable[[int, int], None] | None = None,
    ) -> Embedding:
        """The best latent after `steps` steps from `starts` (name, latent [D]) and from those the anchors give."""
        chosen = [*((name, torch.from_numpy(latent)) for name, latent in starts), *self._starts()][: max(STARTS, len(starts))]
        names, first = [name for name, _ in chosen], torch.stack([latent for _, latent in chosen])
        places = ((first - self._mean) / self._spread).requires_grad_()
        optimiser = torch.optim.Adam([places], lr=RATE)
        for step in range(steps):
            optimiser.param_groups[0]["lr"] = RATE * 0.5 * (1.0 + math.cos(math.pi * step / steps))
            optimiser.zero_grad(set_to_none=True)
            errors = self._errors(self._mean + self._spread * places, self._coordinates())
            (errors.sum() + PRIOR * places.square().mean(1).sum()).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            if progress:
                progress(step + 1, steps)
        # the starts stand beside what they came to: a search must not make anything worse
        latents = torch.cat([(self._mean + self._spread * places).detach(), first])
        errors = self.compare(latents)
        if not torch.isfinite(errors).any():
            raise InstrumentError("the search met nothing but values that are not finite; the instrument is damaged.")
        best = int(errors.nan_to_num(math.inf).argmin())
        return Embedding(latents[best].numpy(), names[best % len(names)], float(errors[best]))

    @torch.no_grad()
    def compare(self, latents: Tensor) -> Tensor:
        """Errors [K] of latents [K, D] over the whole sound, relative to silence."""
        generator = torch.Generator().manual_seed(0)
        frames = self._coordinates(4 * COORDINATES, generator)
        return torch.cat([self._errors(part, frames) for part in torch.split(latents, CHUNK)])

    def _starts(self) -> list[tuple[str, Tensor]]:
        """The mean of the anchors and the best of them."""
        order = self.compare(self._anchors).nan_to_num(math.inf).argsort()[: STARTS - 1].tolist()
        return [*((self._names[index], self._anchors[index]) for index in order), ("the anchors' mean", self._mean)]

    def _coordinates(self, count: int = COORDINATES, generator: torch.Generator | None = None) -> Tensor:
        """Frames [S, n] of evenly spaced runs of neighbours, with a random phase."""
        total, run = len(self._sound), min(RUN, len(self._sound))
        segments = max(1, min(count, total) // run)
        spacing = total / segments
        phase = torch.rand((), dtype=torch.float64, generator=generator or self._generator) * spacing
        firsts = (phase + torch.arange(segments) * spacing).floor().long().clamp(max=total - run)
        return firsts[:, None] + torch.arange(run)

    def _errors(self, latents: Tensor, frames: Tensor) -> Tensor:
        """Errors [B] at frames [S, n], over those of silence there; differentiable."""
        found = self._function(latents, frames.flatten() / self._rate).view(len(latents), *frames.shape)
        difference = found - self._sound[frames]
        return _energy(difference) / self._silence


def _energy(samples: Tensor) -> Tensor:
    """Mean square plus that of the forward difference, of samples [..., n] in runs: over all but the first axis [B]."""
    whole, change = samples.flatten(1).square().mean(1), samples.diff().flatten(1).square().mean(1)
    return whole + DERIVATIVE * change
