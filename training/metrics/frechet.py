"""The Frechet audio distance (Kilgour et al. 2019): how unlike two sets of sounds are, not pair by pair."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def fad(references: Sequence[Floats], estimates: Sequence[Floats], rate: float, weights: str) -> float:
    """Frechet distance of the VGGish embeddings of two sets of sounds at `rate` Hz, 0 for equal sets, lower is better.

    `weights` is a path or URL (see `training.metrics.vggish.load`). Both sets should hold hundreds of sounds: with fewer
    embeddings than their 128 dimensions the figure is biased upwards. Raises TrainingError.
    """
    from training.metrics import vggish

    network = vggish.load(weights)
    return frechet_distance(vggish.embed(network, references, rate), vggish.embed(network, estimates, rate))


def frechet_distance(first: Floats, second: Floats) -> float:
    """Squared Frechet distance of the Gaussians fitted to vectors [N, D] and [M, D] (Dowson & Landau 1982).

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)). One vector alone has no spread.
    """
    (m1, c1), (m2, c2) = (gaussian(vectors) for vectors in (first, second))
    return gaussian_distance(m1, c1, m2, c2)


def gaussian(vectors: Floats) -> tuple[Floats, Floats]:
    """Mean [D] and covariance [D, D] of vectors [N, D]."""
    centred = vectors - vectors.mean(axis=0)
    covariance: Floats = centred.T @ centred / max(1, len(vectors) - 1)
    return vectors.mean(axis=0), covariance


def gaussian_distance(m1: Floats, c1: Floats, m2: Floats, c2: Floats) -> float:
    """Squared Frechet distance of two Gaussians of means [D] and covariances [D, D].

    The trace of the root is taken of the symmetric C1^(1/2) C2 C1^(1/2), which has the same eigenvalues, all real.
    """
    values, vectors = np.linalg.eigh(c1)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    crossed = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ c2 @ root), 0.0)).sum()
    return max(0.0, float(np.sum((m1 - m2) ** 2) + np.trace(c1) + np.trace(c2) - 2.0 * crossed))
