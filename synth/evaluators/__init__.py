"""Evaluators run the graphs of an instrument, behind the interface of synth.engine.playable."""

from synth.engine import seam_search
from synth.engine.noise import band_noise
from synth.engine.playable import Playable
from synth.evaluators.choice import Wanted, open_evaluator
from synth.evaluators.native import series_of
from synth.evaluators.onnx import OnnxEvaluator
from synth.instrument import Instrument
from synth.instrument.loader import open_pitch

__all__ = ["OnnxEvaluator", "make_playable"]


def make_playable(instrument: Instrument, rate: float, threads: int = 1, evaluator: Wanted = "auto") -> Playable:
    """Open the graphs, make band noise for a device rate in Hz, search the seams. Takes a moment: not for the render thread.

    `evaluator`: native, onnx, cuda, or auto for the fastest. Raises InstrumentError where native cannot play it, and
    EngineError where there is no GPU for cuda.
    """
    card, latents = instrument.card, instrument.latents
    noise = band_noise(card.noise_bands, rate, factor=card.oversampling)
    opened = open_evaluator(instrument, threads, evaluator)
    seams, series = seam_search.find(card, latents, opened), series_of(instrument)
    playable = Playable(card, latents, opened, noise, seams, open_pitch(instrument), series)
    _ = playable.vectors, playable.ground  # found now, and not in the render thread
    return playable
