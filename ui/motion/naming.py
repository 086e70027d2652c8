"""What a player reads of a target of the matrix."""

from synth.routing import LATENT, TARGETS
from ui.state.catalog import Sounds
from ui.text import tr


def target_label(sounds: Sounds | None, target: str) -> str:
    """Its label; a direction that this instrument does not have is called by its name."""
    if not target.startswith(LATENT):
        return tr(TARGETS[target].label)
    name = target.removeprefix(LATENT)
    return tr(sounds.directions[name].label) if sounds is not None and name in sounds.directions else name
