"""The one table of models: name -> default configuration and builder."""

from typing import Any

from sirenade.errors import TrainingError
from training.config import Config, validated
from training.experiments import Entry
from training.harmonic import presets as harmonic
from training.models import future
from training.models import presets as film
from training.phase_film import presets as phase_film

MODELS: dict[str, Entry] = {
    **film.MODELS,
    **future.MODELS,
    **harmonic.MODELS,
    **phase_film.MODELS,
}


def entry(name: str) -> Entry:
    """The model called `name`. Raises TrainingError that lists the names there are."""
    if name not in MODELS:
        raise TrainingError(f"there is no model {name!r}; choose one of {', '.join(sorted(MODELS))}.")
    return MODELS[name]


def to_config(tree: dict[str, Any], where: str) -> Config:
    """Configuration of a (partial) tree whose key "model" names the defaults. Raises TrainingError for unknown keys."""
    if not isinstance(tree.get("model"), str):
        raise TrainingError(f'{where} does not say which model; add a line like model = "film-3x64".')
    found = entry(tree["model"])
    merged = _merged(found.config.model_dump(mode="json", exclude_none=True), tree)
    network = validated(found.network, merged.pop("network"), f"{where}: network")
    config: Config = validated(type(found.config), {**merged, "network": network}, where)
    return config


def _merged(defaults: dict[str, Any], tree: dict[str, Any]) -> dict[str, Any]:
    merged = dict(defaults)
    for key, value in tree.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if both else value
    return merged
