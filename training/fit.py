"""The training loop, top to bottom."""

import errno
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from sirenade.errors import SirenadeError, TrainingError
from training import checkpoint, distributed, interrupt, standing
from training.checkpoint import CHECKPOINT_FILE, Checkpoint
from training.config import Config
from training.experiments import Evaluation, Experiment
from training.optimiser import Schedule, make_optimiser
from training.report import write_report
from training.tracking import Tracker, open_tracker

PREVIEWS = 8
"""Sounds previewed while training; the end shows all."""
FULL = (errno.ENOSPC, errno.EDQUOT)

Progress = Callable[[int, float, float], None]
"""Called after each step with: steps done, total loss, seconds elapsed."""


@dataclass(frozen=True)
class Moment:
    """One step as it was: its number (from 1), loss terms, learning rate, norm of the gradient, seconds since the start."""

    step: int
    terms: Mapping[str, float]
    rate: float
    gradient_norm: float
    elapsed: float


Watch = Callable[[Moment], None]
"""Called after each step, in the first process only."""


def fit(
    config: Config,
    experiment: Experiment,
    run: Path,
    *,
    resume: bool = False,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> Evaluation:
    """Train `experiment` in the folder `run` and leave checkpoint, logs, previews and report there.

    A resumed run goes on from the last checkpoint exactly as if it had never stopped (on the CPU: to the bit). Where
    several processes train (training/distributed.py), the first one's evaluation is the only one that is not empty.

    Raises TrainingError where loss or weights stop being numbers and where the disk is full: the last good checkpoint
    stays. Raises KeyboardInterrupt after a checkpoint where SIGINT or SIGTERM asks for it.
    """
    course = Course(config, experiment, run)
    if resume:
        course.restore()
    tracker = open_tracker(run, course.step)
    try:
        with _told_of(course), interrupt.listening() as interruption:
            while not course.ended:
                moment = course.advance(interruption)
                if moment.step % config.log_every == 0 or moment.step == config.steps:
                    named = {"lr": moment.rate, "gradient_norm": moment.gradient_norm, "elapsed_s": moment.elapsed}
                    tracker.log(moment.step, {**moment.terms, **named})
                if moment.step % config.checkpoint_every == 0 or course.stopped:
                    course.save()
                if config.preview_every and moment.step % config.preview_every == 0 and distributed.is_first():
                    tracker.preview(moment.step, experiment.evaluate(), PREVIEWS)
                if progress and distributed.is_first():
                    progress(moment.step, moment.terms["total"], moment.elapsed)
                if watch and distributed.is_first():
                    watch(moment)
                if course.stopped:
                    raise KeyboardInterrupt
            course.save()
        return _finish(course, tracker) if distributed.is_first() else Evaluation({}, [])
    finally:
        tracker.close()


class Course:
    """Everything that changes from step to step."""

    def __init__(self, config: Config, experiment: Experiment, run: Path) -> None:
        distributed.check(experiment, config.batch)
        self.config, self.experiment, self.run = config, experiment, run
        self.generator = torch.Generator().manual_seed(config.seed)
        self.optimiser, self.schedule = make_optimiser(config.optimiser, experiment), Schedule(config)
        self.parameters = [parameter for group in self.optimiser.param_groups for parameter in group["params"]]
        self.step, self.elapsed, self.stopped = 0, 0.0, False
        self._started = time.monotonic()

    @property
    def ended(self) -> bool:
        """Whether all steps are done, or the time is up."""
        budget = self.config.max_seconds
        return self.step >= self.config.steps or bool(budget and self.elapsed >= budget)

    def advance(self, interruption: interrupt.Interruption) -> Moment:
        """One step. Raises TrainingError where loss, gradient or weights stop being numbers."""
        rate = self.schedule.apply(self.optimiser, self.step, self.elapsed)
        self.optimiser.zero_grad(set_to_none=True)
        with distributed.shared(self.experiment):
            terms = self.experiment.loss(self.generator, self.schedule.progress(self.step, self.elapsed))
            terms["total"].backward()  # type: ignore[no-untyped-call]
        distributed.add_up_tensors([parameter.grad for parameter in self.parameters if parameter.grad is not None])
        norm = float(torch.nn.utils.clip_grad_norm_(self.parameters, self.config.optimiser.clip or math.inf))
        values = torch.stack([value.detach().double() for value in terms.values()]).tolist()
        clock = time.monotonic() - self._started if distributed.is_first() else 0.0
        *values, asked, clock = distributed.add_up([*values, float(interruption.asked), clock])
        found = dict(zip(terms, values, strict=True))
        if not math.isfinite(found["total"]) or not math.isfinite(norm):
            raise TrainingError(self._diverged("the loss"))
        self.optimiser.step()
        if not math.isfinite(float(torch.nn.utils.get_total_norm(self.parameters))):
            raise TrainingError(self._diverged("a weight"))
        self.schedule.observe(found["total"])
        self.step, self.elapsed, self.stopped = self.step + 1, clock, asked > 0.0
        return Moment(self.step, found, rate, norm, self.elapsed)

    def save(self) -> None:
        """Replace the checkpoint by the state as it is."""
        if not distributed.is_first():
            return
        parts = (
            self.experiment.state_dict(),
            self.optimiser.state_dict(),
            self.schedule.state_dict(),
            self.generator.get_state(),
        )
        checkpoint.save(self.run / CHECKPOINT_FILE, Checkpoint(self.step, self.elapsed, *parts))
        self.tell("running")

    def restore(self) -> None:
        """Take over the checkpoint. Raises TrainingError."""
        state = checkpoint.load(self.run / CHECKPOINT_FILE)
        if distributed.is_first():
            checkpoint.sweep(self.run / CHECKPOINT_FILE)
        self.experiment.load_state_dict(state.experiment)
        try:
            self.optimiser.load_state_dict(state.optimiser)
        except (ValueError, KeyError):
            reason = "the checkpoint's optimiser is another one than the configuration's; train anew."
            raise TrainingError(reason) from None
        self.schedule.load_state_dict(state.schedule)
        self.generator.set_state(state.generator)
        self.step, self.elapsed = state.step, state.elapsed
        self._started = time.monotonic() - state.elapsed

    def tell(self, state: standing.State, reason: str = "") -> None:
        """Write down how the run stands."""
        if distributed.is_first():
            standing.write(self.run, state, self.step, self.elapsed, reason)

    def kept(self) -> str:
        """Which checkpoint there is, in words."""
        path = self.run / CHECKPOINT_FILE
        return f"the last good checkpoint is {path}" if path.exists() else "there was no checkpoint yet"

    def _diverged(self, what: str) -> str:
        return f"{what} stopped being a number at step {self.step + 1} ({self.kept()}); lower optimiser.lr or clip harder."


@contextmanager
def _told_of(course: Course) -> Iterator[None]:
    """Keep the run's standing, and say in one sentence when the disk is full."""
    course.tell("running")
    try:
        yield
    except OSError as error:
        reason = f"the disk is full ({course.kept()}); make room and go on with: sirenade train --resume {course.run}"
        course.tell("failed", reason if error.errno in FULL else str(error))
        if error.errno in FULL:
            raise TrainingError(reason) from None
        raise
    except SirenadeError as error:
        course.tell("failed", str(error))
        raise
    except BaseException:
        course.tell("stopped")
        raise


def _finish(course: Course, tracker: Tracker) -> Evaluation:
    """Evaluation, previews and report."""
    with _told_of(course):
        evaluation = course.experiment.evaluate()
        tracker.preview(course.step, evaluation, course.config.previews)
        write_report(course.run, course.config, evaluation, course.step, course.elapsed)
    course.tell("finished")
    return evaluation
