"""Directions of the latent space that can be named: where the anchors differ most, and what makes them brighter or noisier.

Both come from the instrument's own anchors alone, so that engine and window find the same ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.instrument.latents import Latents

Floats = NDArray[np.float64]

PRINCIPAL = 4
FEWEST = 8
"""Anchors below which nothing can be said of how well a descriptor's direction works."""
CHANCE = 2.0
"""Correlation, times the square root of the number of anchors, that noise reaches once in 10 (16 anchors) to 20 times (27)."""
_MOST = 4096
"""Anchors that are looked at; of more, evenly chosen ones."""
_PENALTIES = np.logspace(-3.0, 3.0, 13)
"""Of the regression, in mean squared singular values of the anchors."""
_FLAT = 1e-6
"""Share of the greatest spread below which the anchors do not differ along an axis."""
_LABELS = {"centroid_hz": "Brightness", "flatness": "Noisiness", "attack_s": "Attack time", "level_db": "Loudness"}
_LEAST = {"hz": 1.0, "s": 1e-3, "flatness": 1e-7}
"""Descriptors, by the last part of their name, whose logarithm counts, and what is taken for 0 of them."""


@dataclass(frozen=True)
class Direction:
    """A direction of the latent space."""

    name: str
    label: str
    vector: Floats
    """[D] one unit: one standard deviation of the anchors along it; zeros where they do not differ"""
    correlation: float
    """0..1, how well it predicts its descriptor of an anchor that was left out; 1 for principal directions"""
    descriptor: str = ""
    """The anchors' descriptor that grows along it"""
    works: bool = True
    """Whether that correlation is more than chance gives so few anchors"""


def directions(latents: Latents) -> dict[str, Direction]:
    """Those of an instrument, by name: pc1 to pc4, then its descriptors. Principal ones are at right angles."""
    chosen = slice(None, None, -(-len(latents.latents) // _MOST))
    anchors = latents.latents[chosen].astype(np.float64)
    away = anchors - anchors.mean(0)
    left, spread, right = np.linalg.svd(away, full_matrices=False)
    kept = spread > _FLAT * max(float(spread[0]), 1e-12)
    left, spread, right = left[:, kept], spread[kept], right[kept]
    found = {}
    for number in range(PRINCIPAL):
        there = number < len(spread)
        axis = right[number] if there else np.zeros(anchors.shape[1])
        # the sign of a singular vector is an accident: let the anchor that is farthest out lie on the positive side
        axis = axis * _sign(away @ axis)
        name, label = f"pc{number + 1}", f"Principal {number + 1}"
        found[name] = Direction(name, label, _unit(axis, away), float(there), works=there)
    for column, name in enumerate(latents.descriptor_names):
        if name not in found:
            values = _scaled(name, latents.descriptors[chosen, column].astype(np.float64))
            weights, correlation = _regress(left, spread, values)
            label = _LABELS.get(name, name.replace("_", " ").capitalize())
            works = bool(correlation > CHANCE / np.sqrt(len(anchors)))
            found[name] = Direction(name, label, _unit(weights @ right, away), correlation, name, works)
    return found


def _regress(left: Floats, spread: Floats, values: Floats) -> tuple[Floats, float]:
    """Ridge regression of `values` [K] on anchors given by their singular vectors: weights [R] and correlation.

    The penalty is the one with the least squared error on anchors left out one by one, in closed form: the residual over
    one minus its leverage (Golub, Heath, Wahba 1979; exact with an intercept that is fitted along and not penalised).
    """
    count = len(values)
    about = values - values.mean()
    if len(spread) == 0 or not np.ptp(values) > 1e-9 * np.abs(values).max():
        return np.zeros(len(spread)), 0.0
    best, weights, correlation = np.inf, np.zeros(len(spread)), 0.0
    seen = left.T @ about
    for penalty in _PENALTIES * np.mean(spread**2):
        shrink = spread**2 / (spread**2 + penalty)
        leverage = 1.0 / count + left**2 @ shrink
        missed = (about - left @ (shrink * seen)) / np.maximum(1.0 - leverage, 1e-6)
        if missed @ missed < best:
            best = float(missed @ missed)
            weights, correlation = shrink * seen / spread, _correlation(about, about - missed)
    return weights, correlation if count >= FEWEST else 0.0


def _correlation(wanted: Floats, guessed: Floats) -> float:
    """0..1; what guesses the wrong way round guesses nothing."""
    guessed = guessed - guessed.mean()
    size = float(np.linalg.norm(wanted) * np.linalg.norm(guessed))
    return min(1.0, max(0.0, float(wanted @ guessed) / size)) if size > 0.0 else 0.0


def _scaled(name: str, values: Floats) -> Floats:
    """Values as ears compare them: frequencies, times and flatness by their ratios."""
    least = _LEAST.get(name.rsplit("_", 1)[-1])
    return values if least is None else np.log(np.maximum(values, least))


def _unit(axis: Floats, away: Floats) -> Floats:
    """`axis` [D] as long as one standard deviation of the anchors along it."""
    length = float(np.linalg.norm(axis))
    return axis * (float(np.std(away @ axis)) / length**2) if length > 0.0 else axis


def _sign(places: Floats) -> float:
    return -1.0 if places[np.abs(places).argmax()] < 0.0 else 1.0
