"""Levels of the bundled instruments: their cards became equally loud, and older patches sound as they did."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from synth.parameters import PARAMETERS

RAISED = {"Orchestra": 0.7, "Keys and Mallets": -1.3, "Voices and Winds": -1.0, "Small Objects": 8.2, "Hits": 9.7}
"""dB by which level_db of their cards rose (python -m benchmarks.loudness --write)"""
_FOLDERS = {name.lower().replace(" ", "-"): name for name in RAISED}


def as_before(patch: Mapping[str, Any]) -> dict[str, Any]:
    """A patch's fields, made for the cards as they were, with the level at which it sounds the same today."""
    called = patch.get("instrument", "")
    raised = RAISED.get(_FOLDERS.get(PurePath(called).name, called), 0.0)
    if not raised:
        return dict(patch)
    parameters = patch.get("parameters", {})
    level = parameters.get("level", PARAMETERS["level"].default) - raised
    return {**patch, "parameters": {**parameters, "level": round(level, 6)}}
