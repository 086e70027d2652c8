"""The limit that an evaluator is compared with: multiply-adds at the measured peak of a core, and 0.2 ns a sine.

The peak is the higher of two: a large SGEMM with NumPy's own BLAS on one thread, the best of many, in a process of its own (its
thread count is read when NumPy is loaded); and a loop of nothing but multiply-adds in registers (benchmarks.peak), since a BLAS
may be slower than its processor. Several threads have as many cores' peak. Nothing else is counted: neither the modulations,
nor memory, nor the call. Who needs less than 0.2 ns for a sine may come out above the limit.
"""

import os
import subprocess
import sys
import time
from typing import NamedTuple

from benchmarks.networks import Size

SINE_S = 0.2e-9
SIZES = (512, 1024, 1536)
TRIES_S = 0.6
"""For each size."""
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "OMP", "MKL", "VECLIB_MAXIMUM")}


def limit_s(size: Size, samples: int, threads: int, peak: float) -> float:
    """Least seconds for `samples` of a network, `peak` in operations a second and core (two for each multiply-add)."""
    return samples * (2.0 * size.multiply_adds / peak + size.sines * SINE_S) / threads


def gflops(size: Size, samples: int, seconds: float) -> float:
    """10^9 operations a second, two for each multiply-add; sines are not counted."""
    return 2.0e-9 * size.multiply_adds * samples / seconds


class Peak(NamedTuple):
    """Operations a second of one core."""

    sgemm: float
    registers: float

    @property
    def best(self) -> float:
        """The one that the limit is made of."""
        return max(self)


def measured_peak() -> float:
    """Operations a second of one core that the limit is made of; takes two seconds."""
    return measured_peaks().best


def measured_peaks() -> Peak:
    """Both peaks of this machine, see above."""
    from benchmarks.peak import fma_peak

    command = [sys.executable, "-c", "from benchmarks.limit import sgemm; print(sgemm())"]
    result = subprocess.run(command, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=True)
    return Peak(float(result.stdout), fma_peak())


def sgemm() -> float:
    """Best operations a second of NumPy's SGEMM on square matrices, with the threads that this process was given."""
    import numpy as np

    best = 0.0
    for size in SIZES:
        left = np.random.default_rng(0).random((size, size), np.float32)
        right, product = left.T.copy(), np.empty_like(left)
        end = time.perf_counter() + TRIES_S
        while (begun := time.perf_counter()) < end:
            np.matmul(left, right, out=product)
            best = max(best, 2.0 * size**3 / (time.perf_counter() - begun))
    return best
