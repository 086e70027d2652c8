"""How many voices play at 48 kHz on one thread: ONNX Runtime against PyTorch, inside the same engine, in the same run.

Measured are the bundled instruments and networks of the FiLM family with random weights, up to the thesis' full network of
8 sine layers of 256. The two runtimes take turns block by block, so that whatever else the machine does hits both alike.
A block's time is the CPU time of the one thread that renders it (waiting behind other programs does not count), the lower
quartile over many; the voices that fit are those whose time, on the line between the measured counts, equals the block's
length. "moving" is the same with the pad moving in every block, which is the dearest case.
"""

import argparse
import csv
import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
import torch

from benchmarks.torch_graph import TorchEvaluator
from synth import evaluators
from synth.commands import MovePad, NoteOn, SetParameter
from synth.engine.playable import Playable
from synth.engine.synth import Synth
from synth.instrument import Card, Instrument, Latents, library, load
from synth.instrument.card import FIELD_FILE, LATENTS_FILE, MAPPING_FILE
from synth.parameters import CURSOR_MODES
from training.export.film import FilmExport
from training.models.film import FilmConfig, FilmSiren
from training.models.presets import MODELS

RATE = 48000
SECONDS = 1.0
ENOUGH = 1.5
"""Block lengths that a count may take before larger counts are left out."""
NETWORKS = ("film-3x64", "film-3x96", "film-4x128", "pi-gan")


@dataclass(frozen=True)
class Line:
    """One line of the table; times in ms per block of the size in `block`."""

    instrument: str
    runtime: str
    block: int
    held_ms_8: float
    held_load_8: float
    held_voices: float
    moving_ms_8: float
    moving_voices: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer blocks and counts: figures are rough")
    parser.add_argument("--block", type=int, default=256, help="frames per block")
    parser.add_argument("--csv", type=Path, help="write the table here, too")
    options = parser.parse_args()
    torch.set_num_threads(1)
    counts, blocks = ((2, 8), 30) if options.quick else ((1, 2, 4, 8, 12, 16, 24, 32), 150)

    lines = []
    for instrument in [*bundled(), *(random_network(name) for name in NETWORKS)]:
        for line in measure(instrument, options.block, counts, blocks):
            lines.append(line)
            print(markdown(line) if len(lines) > 1 else "\n".join([header(), markdown(line)]), flush=True)
    if options.csv:
        with options.csv.open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(field.name for field in fields(Line))
            writer.writerows(astuple(line) for line in lines)


def bundled() -> list[Instrument]:
    return [load(listing.path) for listing in library.find_all() if listing.card]


def random_network(name: str) -> Instrument:
    """An instrument around a FiLM network of training's table, fresh from its initialisation."""
    config = MODELS[name].config.network
    assert isinstance(config, FilmConfig)
    export = FilmExport(FilmSiren(config, 0, torch.Generator().manual_seed(1)), ("latent",), SECONDS)
    latents = Latents(
        latents=np.random.default_rng(1).normal(size=(4, config.latent)).astype(np.float32),
        names=("a", "b", "c", "d"),
        pitches=np.full(4, 60.0, np.float32),
        tags=("",) * 4,
        map=np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32),
        loops=np.tile([0.2, 0.8], (4, 1)),
        durations=np.full(4, SECONDS),
        descriptors=np.zeros((4, 0), np.float32),
        descriptor_names=(),
    )
    files = {
        MAPPING_FILE: export.mapping_graph(),
        FIELD_FILE: export.field_graph(),
        LATENTS_FILE: latents.to_bytes(),
    }
    card = Card(
        name=f"{name} (random weights)",
        training_rate=16000.0,
        duration=SECONDS,
        bandwidth=8000.0,
        coordinates=("time",),
        conditions=("latent",),
        modulation="held",
        modulations=export.modulations,
        latent_size=config.latent,
        files={file: hashlib.sha256(content).hexdigest() for file, content in files.items()},
    )
    return Instrument(Path(name), card, latents, files[MAPPING_FILE], files[FIELD_FILE])


