"""Evaluators run the graphs of an instrument, behind the interface of synth.engine.playable."""

from synth.engine.noise import band_noise
from synth.engine.playable import Playable
from synth.evaluators.onnx import OnnxEvaluator
from synth.instrument import Instrument

__all__ = ["OnnxEvaluator", "make_playable"]


def make_playable(instrument: Instrument, rate: float, threads: int = 1) -> Playable:
    """Open the graphs and make band noise for a device rate in Hz. Takes a moment: not for the render thread."""
    noise = band_noise(instrument.card.noise_bands, rate)
    return Playable(instrument.card, instrument.latents, OnnxEvaluator(instrument, threads), noise)
