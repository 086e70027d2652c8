"""Checkpoints: everything a run needs to go on as if it had never stopped."""

import io
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from sirenade.errors import TrainingError
from sirenade.files import write_bytes

CHECKPOINT_FILE = "checkpoint.pt"


@dataclass(frozen=True)
class Checkpoint:
    """The state after `step` steps and `elapsed` seconds of training."""

    step: int
    elapsed: float
    experiment: dict[str, torch.Tensor]
    optimiser: dict[str, Any]
    schedule: dict[str, float]
    generator: torch.Tensor


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write `path` atomically: a run killed at any moment, or a disk that is full, leaves the old checkpoint or the new one.

    Raises OSError; PyTorch itself, given a path, would tell of a full disk in words of its own.
    """
    content = io.BytesIO()
    torch.save(vars(checkpoint), content)
    write_bytes(path, content.getvalue())


def sweep(path: Path) -> None:
    """Remove what runs that were killed while they saved have left beside the checkpoint `path`."""
    for left in path.parent.glob(f".{path.stem}-*{path.suffix}"):
        left.unlink(missing_ok=True)


def load(path: Path) -> Checkpoint:
    """Read `path`, tensors and plain numbers only (weights_only). Raises TrainingError."""
    try:
        return Checkpoint(**torch.load(path, map_location="cpu", weights_only=True))
    except FileNotFoundError:
        raise TrainingError(f"{path.parent} has no checkpoint; it is not a run, or it ended before its first one.") from None
    except (RuntimeError, pickle.UnpicklingError, EOFError, TypeError, ValueError, OSError):
        raise TrainingError(f"{path} is not a checkpoint that can be read; train anew.") from None
