"""What the laboratory's commands share: errors in one sentence, progress bars, lists of numbers."""

import errno
import functools
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ParamSpec

from sirenade.errors import TrainingError

if TYPE_CHECKING:
    from training.fit import Progress

P = ParamSpec("P")
PROGRESS = "SIRENADE_PROGRESS"
"""Environment variable: where it is set, bars are lines `progress DONE TOTAL` for a program to read."""
NEEDED = ("torch", "onnx", "tomli_w", "matplotlib")


def told(command: Callable[P, None]) -> Callable[P, None]:
    """The command, with what the system says of files and folders as one sentence."""

    @functools.wraps(command)
    def run(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            command(*arguments, **options)
        except BrokenPipeError:
            raise  # whoever reads has heard enough
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise TrainingError("the disk is full; make room and do it again: what was whole is kept.") from None
            raise TrainingError(f"{error.filename or 'a file'} cannot be used: {error.strerror or error}.") from None

    return run


def need_training_extra() -> None:
    """Raise TrainingError where the extra `training` is not installed."""
    if any(importlib.util.find_spec(module) is None for module in NEEDED):
        raise TrainingError("training needs PyTorch and more; install them with: pip install 'sirenade[training]'")


@contextmanager
def bar(title: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar, or lines where a program reads them; yields a function of what is done and how much there is."""
    if PROGRESS in os.environ:
        yield lambda done, total: print(f"progress {done} {total}", file=sys.stderr, flush=True)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn(unit), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def clock_progress(budget: float, update: Callable[[int, int], None]) -> "Progress":
    """Progress in seconds of a wall-clock budget."""

    def show(_step: int, _loss: float, elapsed: float) -> None:
        update(min(round(elapsed), round(budget)), round(budget))

    return show


def number_list(text: str, option: str) -> list[int]:
    """Numbers of a text like "0,8-15,36-84/3" ("drums" is the percussion set). Raises TrainingError."""
    numbers: list[int] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        if part == "drums":
            numbers.append(128)
            continue
        bounds, _, step = part.partition("/")
        low, _, high = bounds.partition("-")
        try:
            numbers += range(int(low), int(high or low) + 1, int(step or 1))
        except ValueError:
            raise TrainingError(f"{option} {text} is not a list of numbers like 0,8-15 or 36-84/3.") from None
    return numbers
