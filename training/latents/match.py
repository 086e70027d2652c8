"""How good a match is: its scores beside silence, the nearest anchor, and what the instrument reaches on its own sounds."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.instrument.card import Card
from training.metrics import evaluate, to_markdown

Samples = NDArray[np.float32]
Scores = Mapping[str, float]

MEASURES = ("snr_db", "lsd_db", "multi_stft")
JUDGE = "multi_stft"
"""The measure that says how far: blind to small shifts, and a distance."""
ALIKE, HARDLY, LEAST_SNR = 1.15, 0.8, 1.0
"""Up to so many times its own sounds' distance a match is as good as they; from this share of
silence's on, or below so many dB, it is none."""


@dataclass(frozen=True)
class Match:
    """Scores of a match and of what stands beside it; `own`: means over the training sounds, where the card has them."""

    match: Scores
    nearest: Scores
    nearest_name: str
    silence: Scores
    own: Scores | None

    def table(self, name: str) -> str:
        """All of them as a Markdown table; `name`: the sound's."""
        rows = {name: self.match, f"nearest anchor ({self.nearest_name})": self.nearest, "silence": self.silence}
        if self.own is not None:
            rows["the instrument's own sounds, mean"] = self.own
        return to_markdown(rows)

    def verdict(self) -> str:
        """The table in one sentence."""
        found, silent = self.match[JUDGE], self.silence[JUDGE]
        if found > HARDLY * silent or self.match["snr_db"] < LEAST_SNR:
            return "The match is hardly nearer than silence: this instrument does not hold such a sound."
        if self.own is None or not self.own.get(JUDGE, 0.0) > 0.0:
            return (
                f"The match has {found / silent:.0%} of silence's distance; the card does not say how near its own sounds come."
            )
        times = found / self.own[JUDGE]
        if times <= ALIKE:
            return "The match is as good as the instrument's own sounds."
        return f"The match is {times:.1f} times as far from its sound as the instrument's own sounds are from theirs."


def make_match(sound: Samples, heard: Samples, nearest: Samples, nearest_name: str, card: Card) -> Match:
    """Scores of `heard` and of the `nearest` anchor against `sound`, all [T] at the card's training rate."""
    rate = card.training_rate
    rendered = (heard, nearest, np.zeros_like(sound))
    scores = [evaluate(sound, samples, rate, MEASURES) for samples in rendered]
    return Match(scores[0], scores[1], nearest_name, scores[2], own_scores(card))


def own_scores(card: Card) -> dict[str, float] | None:
    """Mean scores over the training sounds that the card tells of, or None where it tells nothing that can be used."""
    config = card.recipe.get("config")
    model = config.get("model") if isinstance(config, Mapping) else None
    row = card.metrics.get(model) if isinstance(model, str) else None
    if not isinstance(row, Mapping):
        return None
    numbers = {name: float(row[name]) for name in MEASURES if isinstance(row.get(name), int | float)}
    return numbers if JUDGE in numbers else None
