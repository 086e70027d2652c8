"""What the training loop asks of a model: the Experiment protocol. Every family of models plugs in here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from training.config import Config, NetworkConfig
from training.data import Sound
from training.export.parts import InstrumentParts
from training.metrics import METRICS, evaluate


@dataclass(frozen=True)
class Reconstruction:
    """A training sound beside what the model makes of it, both float32 [T] at `rate` Hz."""

    name: str
    reference: NDArray[np.float32]
    estimate: NDArray[np.float32]
    rate: int


@dataclass(frozen=True)
class Evaluation:
    """Scores per sound (name -> metric -> value) and the reconstructions they were taken from."""

    scores: Mapping[str, Mapping[str, float]]
    reconstructions: Sequence[Reconstruction]

    @classmethod
    def of(cls, reconstructions: Sequence[Reconstruction], metrics: Sequence[str] = tuple(METRICS)) -> "Evaluation":
        """Evaluation with the given metrics of each reconstruction."""
        return cls(
            {each.name: evaluate(each.reference, each.estimate, each.rate, metrics) for each in reconstructions},
            reconstructions,
        )


class Experiment(Protocol):
    """Model, latents and data of one run. The loop owns optimiser, schedule, clipping, checkpoints and logs.

    All randomness of a step comes from the generator that `loss` is given, and nothing else changes between steps than the
    parameters: that is what makes a resumed run equal to one that never stopped.
    """

    metrics: Sequence[str]
    """Names of the metrics that mean something for this model (a phase-free model has no SNR)."""

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Optimiser groups: "params", and optionally "lr_scale" (factor on the run's learning rate, default 1)."""
        ...

    def loss(self, generator: torch.Generator, progress: float = 0.0) -> dict[str, torch.Tensor]:
        """Loss terms of one step by name, scalars; "total" is minimised, the others are logged.

        `progress` is the share 0..1 of the training that is done, for what changes on the way (regularisation, growth).
        """
        ...

    def state_dict(self) -> dict[str, torch.Tensor]:
        """All learnt tensors (latents included), detached, flat, by name."""
        ...

    def load_state_dict(self, state: Mapping[str, torch.Tensor]) -> None:
        """Take over what `state_dict` gave. Raises TrainingError where names or shapes differ."""
        ...

    def evaluate(self) -> Evaluation:
        """Reconstruct the training sounds and score them."""
        ...

    def parts(self) -> InstrumentParts:
        """The trained model as the parts of an instrument, ready for `training.export.writer.write`."""
        ...


Builder = Callable[[Config, Sequence[Sound], torch.device], Experiment]


@dataclass(frozen=True)
class Entry:
    """A named model of the registry: what it is, its default configuration, and what builds it.

    The builder takes the configuration, the sounds (already at data.rate and cut to data.seconds) and the device. The type
    of `config.network` is the family's own NetworkConfig. Raises TrainingError for data the model cannot use.
    """

    description: str
    config: Config
    build: Builder

    @property
    def network(self) -> type[NetworkConfig]:
        """The family's type of the section [network]."""
        return type(self.config.network)
