"""Several processes that train one model: each draws the same batch, takes its share of the sounds, and sums gradients.

Started by `torchrun --nproc-per-node N -m sirenade train ...`. Since the batch, the noise and the first weights come from the
same generator everywhere, the sum of the shares' gradients is that of the whole batch, and all processes stay equal. The first
process alone writes. Without torchrun everything here does nothing.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import torch
from torch import Tensor
from torch import distributed as torch_distributed

from sirenade.errors import TrainingError
from training.experiments import Experiment

LONGEST_WAIT = timedelta(hours=6)
"""The others wait so long while the first process scores and writes. A process that died ends the others at once."""


def wanted() -> bool:
    """Whether torchrun started this process as one of several."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def world() -> int:
    """How many processes train together."""
    return torch_distributed.get_world_size() if torch_distributed.is_initialized() else 1


def rank() -> int:
    """This process's number, from 0."""
    return torch_distributed.get_rank() if torch_distributed.is_initialized() else 0


def is_first() -> bool:
    """Whether this process is the one that writes and speaks."""
    return rank() == 0


@contextmanager
def group(device: str) -> Iterator[None]:
    """Join the processes that torchrun started, over NCCL on CUDA, else over gloo. `device` as in the configuration.

    What the others' end does to this process becomes a TrainingError.
    """
    if not wanted():
        yield
        return
    on_cuda = device != "cpu" and torch.cuda.is_available()
    if on_cuda:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    torch_distributed.init_process_group("nccl" if on_cuda else "gloo", timeout=LONGEST_WAIT)
    try:
        yield
    except torch_distributed.DistError as error:
        raise TrainingError(f"process {rank()} lost the others: {_first_line(error)}.") from None
    except RuntimeError as error:
        if not _is_lost(error):
            raise
        raise TrainingError(f"process {rank()} lost the others, of which one has ended; look for its reason above.") from None
    finally:
        torch_distributed.destroy_process_group()


def share(count: int) -> slice:
    """Which of `count` sounds of a batch are this process's; shares differ by one sound at most."""
    return slice(count * rank() // world(), count * (rank() + 1) // world())


def add_up(values: Sequence[float]) -> list[float]:
    """The sum of each number over all processes; the numbers themselves where there is one process."""
    if world() == 1:
        return list(values)
    summed = torch.tensor(values, dtype=torch.float64, device=_device())
    torch_distributed.all_reduce(summed)
    return [float(value) for value in summed]


def add_up_tensors(tensors: Sequence[Tensor]) -> None:
    """Replace float32 tensors by their sums over all processes, in one transfer."""
    if world() == 1 or not tensors:
        return
    flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
    torch_distributed.all_reduce(flat)
    with torch.no_grad():
        for tensor, summed in zip(tensors, torch.split(flat, [tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(summed.view_as(tensor))


def check(experiment: Experiment, batch: int) -> None:
    """Raise TrainingError where several processes cannot train `experiment`: it shares no batches, or these are too small."""
    if world() == 1:
        return
    if not hasattr(experiment, "shared_tables"):
        raise TrainingError("only decoders of time train in several processes; start this model without torchrun.")
    if batch < world():
        raise TrainingError(f"{world()} processes cannot share a batch of {batch}; set batch higher or start fewer.")


@contextmanager
def shared(experiment: Experiment) -> Iterator[None]:
    """Around a step's loss and its gradient: bring together what each process moved in the experiment's own tables."""
    tables: list[Tensor] = experiment.shared_tables() if world() > 1 else []  # type: ignore[attr-defined]
    before = [table.clone() for table in tables]
    yield
    moved = [table.detach() - old for table, old in zip(tables, before, strict=True)]
    add_up_tensors(moved)
    for table, old, change in zip(tables, before, moved, strict=True):
        table.copy_(old + change)


def _device() -> torch.device:
    on_cuda = torch_distributed.get_backend() == "nccl"
    return torch.device("cuda", torch.cuda.current_device()) if on_cuda else torch.device("cpu")


def _is_lost(error: RuntimeError) -> bool:
    text = str(error).lower()
    return any(word in text for word in ("gloo", "nccl", "connection closed", "connection reset"))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
