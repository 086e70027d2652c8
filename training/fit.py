"""The training loop, top to bottom."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import torch

from sirenade.errors import TrainingError
from training import checkpoint
from training.checkpoint import CHECKPOINT_FILE, Checkpoint
from training.config import Config
from training.experiments import Evaluation, Experiment
from training.optimiser import Schedule, make_optimiser
from training.report import write_report
from training.tracking import Tracker

PREVIEWS = 8
"""Sounds previewed while training; the end shows all."""

Progress = Callable[[int, float, float], None]
"""Called after each step with: steps done, total loss, seconds elapsed."""


def fit(
    config: Config, experiment: Experiment, run: Path, *, resume: bool = False, progress: Progress | None = None
) -> Evaluation:
    """Train `experiment` in the folder `run` and leave checkpoint, logs, previews and report there.

    A resumed run goes on from the last checkpoint exactly as if it had never stopped (on the CPU: to the bit). Raises
    TrainingError where the loss stops being a number; the last good checkpoint stays.
    """
    generator = torch.Generator().manual_seed(config.seed)
    optimiser, schedule = make_optimiser(config.optimiser, experiment), Schedule(config)
    step, elapsed = 0, 0.0
    if resume:
        state = checkpoint.load(run / CHECKPOINT_FILE)
        checkpoint.sweep(run / CHECKPOINT_FILE)
        experiment.load_state_dict(state.experiment)
        _restore(optimiser, state)
        schedule.load_state_dict(state.schedule)
        generator.set_state(state.generator)
        step, elapsed = state.step, state.elapsed

    def save() -> None:
        parts = experiment.state_dict(), optimiser.state_dict(), schedule.state_dict(), generator.get_state()
        checkpoint.save(run / CHECKPOINT_FILE, Checkpoint(step, elapsed, *parts))

    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    clip = config.optimiser.clip or math.inf
    tracker = Tracker(run, step)
    try:
        started = time.monotonic() - elapsed
        while step < config.steps and not (config.max_seconds and elapsed >= config.max_seconds):
            rate = schedule.apply(optimiser, step, elapsed)
            optimiser.zero_grad(set_to_none=True)
            terms = experiment.loss(generator, schedule.progress(step, elapsed))
            terms["total"].backward()  # type: ignore[no-untyped-call]
            norm = float(torch.nn.utils.clip_grad_norm_(parameters, clip))
            loss = float(terms["total"].detach())
            if not math.isfinite(loss) or not math.isfinite(norm):
                raise TrainingError(_diverged(run, step))
            optimiser.step()
            schedule.observe(loss)
            step, elapsed = step + 1, time.monotonic() - started
            if step % config.log_every == 0 or step == config.steps:
                logged = {name: float(value.detach()) for name, value in terms.items()}
                tracker.log(step, {**logged, "lr": rate, "gradient_norm": norm, "elapsed_s": elapsed})
            if step % config.checkpoint_every == 0:
                save()
            if config.preview_every and step % config.preview_every == 0:
                tracker.preview(step, experiment.evaluate(), PREVIEWS)
            if progress:
                progress(step, loss, elapsed)
        save()
        evaluation = experiment.evaluate()
        tracker.preview(step, evaluation, config.previews)
        write_report(run, config, evaluation, step, elapsed)
    finally:
        tracker.close()
    return evaluation


def _restore(optimiser: torch.optim.Optimizer, state: Checkpoint) -> None:
    try:
        optimiser.load_state_dict(state.optimiser)
    except (ValueError, KeyError):
        raise TrainingError("the checkpoint's optimiser is another one than the configuration's; train anew.") from None


def _diverged(run: Path, step: int) -> str:
    kept = run / CHECKPOINT_FILE
    good = f"the last good checkpoint is {kept}" if kept.exists() else "there was no checkpoint yet"
    return f"the loss stopped being a number at step {step + 1} ({good}); lower optimiser.lr or clip harder."
