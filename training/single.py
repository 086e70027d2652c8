"""One function for one sound: fitting it, playing it, sampling it at any rate."""

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

import sirenade
from sirenade.errors import TrainingError
from sirenade.files import replacing
from synth.instrument import Card, Instrument, load
from training import registry, runs
from training.config import Config, apply_settings
from training.data import Sound
from training.data.files import read_channels
from training.data.files import resample as soxr_resample
from training.data.folder import pitch_of
from training.export.bandwidth import Sampler
from training.export.writer import About, write
from training.fit import Progress
from training.fit import fit as fit_run
from training.metrics import evaluate
from training.models.experiment import DecoderExperiment
from training.models.film import FilmConfig

Samples = NDArray[np.float32]

MIN_SECONDS, MAX_SECONDS = 0.02, 12.0
MIN_RATE, MAX_RATE = 8000.0, 384000.0
SUFFIXES = (".wav", ".flac", ".aif", ".aiff")
ENDLESS = 10_000_000
"""More steps than any budget allows."""
LEVEL = "level"
"""Key of the recipe: the factor by which the recording was divided before it was fitted."""


def fit_file(
    path: Path, out: Path, model: str, budget: float, settings: Sequence[str] = (), progress: Progress | None = None
) -> dict[str, float]:
    """Fit one sound file (its channels mixed) for `budget` seconds; write a one-anchor instrument; return its scores.

    Raises DatasetError or TrainingError: not a sound file, too long, not a FiLM model, or `out` exists.
    """
    if out.exists():
        raise TrainingError(f"{out} exists already; name another folder or remove it.")
    channels, rate = read_channels(path)
    card = fit_samples(channels.mean(axis=1), rate, path.stem, out, model, budget, settings, progress)
    scores: dict[str, float] = card.metrics[model]
    return scores


def fit_samples(
    samples: Samples,
    rate: int,
    name: str,
    out: Path,
    model: str,
    budget: float,
    settings: Sequence[str] = (),
    progress: Progress | None = None,
) -> Card:
    """Fit mono samples [T] at `rate` Hz for `budget` seconds and write the instrument `out`; returns its card."""
    seconds = len(samples) / rate
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        raise TrainingError(f"{name} lasts {seconds:.2f} s; one function holds {MIN_SECONDS:g} to {MAX_SECONDS:g} s.")
    config = single_config(model, rate, seconds, budget, settings)
    peak = float(np.abs(samples).max()) or 1.0
    sound = Sound(name, samples / np.float32(peak), rate, pitch_of(name), instrument=name)
    experiment = DecoderExperiment(config, [sound], runs.choose_device(config.device))
    with tempfile.TemporaryDirectory() as run:
        evaluation = fit_run(config, experiment, Path(run), progress=progress)
    about = About(
        name=name[:80] or "sound",
        description=f"One function fitted to {name}.",
        tags=("single",),
        metrics={model: dict(evaluation.scores[name])},
        recipe={
            "config": config.model_dump(mode="json", exclude_none=True),
            LEVEL: peak,
            "code": f"sirenade {sirenade.__version__}",
        },
    )
    return write(out, experiment.parts(), about)


def single_config(model: str, rate: int, seconds: float, budget: float, settings: Sequence[str] = ()) -> Config:
    """A FiLM model's configuration for one sound: a small mapping, and omega scaled with the sound's length.

    Raises TrainingError where `model` is not of the FiLM family.
    """
    network = registry.entry(model).config.network
    if not isinstance(network, FilmConfig) or budget <= 0:
        raise TrainingError(f"{model} does not fit single sounds; choose film-4x128 or another film model.")
    tree = {
        "model": model,
        "network": {
            "latent": 8,
            "mapping_width": 16,
            "mapping_layers": 1,
            "omega_first": network.omega_first * max(seconds, 0.1),
        },
        "data": {"rate": rate, "seconds": seconds},
        "steps": ENDLESS,
        "checkpoint_every": ENDLESS,
        "max_seconds": budget,
        "batch": 1,
        "coordinates": 4096,
        "segment": 16,
        "image_penalty": 0.0,  # one sound is fitted so well that off the grid its images weigh as much as its other errors
    }
    return registry.to_config(apply_settings(tree, settings), model)


def resample_file(
    path: Path,
    out: Path,
    rate: float,
    instrument: Path | None = None,
    model: str = "film-4x128",
    budget: float = 60.0,
    progress: Progress | None = None,
) -> float:
    """Write `path` at `rate` Hz by sampling a function of each channel; returns its mean SNR in dB at the file's own rate.

    `instrument`: use that function, fitted before, for every channel. Raises TrainingError, DatasetError or InstrumentError.
    """
    if not MIN_RATE <= rate <= MAX_RATE:
        raise TrainingError(f"a rate of {rate:g} Hz is out of range; choose {MIN_RATE:g} to {MAX_RATE:g}.")
    if out.suffix.lower() not in SUFFIXES:
        raise TrainingError(f"{out} must end in {', '.join(SUFFIXES)}.")
    channels, found = read_channels(path)
    columns, ratios = [], []
    for channel in channels.T:
        with tempfile.TemporaryDirectory() as place:
            fitted = instrument or Path(place) / "function"
            if instrument is None:
                fit_samples(channel, found, path.stem, fitted, model, budget, progress=progress)
            function = load(fitted)
        columns.append(sample(function, len(channel) / found, found, rate))
        again = sample(function, len(channel) / found, found, found)
        ratios.append(evaluate(channel, again, found, ("snr_db",))["snr_db"])
    subtype = "FLOAT" if out.suffix.lower() == ".wav" else "PCM_24"
    with replacing(out) as beside:
        soundfile.write(beside, np.stack(columns, axis=1), round(rate), subtype=subtype)
    return float(np.mean(ratios))


def sample(function: Instrument, seconds: float, source_rate: float, rate: float) -> Samples:
    """`seconds` of an instrument's first anchor at `rate` Hz, float32 [seconds * rate].

    Below the recording's rate the function is sampled at a multiple of `rate` and decimated (soxr), else it would alias.
    """
    factor = max(1, math.ceil(source_rate / rate - 1e-9))
    dense = rate * factor
    samples = Sampler(function).sample(0, round(seconds * rate) / rate, dense)
    samples = samples * np.float32(function.card.recipe.get(LEVEL, 1.0))
    return soxr_resample(samples, dense, rate) if factor > 1 else samples
