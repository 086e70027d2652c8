"""Recordings for training: every source becomes a list of Sounds."""

from training.data.load import load_sounds
from training.data.sound import Sound, fit_length

__all__ = ["Sound", "fit_length", "load_sounds"]
