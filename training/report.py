"""The report of a run: what was trained, on what, and how it came out."""

from collections.abc import Mapping
from pathlib import Path

from sirenade.files import write_text
from training.config import Config
from training.experiments import Evaluation
from training.metrics import baselines, mean, to_csv, to_markdown

SCORES_FILE = "scores.csv"
HELD_OUT = "held-out "
"""Beginning of the names of sounds that were kept from training; their means are a row of their own."""


def score_rows(evaluation: Evaluation, model: str) -> dict[str, Mapping[str, float]]:
    """Mean scores of the model beside silence and white noise, with the metrics the evaluation used."""
    if not evaluation.scores:
        return {}
    rows = next(iter(evaluation.scores.values()))
    groups = {
        model: [scores for name, scores in evaluation.scores.items() if not name.startswith(HELD_OUT)],
        f"{model}, held-out": [scores for name, scores in evaluation.scores.items() if name.startswith(HELD_OUT)],
    }
    references = [each.reference for each in evaluation.reconstructions]
    rate = evaluation.reconstructions[0].rate
    means = {name: mean(scores) for name, scores in groups.items() if scores}
    return {**means, **baselines(references, rate, tuple(rows))}


def write_report(run: Path, config: Config, evaluation: Evaluation, steps: int, elapsed: float) -> None:
    """scores.csv with every sound, and report.md with the means, every sound and the configuration."""
    write_text(run / SCORES_FILE, to_csv(evaluation.scores))
    text = (
        f"# {config.model}\n\n{len(evaluation.scores)} sounds, {steps} steps in {elapsed:.0f} s.\n\n"
        f"## Means\n\n{to_markdown(score_rows(evaluation, config.model), 'model')}\n"
        f"## Every sound\n\n{to_markdown(evaluation.scores)}\n"
        f"Pictures are in pictures/, audio in audio/.\n\n## Configuration\n\n```toml\n{config.to_toml()}```\n"
    )
    write_text(run / "report.md", text)
