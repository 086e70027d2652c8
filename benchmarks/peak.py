"""The most multiply-adds that one core of this processor can do: a loop of nothing else, in registers, as machine code."""

import ctypes
import time

import numpy as np

from synth.machine import Code, Machine, host

CHAINS = 12
"""Independent sums: enough to fill two pipelines of four or five cycles, and few enough for sixteen registers."""
ROUNDS = 100_000
TRIES_S = 0.3


def fma_peak(machine: Machine | None = None) -> float:
    """Best operations a second (two for each multiply-add) on one thread; 0 where no code can be made for this processor.

    `machine`: this one with narrower vectors, perhaps.
    """
    machine = machine or host()
    try:
        code = Code(_module(machine), machine)
    except RuntimeError:
        return 0.0
    spin = code.function("spin", ctypes.c_void_p, ctypes.c_int64)
    lanes = machine.tile.lanes
    numbers = np.zeros(2 * lanes, np.float32)
    best, end = 0.0, time.perf_counter() + TRIES_S
    while (begun := time.perf_counter()) < end:
        spin(numbers.ctypes.data, ROUNDS)
        best = max(best, 2.0 * lanes * CHAINS * ROUNDS / (time.perf_counter() - begun))
    return best


def _module(machine: Machine) -> str:
    """`void spin(float *numbers, i64 rounds)`: CHAINS sums of the first vector times the second, added up into the first."""
    lanes = machine.tile.lanes
    vector = f"<{lanes} x float>"
    chains = range(CHAINS)
    # where the processor has no fused instruction, a multiplication and an addition are what there is
    if machine.tile.fused:
        steps = [f"%next{c} = call {vector} @llvm.fma.v{lanes}f32({vector} %a, {vector} %b, {vector} %sum{c})" for c in chains]
    else:
        steps = [f"%p{c} = fmul {vector} %a, %sum{c}\n  %next{c} = fadd {vector} %p{c}, %b" for c in chains]
    phis = [f"%sum{c} = phi {vector} [ %a, %entry ], [ %next{c}, %loop ]" for c in chains]
    totals = [f"%t{c} = fadd {vector} %{'a' if c == 0 else f't{c - 1}'}, %next{c}" for c in chains]
    new_line = "\n  "
    return f"""
target triple = "{machine.triple}"
declare {vector} @llvm.fma.v{lanes}f32({vector}, {vector}, {vector})
define void @spin(ptr %numbers, i64 %rounds) {{
entry:
  %a = load {vector}, ptr %numbers, align 4
  %second = getelementptr {vector}, ptr %numbers, i64 1
  %b = load {vector}, ptr %second, align 4
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %more, %loop ]
  {new_line.join(phis)}
  {new_line.join(steps)}
  %more = add i64 %i, 1
  %on = icmp ult i64 %more, %rounds
  br i1 %on, label %loop, label %done
done:
  {new_line.join(totals)}
  store {vector} %t{CHAINS - 1}, ptr %numbers, align 4
  ret void
}}
"""
