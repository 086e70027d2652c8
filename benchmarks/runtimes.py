"""The evaluators that are compared, opened for one instrument; whichever cannot be had here says why in one sentence."""

from collections.abc import Iterator

import numpy as np

from benchmarks.networks import Network, has_pytorch
from sirenade.errors import EngineError, InstrumentError, SirenadeError
from synth.engine.playable import Evaluator, Tensors
from synth.evaluators.choice import open_evaluator
from synth.evaluators.cuda import CudaEvaluator
from synth.evaluators.onnx import OnnxEvaluator

PEAK_DIFFERENCE = 1e-2
"""Relative to the peak: random weights on late times are rounded differently by everyone; more is a mistake."""


def evaluators(network: Network, threads: int, inputs: Tensors, *, compiled: bool) -> Iterator[tuple[str, Evaluator | str]]:
    """Each evaluator by its name in the tables, or the sentence why there is none; ONNX Runtime comes first.

    `compiled`: PyTorch's compiler as well. Raises AssertionError where one of them computes other samples than ONNX Runtime.
    """
    reference = None
    for name, evaluator in _opened(network, threads, compiled):
        if not isinstance(evaluator, str):
            try:
                samples = evaluator.samples(inputs)
            except Exception as error:  # a compiler fails in many ways
                evaluator = _because(name, network, error)  # noqa: PLW2901
            else:
                reference = samples if reference is None else reference
                difference = np.abs(samples - reference).max()
                assert difference < PEAK_DIFFERENCE * max(np.abs(reference).max(), 1e-6), (name, network.name, difference)
        yield name, evaluator


def _opened(network: Network, threads: int, compiled: bool) -> Iterator[tuple[str, Evaluator | str]]:
    yield "onnx", OnnxEvaluator(network.instrument, threads)
    try:
        yield "native", open_evaluator(network.instrument, threads, "native")
    except InstrumentError as error:
        yield "native", str(error)
    if has_pytorch():
        from benchmarks.torch_evaluator import TorchEvaluator

        for compiles in (False, True) if compiled else (False,):
            name = "pytorch compiled" if compiles else "pytorch eager"
            try:
                yield name, TorchEvaluator(network.instrument, threads, compiled=compiles)
            except InstrumentError as error:
                yield name, f"{name} does not work for {network.name}: {error}"

    if threads == 1:
        try:
            yield "cuda", CudaEvaluator(network.instrument)
        except EngineError as error:
            yield "cuda", f"cuda: {error}"


def _because(name: str, network: Network, error: Exception) -> str:
    if isinstance(error, SirenadeError):
        return f"{name}: {error}"
    lines = str(error).strip().splitlines()
    return f"{name} does not work for {network.name} here: {type(error).__name__}{': ' + lines[0][:160] if lines else ''}."
