"""What the `native` evaluator's kernels have in common as code: a module of functions, and a table of arguments."""

from collections.abc import Sequence
from typing import Any

from llvmlite import ir

from synth.machine import Tile
from synth.vector_ir import INDEX, POINTER, VOID, Emitter, Value


class KernelCode:
    """Base of a kernel's code. `module` has one public function, `void run(int64 *table, float *scratch)`."""

    def __init__(self, name: str, tile: Tile, table: Sequence[str], *, apart: bool) -> None:
        """`table` names the table's places; `apart`: no two pointers that a function is given lead to the same place."""
        self.tile, self.table, self._apart = tile, table, apart
        self.module: Any = ir.Module(name)  # llvmlite has no types

    def function(self, name: str, *arguments: Value, result: Value = VOID, public: bool = False) -> tuple[Value, Emitter]:
        """A new function, and what writes its code. Only a public one is seen from outside; others stay whole."""
        function = ir.Function(self.module, ir.FunctionType(result, arguments), name)
        if not public:
            function.linkage = "internal"
            function.attributes.add("noinline")
        for argument in function.args if self._apart else ():
            if argument.type == POINTER:
                argument.add_attribute("noalias")
        builder = ir.IRBuilder(function.append_basic_block("entry"))
        return function, Emitter(builder, self.tile.lanes, self.tile.fused)

    def slot(self, emit: Emitter, table: Value, name: str) -> Value:
        """Where a place of the table lies."""
        return emit.at(table, self.table.index(name), INDEX)

    def number(self, emit: Emitter, table: Value, name: str) -> Value:
        """A number of the table."""
        return emit.builder.load(self.slot(emit, table, name), typ=INDEX)

    def address(self, emit: Emitter, table: Value, name: str) -> Value:
        """An address of the table."""
        return emit.builder.load(self.slot(emit, table, name), typ=POINTER)
