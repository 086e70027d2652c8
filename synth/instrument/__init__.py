"""The instrument contract: the one thing every package agrees on. See docs/instrument-format.md."""

from synth.instrument.card import Card
from synth.instrument.latents import Latents
from synth.instrument.loader import Instrument, load

__all__ = ["Card", "Instrument", "Latents", "load"]
