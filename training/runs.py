"""Run folders: config.toml, checkpoint.pt, metrics.csv, TensorBoard events, audio/, pictures/, scores.csv, report.md."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import torch

from sirenade.errors import TrainingError
from sirenade.files import write_text
from training import checkpoint, registry
from training.config import Config, apply_settings, parse_toml
from training.data import load_folder
from training.experiments import Experiment

CONFIG_FILE = "config.toml"


def create(config: Config, folder: Path | None = None) -> Path:
    """A new run folder (default: runs/<model>-<date>-<time>) with its config.toml. Raises TrainingError if it exists."""
    run = folder or default_folder(config)
    need_free(run)
    try:
        run.mkdir(parents=True, exist_ok=True)
        write_text(run / CONFIG_FILE, config.to_toml())
    except OSError as error:
        raise TrainingError(f"the run folder {run} cannot be made: {error.strerror}.") from None
    return run


def need_free(run: Path) -> None:
    """Raise TrainingError where there is a run already."""
    if (run / CONFIG_FILE).exists():
        raise TrainingError(f"{run} is a run already; go on with `sirenade train --resume {run}` or name another folder.")


def default_folder(config: Config) -> Path:
    """runs/<model>-<date>-<time>."""
    return Path("runs") / f"{config.model}-{datetime.now():%Y%m%d-%H%M%S}"


def read_config(path: Path) -> Config:
    """The configuration of a TOML file or of a run folder. Raises TrainingError."""
    place = path / CONFIG_FILE if path.is_dir() else path
    return registry.to_config(parse_toml(_text(place), str(place)), str(place))


def configure(config: str | None, data: Path | None, settings: Sequence[str]) -> Config:
    """Configuration of a TOML file or a model's name, with --data and --set applied. Raises TrainingError."""
    if not config:
        raise TrainingError(f"name a TOML file or one of the models {', '.join(sorted(registry.MODELS))}.")
    path = Path(config)
    tree: dict[str, Any] = {"model": config}
    if config not in registry.MODELS and (path.suffix == ".toml" or path.exists()):
        tree = parse_toml(_text(path / CONFIG_FILE if path.is_dir() else path), config)
    if data is not None:
        tree["data"] = {**tree.get("data", {}), "folder": str(data.absolute())}
    return registry.to_config(apply_settings(tree, settings), config)


def build(config: Config, device: torch.device | None = None, say: Callable[[str], None] | None = None) -> Experiment:
    """Load the recordings and build the configured experiment. Raises DatasetError or TrainingError.

    `say` is told, a sentence at a time, which recordings were left out and why.
    """
    if not config.data.folder:
        raise TrainingError("no recordings are named; add --data FOLDER.")
    data = config.data
    loaded = load_folder(Path(data.folder), data.rate, data.seconds, data.limit or None)
    if say:
        for sentence in loaded.told():
            say(sentence)
    return registry.entry(config.model).build(config, loaded.sounds, device or choose_device(config.device))


def load(run: Path) -> tuple[Config, Experiment, checkpoint.Checkpoint]:
    """A run's configuration and its experiment (on the CPU) in the state of its checkpoint. Raises TrainingError."""
    config = read_config(run)
    state = checkpoint.load(run / checkpoint.CHECKPOINT_FILE)
    if not all(torch.isfinite(tensor).all() for tensor in state.experiment.values()):
        raise TrainingError(f"the checkpoint of {run} holds weights that are not numbers; train anew.")
    experiment = build(config, torch.device("cpu"))
    experiment.load_state_dict(state.experiment)
    return config, experiment, state


def choose_device(name: str) -> torch.device:
    """The device called "cpu" or "cuda", or for "auto" CUDA where there is one. Raises TrainingError."""
    if name == "cuda" and not torch.cuda.is_available():
        raise TrainingError("there is no CUDA device on this machine; set device=auto or device=cpu.")
    if name == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", torch.cuda.current_device())  # that of this process where there are several


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise TrainingError(f"{path} cannot be read; name a run folder, a TOML file or a model.") from None
