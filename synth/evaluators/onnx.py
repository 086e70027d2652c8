"""The `onnx` evaluator: ONNX Runtime runs any graph that keeps the contract."""

import numpy as np
from numpy.typing import NDArray

from synth.engine.playable import Tensors
from synth.evaluators.mapping import open_mapping
from synth.instrument.contract import SAMPLES
from synth.instrument.loader import Instrument, open_graphs


class OnnxEvaluator:
    """Both graphs of an instrument on the CPU. One caller at a time."""

    def __init__(self, instrument: Instrument, threads: int = 1) -> None:
        mapping, self._field = open_graphs(instrument, threads)
        self._mapping = open_mapping(instrument, mapping, threads)
        self.remark = ""
        """Why it was chosen, where another might have been; for the status line"""

    @property
    def name(self) -> str:
        """`onnx cpu`, and why."""
        return f"onnx cpu: {self.remark}" if self.remark else "onnx cpu"

    @property
    def interpolates(self) -> bool:
        """Held modulations are constants of its graph."""
        return False

    def modulations(self, conditions: Tensors) -> dict[str, NDArray[np.float32]]:
        """Run the mapping graph."""
        return self._mapping.run(conditions)

    def samples(self, inputs: Tensors) -> NDArray[np.float32]:
        """Run the field graph."""
        return self._field.run(inputs)[SAMPLES]
