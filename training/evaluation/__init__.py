"""Evaluations: models beside their recordings, as tables, pictures and a page to listen to."""

from training.evaluation.scoring import Scored, score
from training.evaluation.sources import Takes, open_sources
from training.evaluation.writer import write_evaluation

__all__ = ["Scored", "Takes", "open_sources", "score", "write_evaluation"]
