"""What the native evaluator's machine code reaches on each set of instructions, its second thread, and its sine's error.

`python -m benchmarks.kernel` prints four tables. Runs of the compared take turns; times are the best of many (the machine's
other programs only add to them), those of threads medians, each after a pause as long as a block. On a machine with other work,
run it with a real-time priority: `chrt -f 20 python -m benchmarks.kernel`.
"""

import ctypes
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from llvmlite import ir

from benchmarks.limit import SINE_S
from benchmarks.networks import Oscillators
from benchmarks.peak import fma_peak
from synth.evaluators.bank import BankKernel
from synth.evaluators.bank_formula import BankField
from synth.evaluators.bank_layout import BankShape
from synth.evaluators.film import FilmKernel
from synth.evaluators.film_graph import FilmField
from synth.evaluators.film_layout import FilmShape
from synth.machine import Code, Machine, host
from synth.vector_ir import INDEX, POINTER, VOID, Emitter, Value

FRAMES = 64
BEST_OF = 30
NETWORKS = ((4, 64), (4, 128), (8, 256))
ROWS = {64: 64, 128: 16, 256: 2}
"""About a millisecond of one thread"""
BANKS, BANDS = (16, 64, 256), 24
BLOCK_S = 0.003


def main() -> None:
    """Print the tables."""
    print("| instructions | multiply-adds from registers: GFLOP/s | network | GFLOP/s | share of limit | ms to load |")
    print("|---|--:|---|--:|--:|--:|")
    for machine in machines():
        registers = fma_peak(machine)
        for layers, width in NETWORKS:
            operations, share, load = reached(layers, width, machine, registers)
            peak = f"{registers / 1e9:.0f}"
            print(f"| {machine.name} | {peak} | {layers}x{width} | {operations / 1e9:.1f} | {share:.0%} | {1e3 * load:.0f} |")
    print(f"\nThe limit counts multiply-adds at that peak, and {SINE_S * 1e9:g} ns a sine.\n")
    print("| instructions | oscillators that sound | ns for each and frame | share of limit | ms to load |")
    print("|---|--:|--:|--:|--:|")
    for machine in machines():
        registers = fma_peak(machine)
        for count in BANKS:
            seconds, share, load = bank_reached(count, machine, registers)
            print(f"| {machine.name} | {count} | {1e9 * seconds / count:.3f} | {share:.0%} | {1e3 * load:.0f} |")
    print()
    print("| network | rows | one thread: ms | two: ms | gain |\n|---|--:|--:|--:|--:|")
    for layers, width in NETWORKS:
        for rows in (ROWS[width] * ms for ms in (1, 2, 5)):
            one, two = threads(layers, width, rows)
            print(f"| {layers}x{width} | {rows} | {1e3 * one:.2f} | {1e3 * two:.2f} | {one / two:.2f} |")
    print("\n| argument up to (rad) | largest error of the sine | of sin(x) for a float32 x in radians |\n|--:|--:|--:|")
    for radians in (1.0, 10.0, 100.0, 1_000.0, 10_000.0):
        print(f"| {radians:g} | {sine_error(radians):.1e} | {rounding(radians):.1e} |")


def machines() -> Iterator[Machine]:
    """This processor, and as if it had narrower vectors only."""
    yield host()
    if host().name == "avx512":
        yield host().without("avx512", "avx10")
    if host().name in ("avx512", "avx2"):
        yield host().without("avx", "fma", "f16c")


def reached(layers: int, width: int, machine: Machine, peak: float) -> tuple[float, float, float]:
    """Operations a second of a call, its share of the limit, and the seconds that loading took."""
    begun = time.perf_counter()
    kernel = FilmKernel(random_field(layers, width), 1, machine)
    load = time.perf_counter() - begun
    rows = ROWS[width]
    inputs = random_rows(kernel.shape, rows)
    operations = 2.0 * kernel.macs_per_sample * rows * FRAMES
    seconds = best(lambda: kernel.samples(inputs))
    limit = operations / peak + layers * width * rows * FRAMES * SINE_S
    return operations / seconds, limit / seconds, load


