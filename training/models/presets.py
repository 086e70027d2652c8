"""The named FiLM models."""

from training.experiments import Entry

MODELS: dict[str, Entry] = {}
