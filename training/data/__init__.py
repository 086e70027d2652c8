"""Recordings for training: every source becomes a list of Sounds."""

from training.data.load import Loaded, load_folder, load_sounds
from training.data.sound import Sound, fit_length

__all__ = ["Loaded", "Sound", "fit_length", "load_folder", "load_sounds"]