def bank_reached(count: int, machine: Machine, peak: float) -> tuple[float, float, float]:
    """Seconds a frame of a bank of which `count` partials sound, its share of the limit, and the seconds that loading took."""
    size = Oscillators(count, BANDS)
    shape = BankShape(count, 2, 1, 0, BANDS, 1e-7, 12.5)
    ratios = np.tile(np.arange(1.0, count + 1.0), (2, 1))
    begun = time.perf_counter()
    kernel = BankKernel(BankField(shape, ratios, np.zeros(count), np.zeros(0), np.zeros(0)), 1, machine)
    load = time.perf_counter() - begun
    rows = max(1, 8192 // count)
    inputs = bank_rows(shape, rows)
    seconds = best(lambda: kernel.samples(inputs)) / (rows * FRAMES)
    return seconds, (2.0 * size.multiply_adds / peak + size.sines * SINE_S) / seconds, load


def threads(layers: int, width: int, rows: int) -> tuple[float, float]:
    """Median seconds of a call with one and with two threads."""
    kernels = [FilmKernel(random_field(layers, width), count) for count in (1, 2)]
    inputs = random_rows(kernels[0].shape, rows)
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(BEST_OF):
        for kernel, times in zip(kernels, taken, strict=True):
            time.sleep(BLOCK_S)
            times.append(timed(partial(kernel.samples, inputs)))
    return float(np.median(taken[0])), float(np.median(taken[1]))


def sine_error(radians: float) -> float:
    """Largest absolute error of the machine code's sine of float32 half turns up to as many radians."""

    def body(emit: Emitter, arguments: list[Value]) -> None:
        data, count = arguments
        with emit.loop(count, emit.lanes) as (index, _):
            emit.store(emit.sine(emit.load(data, index)), data, index)

    half_turns = np.random.default_rng(0).uniform(-radians / np.pi, radians / np.pi, 1 << 20).astype(np.float32)
    found = half_turns.copy()
    compiled(host(), body)(found.ctypes.data, len(found))
    return float(np.abs(found - np.sin(np.pi * (half_turns.astype(np.float64) % 2.0))).max())


def rounding(radians: float) -> float:
    """What the rounding of an argument in radians to float32 does to a perfect sine, at worst."""
    return float(np.spacing(np.float32(radians))) / 2.0


def compiled(machine: Machine, body: Callable[[Emitter, list[Value]], None]) -> Callable[..., None]:
    """A function of an address and a count."""
    module = ir.Module("measured")
    function = ir.Function(module, ir.FunctionType(VOID, [POINTER, INDEX]), "run")
    emit = Emitter(ir.IRBuilder(function.append_basic_block()), machine.tile.lanes, machine.tile.fused)
    body(emit, list(function.args))
    emit.builder.ret_void()
    code = Code(module, machine)
    run = code.function("run", ctypes.c_void_p, ctypes.c_int64)

    def call(address: int, count: int) -> None:
        assert code
        run(address, count)

    return call


def best(call: Callable[[], object]) -> float:
    """Seconds of the fastest of many calls."""
    return min(timed(call) for _ in range(BEST_OF))


def timed(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def random_field(layers: int, width: int) -> FilmField:
    """A network with random weights."""
    generator = np.random.default_rng(1)
    return FilmField(
        np.full(layers, 0.1),
        generator.uniform(-1.0, 1.0, (layers, width)),
        generator.uniform(-1e4, 1e4, width),
        generator.uniform(-1.0, 1.0, width),
        generator.uniform(-1.0, 1.0, (layers - 1, width, width)) * np.sqrt(6.0 / width),
        generator.uniform(-1.0, 1.0, width) / width,
        FilmShape(layers, width, layers, 0, 0.0, 0.0),
    )


def random_rows(shape: FilmShape, rows: int) -> dict[str, np.ndarray]:
    """Held rows of a quantum each."""
    generator = np.random.default_rng(2)
    films = {name: generator.normal(size=(rows, shape.films, shape.width)).astype(np.float32) for name in ("gamma", "beta")}
    offsets = np.tile(np.arange(FRAMES, dtype=np.float32) / np.float32(48000.0), (rows, 1))
    return {"time_start": generator.random(rows), "time_offset": offsets, **films}


def bank_rows(shape: BankShape, rows: int) -> dict[str, np.ndarray]:
    """Rows of a quantum each, in which every partial of one series sounds."""
    generator = np.random.default_rng(2)
    place = np.arange(FRAMES, dtype=np.float32)
    inputs = {
        "phase_start": generator.uniform(0.0, 1e4, rows),
        "phase_offset": np.tile(place * np.float32(1e-3), (rows, 1)),
        "bandlimit": np.full(rows, 1e4, np.float32),
        "blend": np.tile(place / np.float32(FRAMES), (rows, 1)),
        "noise": generator.standard_normal((rows, FRAMES, shape.bands), np.float32),
    }
    for name, size in shape.modulations.items():
        for end in ("start", "end"):
            inputs[f"{name}_{end}"] = generator.uniform(0.1, 1.0, (rows, *size)).astype(np.float32)
    return inputs


if __name__ == "__main__":
    main()
