"""The `native` evaluator's machine code as Python calls it: a table of numbers and addresses, and a scratch for each thread."""

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sirenade.errors import InstrumentError
from synth.engine.playable import Tensors
from synth.evaluators.arrays import aligned
from synth.evaluators.crew import Crew
from synth.machine import Code, Machine


class Kernel:
    """Base of the code for one field: rows in, samples out. The code is `void run(int64 *table, float *scratch)`."""

    def __init__(self, code: Code, machine: Machine, table: Sequence[str], words: int, threads: int) -> None:
        """`table` names the table's places; `words` is the size of a thread's scratch in float32."""
        self._code, self._machine = code, machine  # the code lasts as long as this
        self._run = code.function("run", ctypes.c_void_p, ctypes.c_void_p)
        self._places = {name: place for place, name in enumerate(table)}
        self._table = np.zeros(len(table), np.int64)
        self._scratch = [aligned(words) for _ in range(threads)]
        self._crew = Crew([self._job(scratch) for scratch in self._scratch]) if threads > 1 else None
        self._alone = self._job(self._scratch[0])

    @property
    def name(self) -> str:
        """Instructions and threads, for example `avx512 x1`."""
        return f"{self._machine.name} x{len(self._scratch)}"

    def samples(self, inputs: Tensors) -> NDArray[np.float32]:
        """Samples [R, N]. Raises InstrumentError where the inputs are not those of the field."""
        try:
            return self._samples(inputs)
        except KeyError as error:
            raise InstrumentError(f"the native evaluator lacks the input {error.args[0]}.") from None

    def _samples(self, inputs: Tensors) -> NDArray[np.float32]:
        raise NotImplementedError

    def _set(self, **values: int) -> None:
        """Write into the table. Whoever hands addresses in keeps what lies there until the call is done."""
        for name, value in values.items():
            self._table[self._places[name]] = value

    def _call(self, *, shared: bool) -> None:
        """Run the code on what the table names; `shared`: by all threads there are."""
        if self._crew and shared:
            self._crew.run()
        else:
            self._alone()

    def _job(self, scratch: NDArray[np.float32]) -> Any:  # noqa: ANN401
        run, table, place = self._run, self._table.ctypes.data, scratch.ctypes.data
        return lambda: run(table, place)
