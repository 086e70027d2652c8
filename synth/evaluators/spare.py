"""An evaluator with a spare: where the first fails while it plays, the spare computes that very block and all that follow."""

import numpy as np
from numpy.typing import NDArray

from synth.engine.playable import Evaluator, Tensors


class WithSpare:
    """Hands everything to `first` until it raises, then to `spare` for good; `failure` then says why.

    Both play the same instrument, and the spare is opened and warm. It may be slower: the load shedding sees to the rest.
    """

    def __init__(self, first: Evaluator, spare: Evaluator) -> None:
        self._current = first
        self._spare = spare
        self.failure = ""
        """Why the first one was given up, in one sentence; empty while it plays."""

    @property
    def name(self) -> str:
        """The name of the one in use."""
        return self._current.name

    @property
    def interpolates(self) -> bool:
        """As the one in use; it changes within `samples` only, when its rows are made."""
        return self._current.interpolates

    def modulations(self, conditions: Tensors) -> dict[str, NDArray[np.float32]]:
        """Run the mapping graph."""
        if self._current is not self._spare:
            try:
                return self._current.modulations(conditions)
            except Exception as error:  # whatever a driver does, the block must come
                self._give_up(error)
        return self._spare.modulations(conditions)

    def samples(self, inputs: Tensors) -> NDArray[np.float32]:
        """Run the field graph."""
        if self._current is not self._spare:
            try:
                samples = self._current.samples(inputs)
            except Exception as error:  # whatever a driver does, the block must come
                self._give_up(error)
            else:
                if np.isfinite(samples).all():  # a GPU that is being lost may answer with anything
                    return samples
                self._give_up(None)
        return self._spare.samples(inputs)

    def _give_up(self, error: Exception | None) -> None:
        what = "its samples were not finite"
        if error is not None:
            what = str(error).strip().split("\n")[0].rstrip(".")[:200] or type(error).__name__
        self.failure = f"{self._current.name} was given up, {self._spare.name} plays on with as many voices as it can: {what}."
        self._current = self._spare
