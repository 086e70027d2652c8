"""What moves a note: the modulation matrix and its sources, in closed form, so that block size cannot change them."""

from synth.engine.modulation.matrix import Modulation
from synth.engine.modulation.scene import View

__all__ = ["Modulation", "View"]
