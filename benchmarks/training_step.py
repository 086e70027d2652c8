"""Our training step beside the step of the study's authors: the same network, sounds, batch, coordinates and machine.

Their network is the piGAN of their published package INR_collection; their step is written from its description (the thesis,
sections 4.2, 4.7 and 5.6): coordinates evenly spaced on the grid with a random phase, MSE plus MSE of the forward difference,
AdaBelief, and one step of gradient descent (rate 0.3 on errors summed over coordinates) for the batch's latents. Of that last
there are two readings, and both are measured:

    through     the weights learn what the moved latents give, differentiated through the move (ours: inner-step)
    at once     the graph of the latents' gradient is kept, but the weights learn from the loss before the move: latents and
                weights move at once (ours: descent, which keeps no such graph; autodecoder, whose latents the optimiser moves)

One step of each in turn, so that whatever else the machine does meets all alike; the fastest of each counts.
"""

import contextlib
import io
import statistics
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from training import registry
from training.config import Config
from training.data import Sound
from training.fit import Course
from training.interrupt import Interruption
from training.models.experiment import DecoderExperiment

RATE, SECONDS = 16000, 1.0
STEP = 0.3
LATENT, DEVIATION = 256, 0.001
THROUGH, AT_ONCE, OPTIMISER = "through", "at once", "optimiser"
METHODS = {THROUGH: "inner-step", AT_ONCE: "descent", OPTIMISER: "autodecoder"}
THEIRS, OURS = "authors'", "ours"

Step = Callable[[], float]
"""One training step; returns its loss (MSE plus derivative's)."""


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    batch: int = 8
    coordinates: int = 2000
    rounds: int = 8
    threads: int = 1
    compile: bool = True
    device: str = "cpu"


QUICK = Plan(batch=2, coordinates=1000, rounds=3, compile=False)


@dataclass(frozen=True)
class Case:
    """One way to step."""

    step: str
    latents: str
    precision: str = "float32"
    compile: bool = False


@dataclass(frozen=True)
class Row:
    """A line of the table: its fastest step, and how many times it is as fast as the authors' with the same latents' rule."""

    step: str
    latents: str
    precision: str
    compiled: str
    batch: int
    coordinates: int
    threads: int
    ms: float
    samples_per_s: float
    times_through: float
    times_at_once: float


@dataclass(frozen=True)
class Curve:
    """A line of the table of losses: means over each quarter of a short training."""

    step: str
    latents: str
    precision: str
    compiled: str
    seed: int
    steps: int
    lr: float
    first: float
    second: float
    third: float
    last: float


def cases(compile: bool) -> list[Case]:
    """Theirs first, then all of ours that there can be."""
    found = [Case(THEIRS, THROUGH), Case(THEIRS, AT_ONCE)]
    for precision in ("float32", "bfloat16"):
        found += [Case(OURS, rule, precision) for rule in METHODS]
        if compile:
            found += [Case(OURS, rule, precision, compile=True) for rule in (AT_ONCE, OPTIMISER)]
    return found


def measure(plan: Plan) -> Iterator[Row]:
    """All rows, after all rounds are done."""
    torch.set_num_threads(plan.threads)
    chosen = cases(plan.compile)
    steps = [make(case, plan) for case in chosen]
    for step in steps:  # compiles, allocates
        step()
        step()
    taken: list[list[float]] = [[] for _ in chosen]
    for _ in range(plan.rounds):
        for times, step in zip(taken, steps, strict=True):
            began = time.perf_counter()
            step()
            times.append(time.perf_counter() - began)
    fastest = [min(seconds) for seconds in taken]
    for case, seconds in zip(chosen, fastest, strict=True):
        compiled = "yes" if case.compile else ""
        size = plan.batch, plan.coordinates, plan.threads
        speed = plan.batch * plan.coordinates / seconds
        faster = fastest[0] / seconds, fastest[1] / seconds
        yield Row(case.step, case.latents, case.precision, compiled, *size, 1e3 * seconds, speed, *faster)


def make(case: Case, plan: Plan, seed: int = 0, lr: float = 1e-5) -> Step:
    """The step of a case on sounds of its own."""
    config = pi_gan(case, plan, seed, lr)
    if case.step == THEIRS:
        return Theirs(config, case.latents == THROUGH, torch.device(plan.device)).step
    course = Course(config, DecoderExperiment(config, sounds(plan.batch), torch.device(plan.device)), Path("unused"))

    def step() -> float:
        terms = course.advance(Interruption()).terms
        return terms["mse"] + terms["derivative"]

    return step


