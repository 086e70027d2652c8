"""Which evaluator plays an instrument: one that is asked for, or the faster one in a short race at load.

The race's times are kept in a small file in the user's cache folder, for this processor, version, field graph and number of
threads; a file that cannot be read or written is as good as none.
"""

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

import sirenade
from sirenade import paths
from sirenade.errors import EngineError, InstrumentError
from sirenade.files import write_text
from synth.engine.playable import Evaluator
from synth.evaluators.cuda import CudaEvaluator, cuda_devices
from synth.evaluators.native import NativeEvaluator, make_kernel, recognise
from synth.evaluators.onnx import OnnxEvaluator
from synth.evaluators.onnx_nodes import UnknownGraphError
from synth.evaluators.spare import WithSpare
from synth.evaluators.trust import difference, probe
from synth.instrument import Instrument
from synth.machine import host

Wanted = Literal["auto", "native", "onnx", "cuda"]
RACE_FILE = "evaluators.json"
RACE_ROWS, RACE_TURNS, RACE_S = 8, 15, 0.08
GPU_ROWS = 64
"""A GPU has to be faster on a full load: sixteen voices in a block of 256 frames."""
MOST_KEPT = 500
Times = dict[str, float]
"""Median ms of a call by evaluator"""


class UntrustedError(Exception):
    """The native evaluator would not play this instrument as it should; the text says why."""


def open_evaluator(instrument: Instrument, threads: int = 1, wanted: Wanted = "auto", cache: Path | None = None) -> Evaluator:
    """The evaluator for an instrument; `cache` is the folder of earlier races (default: the user's).

    A GPU has the CPU's evaluator as its spare. Raises InstrumentError where the instrument is broken, or `native` is asked for
    and cannot play it; EngineError where `cuda` is asked for and no GPU can be used.
    """
    if wanted == "cuda":
        gpu = CudaEvaluator(instrument)
        return WithSpare(gpu, _open_on_cpu(instrument, threads, "auto", cache))
    on_cpu = _open_on_cpu(instrument, threads, wanted, cache)
    return _faster_on_gpu(instrument, on_cpu) if wanted == "auto" and cuda_devices() else on_cpu


def _faster_on_gpu(instrument: Instrument, on_cpu: Evaluator) -> Evaluator:
    """The GPU where it can be used and wins, else the one on the CPU."""
    try:
        gpu = CudaEvaluator(instrument)
    except EngineError:
        return on_cpu
    times = race([gpu, on_cpu], instrument, GPU_ROWS)
    return WithSpare(gpu, on_cpu) if min(times, key=lambda name: times[name]) == "cuda" else on_cpu


def _open_on_cpu(instrument: Instrument, threads: int, wanted: Wanted, cache: Path | None) -> Evaluator:
    onnx = OnnxEvaluator(instrument, threads)
    if wanted == "onnx":
        return onnx
    path = (cache or paths.user_cache()) / RACE_FILE
    known = _read(path).get(_key(instrument, threads)) if wanted == "auto" else None
    if known and known["onnx"] < known["native"]:
        onnx.remark = "faster than native"
        return onnx
    try:
        native = _open_native(instrument, onnx, threads)
    except (UnknownGraphError, UntrustedError) as error:
        if wanted == "native":
            why = str(error) if isinstance(error, UntrustedError) else f"it is of another family ({error})"
            raise InstrumentError(
                f"the native evaluator cannot play {instrument.card.name}: {why}; choose auto or onnx."
            ) from None
        onnx.remark = str(error) if isinstance(error, UntrustedError) else ""  # other families need no excuse
        return onnx
    if wanted == "auto" and not known:
        known = race([native, onnx], instrument)
        _keep(path, _key(instrument, threads), known)
        if known["onnx"] < known["native"]:
            onnx.remark = "faster than native"
            return onnx
    return native


def race(evaluators: Sequence[Evaluator], instrument: Instrument, rows: int = RACE_ROWS) -> Times:
    """Median ms of a block of so many rows by evaluator (`native`, `onnx`, `cuda`); they take turns."""
    inputs = {name: np.resize(value, (rows, *value.shape[1:])) for name, value in probe(evaluators[0], instrument).items()}
    taken: dict[str, list[float]] = {evaluator.name.split()[0]: [] for evaluator in evaluators}
    begun = time.perf_counter()
    for turn in range(RACE_TURNS):
        for evaluator, times in zip(evaluators, taken.values(), strict=True):
            started = time.perf_counter()
            evaluator.samples(inputs)
            times.append(1000.0 * (time.perf_counter() - started))
        if turn and time.perf_counter() - begun > RACE_S:
            break
    return {name: float(np.median(times)) for name, times in taken.items()}


def _open_native(instrument: Instrument, onnx: OnnxEvaluator, threads: int) -> NativeEvaluator:
    """Raises UnknownGraphError where the field is of another family, and UntrustedError where it cannot be computed well."""
    field = recognise(instrument)
    try:
        native = NativeEvaluator(onnx, make_kernel(field, threads))
    except RuntimeError:  # LLVM knows this processor less well than it thought
        raise UntrustedError("no machine code can be made for this processor") from None
    wrong = difference(native, onnx, instrument, field)
    if wrong:
        raise UntrustedError(wrong)
    return native


def _key(instrument: Instrument, threads: int) -> str:
    machine = host()
    parts = (sirenade.__version__, machine.cpu, machine.name, hashlib.sha256(instrument.field).hexdigest(), str(threads))
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:32]


def _read(path: Path) -> dict[str, Times]:
    """Earlier races; whatever is wrong with the file, there were none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {str(key): {name: float(times[name]) for name in ("native", "onnx")} for key, times in content.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _keep(path: Path, key: str, times: Times) -> None:
    kept = list(_read(path).items())[1 - MOST_KEPT :]
    try:
        write_text(path, json.dumps({**dict(kept), key: times}, indent=1))
    except OSError:
        return  # the race is run again next time
