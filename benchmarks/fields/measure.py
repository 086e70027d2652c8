"""All rows, one after another, each measured where it has not been yet: a stopped comparison goes on where it was."""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import torch

from benchmarks.fields.plan import BANDS, HOLD_OUT, RATE, SECONDS, TRAINED, Plan
from benchmarks.fields.played import ALIAS, PITCH, VOICES, write_alias, write_pitch, write_voices
from benchmarks.fields.players import instrument_of
from benchmarks.fields.scores import CDPAM, GAPS, SCORES, write_cdpam, write_gaps, write_scores
from benchmarks.fields.takes import LEDGER, write_takes
from sirenade.errors import SirenadeError
from sirenade.files import write_text
from synth.instrument import Instrument
from training import checkpoint, runs
from training.config import Config
from training.experiments import Entry, Experiment
from training.harmonic.experiment import HarmonicExperiment
from training.harmonic.network import HarmonicConfig
from training.registry import entry
from training.sizes import network_size

SIZE, SOURCE = "size.json", "source.json"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Size:
    """How large a trained row is, and what its training took."""

    parameters: int
    macs_per_sample: int
    steps: int
    training_s: float


class Step(Protocol):
    """One measurement of a row; it is told whom to tell how far it is."""

    def __call__(self, progress: Callable[[int], None]) -> None: ...


class Row:
    """One trained or trivial row, its run opened when it is first needed."""

    def __init__(self, plan: Plan, name: str) -> None:
        self.plan, self.name = plan, name
        self._opened: tuple[Config, Experiment, checkpoint.Checkpoint] | None = None
        self._instrument: Instrument | None = None

    @property
    def run(self) -> Path:
        """Its run folder."""
        return self.plan.runs / self.name

    @property
    def there(self) -> bool:
        """Whether there is anything to measure."""
        return self.name not in TRAINED or (self.run / checkpoint.CHECKPOINT_FILE).exists()

    @property
    def opened(self) -> tuple[Config, Experiment, checkpoint.Checkpoint]:
        """Configuration, experiment and checkpoint of the run. Raises TrainingError or DatasetError."""
        if self._opened is None:
            self._opened = _open(self.plan, self.run)
        return self._opened

    @property
    def instrument(self) -> Instrument:
        """The run as an instrument."""
        if self._instrument is None:
            self._instrument = instrument_of(self.plan, self.name, self.opened[1])
        return self._instrument

    def forget_older(self) -> None:
        """Throw away what was measured of another checkpoint than the run has now."""
        folder = self.plan.folder(self.name)
        if self.name in TRAINED:
            file = (self.run / checkpoint.CHECKPOINT_FILE).stat()
            stamp = json.dumps({"checkpoint_bytes": file.st_size, "written_ns": file.st_mtime_ns}) + "\n"
            if (folder / SOURCE).exists() and (folder / SOURCE).read_text(encoding="utf-8") != stamp:
                shutil.rmtree(folder)
            write_text(folder / SOURCE, stamp)

    def steps(self) -> dict[str, tuple[str, Step]]:
        """Measurements by name: the file that says they are done, and what makes it."""
        plan, name = self.plan, self.name
        found: dict[str, tuple[str, Step]] = {
            "takes": (LEDGER, lambda progress: write_takes(plan, name, self._experiment(), progress)),
            "scores": (SCORES, lambda progress: write_scores(plan, name, progress)),
            "gaps": (GAPS, lambda progress: write_gaps(plan, name, progress)),
            "cdpam": (CDPAM, lambda progress: write_cdpam(plan, name, progress)),
        }
        if name in TRAINED:
            found |= {
                "alias": (ALIAS, lambda progress: write_alias(plan, name, self.instrument, progress)),
                "pitch": (PITCH, lambda progress: write_pitch(plan, name, self.instrument, progress)),
                "voices": (VOICES, lambda _: write_voices(plan, name, self.instrument)),
                "size": (SIZE, lambda _: self._write_size()),
            }
        return found

    def _experiment(self) -> Experiment | None:
        return self.opened[1] if self.name in TRAINED else None

    def _write_size(self) -> None:
        config, experiment, state = self.opened
        network = getattr(getattr(experiment, "network", None), "config", config.network)
        size = network_size(self.name, Entry("", config.model_copy(update={"network": network}), entry(config.model).build))
        found = Size(size.parameters, size.macs_per_sample, state.step, state.elapsed)
        write_text(self.plan.folder(self.name) / SIZE, json.dumps(asdict(found), indent=1) + "\n")


def _open(plan: Plan, run: Path) -> tuple[Config, Experiment, checkpoint.Checkpoint]:
    """runs.load, but harmonic fields that analyse the data as the plan does share its analysis, which takes long."""
    config = runs.read_config(run)
    network, data = config.network, config.data
    if not isinstance(network, HarmonicConfig):
        return runs.load(run)
    if (data.rate, data.seconds, network.partials, network.bands, network.hold_out) != (RATE, SECONDS, 0, BANDS, HOLD_OUT):
        return runs.load(run)
    state = checkpoint.load(run / checkpoint.CHECKPOINT_FILE)
    experiment = HarmonicExperiment(config, network, plan.sounds, plan.notes, torch.device("cpu"))
    experiment.load_state_dict(state.experiment)
    return config, experiment, state


def measure(plan: Plan, say: Say) -> list[str]:
    """Measure what is missing of every row that is there; `say` is told in sentences. Returns the rows that are there.

    A measurement that fails is told and left out; the others go on.
    """
    torch.set_num_threads(1)
    found = []
    for name in plan.rows:
        row = Row(plan, name)
        if not row.there:
            say(f"{name}: there is no run {row.run}, so its row stays empty.")
            continue
        row.forget_older()
        found.append(name)
        steps = row.steps()
        for step in plan.steps:
            if step in steps and not (plan.folder(name) / steps[step][0]).exists():
                _take(name, step, steps[step][1], say)
    return found


def _take(name: str, step: str, make: Step, say: Say) -> None:
    try:
        make(lambda done: None)
    except (SirenadeError, OSError) as error:
        say(f"{name}: {step} could not be measured: {error}")
    else:
        say(f"{name}: {step}")
