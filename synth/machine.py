"""Machine code at load: what this processor has, and LLVM's code for it, without a compiler on the user's machine."""

import ctypes
import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import llvmlite.binding as llvm


@dataclass(frozen=True)
class Tile:
    """How a kernel fills the registers."""

    lanes: int
    """Floats in a vector"""
    vectors: int
    outputs: int
    """Units made at once, at most"""
    fused: bool = True
    """Whether to use fused multiply-adds"""

    @property
    def frames(self) -> int:
        """T"""
        return self.lanes * self.vectors


TILES = {
    "avx512": Tile(16, 2, 8),
    "avx2": Tile(8, 2, 6),
    "neon": Tile(4, 4, 4),
    "sse": Tile(4, 2, 4, fused=False),
}
"""How the registers are filled, best first: 32 of 16 floats, 16 of 8, 32 of 4, 16 of 4"""


@dataclass(frozen=True)
class Machine:
    """A processor to make code for."""

    name: str
    """One of TILES"""
    triple: str
    cpu: str
    features: str

    @property
    def tile(self) -> Tile:
        """How its registers are filled."""
        return TILES[self.name]

    def without(self, *features: str) -> "Machine":
        """The same, as if it lacked some features."""
        flags = {flag[1:]: flag[0] == "+" for flag in self.features.split(",")}
        lacking = {name: present and not name.startswith(features) for name, present in flags.items()}
        cpu = "x86-64" if self.cpu != "generic" else self.cpu
        return Machine(_name(lacking), self.triple, cpu, _joined(lacking))


@cache
def host() -> Machine:
    """The processor this runs on."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = dict(llvm.get_host_cpu_features())
    return Machine(_name(features), llvm.get_process_triple(), llvm.get_host_cpu_name(), _joined(features))


def _joined(features: dict[str, bool]) -> str:
    return ",".join(f"{'+' if present else '-'}{name}" for name, present in sorted(features.items()))


def _name(features: dict[str, bool]) -> str:
    if platform.machine().lower() in ("arm64", "aarch64"):
        return "neon"
    if features.get("avx512f") and features.get("avx512vl"):
        return "avx512"
    return "avx2" if features.get("avx2") and features.get("fma") else "sse"


class Code:
    """Compiled functions; the object must outlive their use."""

    def __init__(self, module: Any, machine: Machine) -> None:  # noqa: ANN401 (llvmlite has no types)
        """Compile an IR module. Raises RuntimeError where LLVM refuses it."""
        parsed, target = _prepared(module, machine)
        self._engine = llvm.create_mcjit_compiler(parsed, target)
        self._engine.finalize_object()

    def function(self, name: str, *arguments: Any) -> Callable[..., None]:  # noqa: ANN401 (ctypes' types)
        """A function without a result; it runs without the interpreter's lock."""
        return ctypes.CFUNCTYPE(None, *arguments)(self._engine.get_function_address(name))


def assembly(module: Any, machine: Machine) -> str:  # noqa: ANN401
    """The machine code of an IR module as text, for people."""
    parsed, target = _prepared(module, machine)
    text: str = target.emit_assembly(parsed)
    return text


def _prepared(module: Any, machine: Machine) -> tuple[Any, Any]:  # noqa: ANN401
    """The module and what makes code of it; LLVM's passes over modules would improve nothing here, and double the time."""
    parsed = llvm.parse_assembly(str(module))
    parsed.verify()
    target = llvm.Target.from_triple(machine.triple).create_target_machine(machine.cpu, machine.features, opt=3, jit=True)
    return parsed, target
