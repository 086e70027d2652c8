import ctypes
from collections.abc import Callable

import llvmlite.binding as llvm
import numpy as np
import pytest
from llvmlite import ir

from synth.evaluators.film_code import film_module
from synth.evaluators.film_graph import recognise
from synth.machine import TILES, Code, Machine, assembly
from synth.vector_ir import INDEX, POINTER, VOID, Emitter, Value
from tests.helpers.film import film_export
from tests.helpers.machines import machines


def test_this_processor_has_narrower_machines_in_it() -> None:
    names = [machine.name for machine in machines()]
    assert names == [name for name in TILES if name in names]
    assert len(names) == {"avx512": 3, "avx2": 2}.get(names[0], 1)


def mapped(machine: Machine, make: Callable[[Emitter, Value], Value], values: np.ndarray) -> np.ndarray:
    """What instructions make of each of the values."""
    module = ir.Module("map")
    function = ir.Function(module, ir.FunctionType(VOID, [POINTER, POINTER, INDEX]), "run")
    emit = Emitter(ir.IRBuilder(function.append_basic_block()), machine.tile.lanes, machine.tile.fused)
    values = np.resize(values.astype(np.float32), -(-len(values) // 16) * 16)
    result = np.zeros_like(values)
    with emit.loop(function.args[2], machine.tile.lanes) as (index, _):
        emit.store(make(emit, emit.load(function.args[0], index)), function.args[1], index)
    emit.builder.ret_void()
    code = Code(module, machine)
    run = code.function("run", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
    run(values.ctypes.data, result.ctypes.data, len(values))
    return result


@pytest.mark.parametrize("machine", machines(), ids=lambda machine: machine.name)
@pytest.mark.parametrize("radians", [1.0, 10.0, 100.0, 1_000.0, 10_000.0, 1e6, 1e7])
def test_the_sine_is_as_good_however_large_its_argument(machine: Machine, radians: float) -> None:
    """Absolute error of sin(pi x) for float32 x, against float64: the reduction is exact."""
    half_turns = np.random.default_rng(0).uniform(-radians / np.pi, radians / np.pi, 160_000).astype(np.float32)
    wanted = np.sin(np.pi * (half_turns.astype(np.float64) % 2.0))
    assert np.abs(mapped(machine, Emitter.sine, half_turns) - wanted).max() < 1.7e-7


@pytest.mark.parametrize("machine", machines(), ids=lambda machine: machine.name)
def test_the_exponential_is_good_and_never_overflows(machine: Machine) -> None:
    values = np.random.default_rng(0).uniform(-12.0, 1.0, 160_000).astype(np.float32)
    wanted = np.exp(values.astype(np.float64))
    assert np.abs(mapped(machine, Emitter.exp, values) / wanted - 1.0).max() < 1.5e-6
    wild = np.array([-1e30, -np.inf, np.nan, 1e30, np.inf], np.float32)
    assert np.isfinite(mapped(machine, Emitter.exp, wild)).all()


@pytest.mark.parametrize("machine", machines(), ids=lambda machine: machine.name)
def test_accumulators_stay_in_registers(machine: Machine) -> None:
    """The inner loop multiplies and adds, and stores nothing: no accumulator is spilt to memory."""
    text = assembly(film_module(recognise(film_export(3, 64).field_graph()).shape, machine.tile), machine)
    body = inner_loop(text, f"kernel_{machine.tile.outputs}")
    multiplied = [line for line in body if "fmadd" in line or "mulps" in line]
    assert len(multiplied) == 4 * machine.tile.outputs * machine.tile.vectors
    assert not [line for line in body if "(%rsp)" in line]
    wide = {"avx512": "%zmm", "avx2": "%ymm"}.get(machine.name, "%xmm")
    assert all(wide in line for line in multiplied)


def inner_loop(text: str, function: str) -> list[str]:
    """The function's loop with most lines, without its label."""
    lines = text.split(f"\n{function}:", 1)[1].split(".Lfunc_end", 1)[0].splitlines()
    labels = {line.split(":")[0]: number for number, line in enumerate(lines) if line.startswith(".LBB")}
    loops = []
    for number, line in enumerate(lines):
        target = line.split()[-1] if line.strip().startswith("j") else ""
        if target in labels and labels[target] < number:
            loops.append(lines[labels[target] + 1 : number])
    return max(loops, key=len)


@pytest.mark.parametrize(("triple", "instruction"), [("aarch64-linux-gnu", "fmla"), ("x86_64-linux-gnu", "mulps")])
def test_code_can_be_made_for_other_processors(triple: str, instruction: str) -> None:
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    neon = triple.startswith("aarch64")
    machine = Machine("neon" if neon else "sse", triple, "generic" if neon else "x86-64", "")
    text = assembly(film_module(recognise(film_export(3, 16, knots=5).field_graph()).shape, machine.tile), machine)
    assert text.count(instruction) > 4 * machine.tile.outputs * machine.tile.vectors
    assert "call" not in text.split("kernel_4:")[1].split(".Lfunc_end")[0]