def measure(instrument: Instrument, block: int, counts: Sequence[int], blocks: int) -> Iterator[Line]:
    """A line for each runtime. Raises AssertionError where they do not give the same samples."""
    onnx = evaluators.make_playable(instrument, RATE)
    playables = {"ONNX Runtime": onnx}
    try:
        playables["PyTorch"] = Playable(onnx.card, onnx.latents, TorchEvaluator(instrument), onnx.noise)
    except KeyError as operator:
        print(f"({instrument.card.name}: no PyTorch figure, operator {operator} is not in the table)")
    check_equal(list(playables.values()), block)
    held = times(playables, block, counts, blocks, moving=False)
    moving = times(playables, block, counts, blocks, moving=True)
    budget = 1000.0 * block / RATE
    for runtime in playables:
        at_8 = held[runtime][8]
        yield Line(
            instrument.card.name,
            runtime,
            block,
            round(at_8, 3),
            round(at_8 / budget, 3),
            round(fitting(held[runtime], budget), 1),
            round(moving[runtime][8], 3),
            round(fitting(moving[runtime], budget), 1),
        )


def times(
    playables: dict[str, Playable], block: int, counts: Sequence[int], blocks: int, *, moving: bool
) -> dict[str, dict[int, float]]:
    """Lower quartile of the ms per block by runtime and voice count; counts far beyond what fits are left out."""
    result: dict[str, dict[int, float]] = {runtime: {} for runtime in playables}
    out = np.zeros((block, 2), np.float32)
    for count in counts:
        if count > 8 and min(found[max(found)] for found in result.values()) > ENOUGH * 1000.0 * block / RATE:
            break
        synths = {runtime: sounding(playable, count) for runtime, playable in playables.items()}
        taken: dict[str, list[float]] = {runtime: [] for runtime in playables}
        for number in range(blocks + 10):
            for runtime, synth in synths.items():
                if moving:
                    synth.schedule(MovePad(0.5 + 0.4 * np.sin(number / 7), 0.5 + 0.4 * np.cos(number / 5)), synth.frame)
                started = time.thread_time()
                synth.render(out)
                taken[runtime].append(1000.0 * (time.thread_time() - started))
        for runtime, synth in synths.items():
            assert synth.failed_blocks == 0
            assert synth.status().voices == count
            result[runtime][count] = float(np.percentile(taken[runtime][10:], 25))
    return result


def sounding(playable: Playable, count: int) -> Synth:
    """A synthesizer that holds `count` notes for ever."""
    synth = Synth(RATE, polyphony=count)
    synth.set_instrument(playable)
    synth.schedule(SetParameter("cursor", CURSOR_MODES.index("loop")), 0)
    for voice in range(count):
        synth.schedule(NoteOn(36 + (voice * 11) % 49, 0.8), 0)
    return synth


def check_equal(playables: Sequence[Playable], block: int) -> None:
    heard = []
    for playable in playables:
        synth = sounding(playable, 2)
        out = np.zeros((8 * block, 2), np.float32)
        synth.render(out)
        heard.append(out)
    peak = max(float(np.abs(heard[0]).max()), 1e-6)
    for other in heard[1:]:
        assert np.abs(other - heard[0]).max() < 1e-2 * peak, "the runtimes do not agree"


def fitting(ms: dict[int, float], budget: float) -> float:
    """Voices whose block time is `budget` ms: on the line between the measured counts around it, else in proportion."""
    counts = sorted(ms)
    above = next((place for place, count in enumerate(counts) if ms[count] > budget), None)
    if above is None or above == 0:
        nearest = counts[-1] if above is None else counts[0]
        return nearest * budget / ms[nearest]
    low, high = counts[above - 1], counts[above]
    return low + (high - low) * (budget - ms[low]) / (ms[high] - ms[low])


def header() -> str:
    columns = ("instrument", "runtime", "8 held: ms", "load", "voices", "8 moving: ms", "voices")
    return f"| {' | '.join(columns)} |\n|---|---|--:|--:|--:|--:|--:|"


def markdown(line: Line) -> str:
    return (
        f"| {line.instrument} | {line.runtime} | {line.held_ms_8:.2f} | {line.held_load_8:.0%} | {line.held_voices:.1f} "
        f"| {line.moving_ms_8:.2f} | {line.moving_voices:.1f} |"
    )


if __name__ == "__main__":
    main()
