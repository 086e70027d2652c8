"""Scores of several models on the same sounds, beside silence and white noise."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sirenade.errors import TrainingError
from training.evaluation.sources import Takes
from training.metrics import CATALOGUE, evaluate_many, mean, to_csv, to_markdown
from training.metrics.evaluate import baseline_sounds
from training.report import HELD_OUT

Floats = NDArray[np.float64]
Scores = Mapping[str, float]

CHUNK = 8
FAD = "fad"


@dataclass(frozen=True)
class Scored:
    """Scores of every sound by every model (model -> sound -> metric -> value) and their means (row -> metric -> value).

    The rows of `means` are the models (held-out sounds in rows of their own), then silence and white noise.
    """

    metrics: Sequence[str]
    sounds: Mapping[str, Mapping[str, Scores]]
    means: Mapping[str, Scores]

    def to_markdown(self) -> str:
        """The means with the factors of the thesis's tables, and what must be said of them."""
        return to_markdown(printed(self.means), "model") + self.footnotes()

    def to_csv(self) -> str:
        """The means with all digits, without factors."""
        return to_csv(self.means, "model")

    def sounds_csv(self) -> str:
        """Every sound by every model, without factors."""
        rows = {f"{model}/{sound}": row for model, scored in self.sounds.items() for sound, row in scored.items()}
        return to_csv(rows, "model/sound")

    def footnotes(self) -> str:
        """Directions, and which means are over fewer sounds because the measure says nothing of the others; plain text."""
        higher = [name for name in self.metrics if CATALOGUE[name].better == "higher"]
        lines = [f"\nHigher is better: {', '.join(higher)}. Lower is better: all others." if higher else "\nLower is better."]
        undefined: dict[tuple[str, int, int], list[str]] = {}
        for model, scored in self.sounds.items():
            for name in self.metrics:
                missing = sum(math.isnan(row[name]) for row in scored.values())
                if missing:
                    undefined.setdefault((model, missing, len(scored)), []).append(name)
        lines += [
            f"{', '.join(names)} of {model}: undefined for {missing} of {count} sounds (silence, or no utterance for PESQ), "
            "which are left out of the mean."
            for (model, missing, count), names in undefined.items()
        ]
        if any(math.isnan(value) for row in self.means.values() for value in row.values()):
            lines.append("n/a: the measure says nothing of any of these sounds.")
        return "\n\n".join(lines) + "\n"


def printed(rows: Mapping[str, Scores]) -> dict[str, dict[str, float]]:
    """Rows as they are printed: columns headed and multiplied as the metrics ask for ("mse x1000")."""
    return {row: {heading(name): value * times(name) for name, value in scores.items()} for row, scores in rows.items()}


def heading(name: str) -> str:
    """How a column is headed."""
    return CATALOGUE[name].heading(name) if name in CATALOGUE else name


def times(name: str) -> float:
    """The factor a column is printed with."""
    return CATALOGUE[name].times if name in CATALOGUE else 1.0


def direction(name: str) -> str:
    """Which way is better: "lower" or "higher"."""
    return CATALOGUE[name].better if name in CATALOGUE else "lower"


def score(
    takes: Sequence[Takes],
    metrics: Sequence[str],
    fad_weights: str = "",
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Scored:
    """Scores of all models and of the baselines; with `fad_weights` the Frechet audio distance as well.

    All `takes` hold the same sounds (see `open_sources`). `progress` is told how many sounds are done, of how many. Raises
    TrainingError where a package or weights are missing, or a model's output is not finite.
    """
    _check_finite(takes)
    if fad_weights:  # what is wrong with them is said before the long work, and they are kept
        from training.metrics import vggish

        vggish.load(fad_weights)
    first, names = takes[0], list(takes[0].pairs)
    references = [first.pairs[name].reference for name in names]
    estimates: dict[str, Sequence[NDArray[np.floating]]] = {
        each.name: [each.pairs[name].estimate for name in names] for each in takes
    }
    estimates |= baseline_sounds(references)
    total, done = len(names) * len(estimates), 0
    found: dict[str, dict[str, Scores]] = {}
    for model, sounds in estimates.items():
        found[model] = {}
        for start in range(0, len(names), CHUNK):
            part = slice(start, start + CHUNK)
            rows = evaluate_many(references[part], sounds[part], first.rate, metrics)
            found[model] |= dict(zip(names[part], rows, strict=True))
            done += len(rows)
            progress(done, total)
    means = _means(found)
    if fad_weights:
        _add_fad(means, estimates, references, first.rate, fad_weights)
    return Scored(tuple(metrics), {each.name: found[each.name] for each in takes}, means)


def _means(found: Mapping[str, Mapping[str, Scores]]) -> dict[str, dict[str, float]]:
    """Row -> mean scores; held-out sounds are a row of their own behind each model's, unless there is nothing else."""
    means: dict[str, dict[str, float]] = {}
    for model, scored in found.items():
        trained = [row for name, row in scored.items() if not name.startswith(HELD_OUT)]
        held_out = [row for name, row in scored.items() if name.startswith(HELD_OUT)]
        means[model] = mean(trained or held_out)
        if trained and held_out:
            means[f"{model}, held-out"] = mean(held_out)
    return means


def _add_fad(
    means: dict[str, dict[str, float]],
    estimates: Mapping[str, Sequence[NDArray[np.floating]]],
    references: Sequence[NDArray[np.floating]],
    rate: float,
    weights: str,
) -> None:
    from training.metrics.frechet import fad

    wanted = [np.asarray(samples, np.float64) for samples in references]
    for model, sounds in estimates.items():
        means[model][FAD] = fad(wanted, [np.asarray(samples, np.float64) for samples in sounds], rate, weights)


def _check_finite(takes: Sequence[Takes]) -> None:
    for each in takes:
        for name, pair in each.pairs.items():
            if not len(pair.reference) or not np.isfinite(pair.estimate).all() or not np.isfinite(pair.reference).all():
                raise TrainingError(f"{name} of {each.name} holds samples that are not numbers, or none; render it anew.")