def pi_gan(case: Case, plan: Plan, seed: int, lr: float) -> Config:
    """The registry's pi-gan, as a case asks for it; every step takes all sounds."""
    tree = {
        "model": "pi-gan",
        "data": {"rate": RATE, "seconds": SECONDS},
        "batch": plan.batch,
        "coordinates": plan.coordinates,
        "inference": {"method": METHODS[case.latents], "step": STEP},
        "optimiser": {"lr": lr},
        "precision": case.precision,
        "compile": case.compile,
        "steps": 1_000_000,
        "seed": seed,
        "device": plan.device,
    }
    return registry.to_config(tree, "the benchmark")


def sounds(count: int) -> list[Sound]:
    """Plucked tones of eight partials, each at a pitch of its own."""
    seconds = np.arange(round(RATE * SECONDS)) / RATE
    made = []
    for index in range(count):
        hz = 110.0 * 2.0 ** (7.0 * index / 12.0 % 3.0)
        tone = sum(np.sin(2 * np.pi * hz * k * seconds) * np.exp(-2.0 * k * seconds) / k for k in range(1, 9))
        made.append(Sound(f"tone{index}", (0.4 * np.asarray(tone)).astype(np.float32), RATE, 60.0))
    return made


class Theirs:
    """The authors' step."""

    def __init__(self, config: Config, through: bool, device: torch.device) -> None:
        self.through, self.coordinates = through, config.coordinates
        self.recordings = torch.from_numpy(np.stack([sound.samples for sound in sounds(config.batch)])).to(device)
        torch.manual_seed(config.seed)
        self.net = authors_network(config).to(device)
        self.latents = (torch.randn(config.batch, LATENT) * DEVIATION).to(device)
        self.optimiser = authors_optimiser(self.net, config.optimiser.lr)

    def step(self) -> float:
        """One step on all sounds."""
        times, wanted = self.draw()
        start = self.latents.clone().requires_grad_()
        loss = self.loss(start, times, wanted)
        rate = STEP * self.coordinates
        (gradient,) = torch.autograd.grad(loss, start, create_graph=True)
        moved = start - rate * gradient
        if self.through:
            loss = self.loss(moved, times, wanted)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self.latents = moved.detach()
        return float(loss.detach())

    def draw(self) -> tuple[Tensor, Tensor]:
        """Times [B, T, 1] in [-1, 1], evenly spaced from a random sample of each sound on, and the recordings there."""
        count, frames = self.recordings.shape
        spacing = frames // self.coordinates
        phases = torch.randint(spacing, (count, 1), device=self.recordings.device)
        places = phases + torch.arange(self.coordinates, device=self.recordings.device) * spacing
        return (places.float() * (2.0 / frames) - 1.0).unsqueeze(-1), self.recordings.gather(1, places)

    def loss(self, latents: Tensor, times: Tensor, wanted: Tensor) -> Tensor:
        """MSE plus MSE of the forward difference."""
        error = self.net(times, latents.unsqueeze(1)).squeeze(-1) - wanted
        total: Tensor = error.square().mean() + error.diff().square().mean()
        return total


def authors_optimiser(net: nn.Module, lr: float) -> torch.optim.Optimizer:
    """AdaBelief of its authors' package, as the study's authors have it."""
    from adabelief_pytorch import AdaBelief

    with contextlib.redirect_stdout(io.StringIO()):  # it prints its change log
        optimiser: torch.optim.Optimizer = AdaBelief(
            [each for each in net.parameters() if each.requires_grad],
            lr=lr,
            eps=1e-16,
            weight_decouple=False,
            rectify=False,
            print_change_log=False,
        )
    return optimiser


def authors_network(config: Config) -> nn.Module:
    """The piGAN of INR_collection with our pi-gan's omegas. Raises SirenadeError where the package is missing."""
    from sirenade.errors import SirenadeError

    try:
        from INR_collection.modules import piGAN
    except ImportError:
        raise SirenadeError("the authors' networks are not installed; install them with: pip install INR_collection") from None
    network: Any = config.network
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of its weight norm
        net: nn.Module = piGAN(1, 1, first_omega_0=network.omega_first, hidden_omega_0=network.omega_hidden)
    return net


def curves(plan: Plan, steps: int, lr: float, seeds: Sequence[int]) -> Iterator[Curve]:
    """The losses of each case and seed, from weights drawn anew."""
    torch.set_num_threads(plan.threads)
    for case in cases(plan.compile):
        for seed in seeds:
            step = make(case, plan, seed, lr)
            losses = [step() for _ in range(steps)]
            quarters = [statistics.mean(losses[place * steps // 4 : (place + 1) * steps // 4]) for place in range(4)]
            yield Curve(case.step, case.latents, case.precision, "yes" if case.compile else "", seed, steps, lr, *quarters)
