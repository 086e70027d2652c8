"""What effects cost, beside the engine's own block, and how exact they are: `sirenade bench effects`.

Costs are the CPU time of the calling thread for blocks of 256 frames at 48 kHz, the lower quartile of many; effects and engine
take turns, so that whatever else the machine does hits all alike.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.commands import NoteOn, SetParameter
from synth.effects.chain import Chain
from synth.effects.voice_filter import VoiceFilter, damping
from synth.engine.synth import Synth
from synth.evaluators import make_playable
from synth.instrument import library, load
from synth.parameters import PARAMETERS

RATE, BLOCK, QUANTUM = 48000.0, 256, 64
VOICES = 8
DEFAULTS = {name: parameter.default for name, parameter in PARAMETERS.items()}
SETTINGS = {
    "none": {},
    "drive": {"drive": 18.0},
    "chorus": {"chorus_mix": 0.5},
    "delay": {"delay_mix": 0.4},
    "reverb": {"reverb_mix": 0.4},
    "all four": {"drive": 18.0, "chorus_mix": 0.5, "delay_mix": 0.4, "reverb_mix": 0.4},
}
Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    setting: str
    figure: float
    unit: str


def measure(*, quick: bool) -> Iterator[Row]:
    """All lines."""
    yield from costs(100 if quick else 1000)
    yield from filter_errors()
    yield from times_to_60_db((0.5, 2.0) if quick else (0.5, 1.0, 2.0, 5.0, 10.0))
    yield from echo_errors()
    yield from aliases((12.0, 24.0) if quick else (6.0, 12.0, 18.0, 24.0, 30.0, 36.0))
    yield from nulls()


def made(**changed: float) -> Chain:
    """A chain with these parameters, the others as they are."""
    chain = Chain(RATE)
    chain.aim(DEFAULTS | changed, DEFAULTS["tempo"])
    return chain


def processed(chain: Chain, sound: NDArray[np.floating], block: int = BLOCK) -> Samples:
    """A sound [n * 64, 2] through a chain."""
    out = np.array(sound, np.float32)
    for begin in range(0, len(out), block):
        chain.process(out[begin : begin + block], begin)
    return out


def noise(frames: int, level: float = 0.1) -> Samples:
    """Stereo noise."""
    return (np.random.default_rng(0).standard_normal((frames, 2)) * level).astype(np.float32)


def costs(blocks: int) -> Iterator[Row]:
    """Microseconds a block of each effect, of the voices' filters, and of the engine."""
    sound, turns = noise(BLOCK), [(name, made(**setting)) for name, setting in SETTINGS.items()]
    taken: dict[tuple[str, str], list[float]] = {}

    def clocked(key: tuple[str, str], work: Callable[[], object]) -> None:
        begun = time.thread_time_ns()
        work()
        taken.setdefault(key, []).append((time.thread_time_ns() - begun) / 1000.0)

    filters = {count: _filter_call(count) for count in (1, VOICES, 16)}
    synth = Synth(RATE, 16)
    instrument = load(library.default())
    synth.set_instrument(make_playable(instrument, RATE))
    synth.render(np.zeros((BLOCK, 2), np.float32))
    synth.schedule(SetParameter("sustain", 0.0), 0.0)
    for note in range(VOICES):
        synth.schedule(NoteOn(48.0 + 3 * note, 0.8), 0.0)
    out = np.zeros((BLOCK, 2), np.float32)
    for number in range(blocks):
        for name, chain in turns:
            bus = sound.copy()
            clocked(("effects", name), lambda chain=chain, bus=bus, frame=number * BLOCK: chain.process(bus, frame))  # type: ignore[misc]
        for count, call in filters.items():
            clocked(("voice filter", f"{count} voices"), call)
        clocked(("engine without effects", f"{instrument.card.name}, {VOICES} notes held"), lambda: synth.render(out))
    for (what, setting), times in taken.items():
        yield Row(what, setting, float(np.quantile(times, 0.25)), "us a block")
    yield Row("block", f"{BLOCK} frames", 1e6 * BLOCK / RATE, "us")


def _filter_call(count: int) -> Callable[[], object]:
    quanta = BLOCK // QUANTUM
    voice_filter, voices = VoiceFilter(count, RATE), np.arange(count)
    mono = np.random.default_rng(0).standard_normal((count, BLOCK)).astype(np.float32)
    cutoff, resonance = np.full((quanta + 1, count), 1000.0), np.full((quanta + 1, count), 0.3)
    kinds = np.ones(quanta, np.intp)
    return lambda: voice_filter.apply([(1, voices, mono)], voices, voices, cutoff, resonance, kinds)


def filter_errors() -> Iterator[Row]:
    """Greatest difference in dB from the analogue filter's response, where that is above -60 dB."""
    count, cutoff, resonance = 1 << 15, 2000.0, 0.6
    start = 16 * QUANTUM
    for kind, name in enumerate(("low-pass", "high-pass", "band-pass", "notch"), 1):
        sound = np.zeros((1, count), np.float32)
        sound[0, start] = 1.0
        borders, voices = np.ones((count // QUANTUM + 1, 1)), np.zeros(1, np.intp)
        parts = VoiceFilter(1, RATE).apply(
            [(1, voices, sound)], voices, voices, cutoff * borders, resonance * borders, np.full(count // QUANTUM, kind)
        )
        hz = np.fft.rfftfreq(count, 1.0 / RATE)[1:-1]
        found = np.abs(np.fft.rfft(parts[0][2][0][start:], count)[1:-1])
        s = 1j * np.tan(np.pi * hz / RATE) / np.tan(np.pi * cutoff / RATE)
        k = float(damping(np.array(resonance)))
        wanted = np.abs((1.0, s * s, k * s, s * s + 1.0)[kind - 1] / (s * s + k * s + 1.0))
        told = wanted > 1e-3
        error = 20.0 * np.log10(np.maximum(found[told], 1e-12) / wanted[told])
        yield Row(
            "voice filter's response", f"{name} at {cutoff:g} Hz, resonance {resonance:g}", float(np.abs(error).max()), "dB off"
        )


def times_to_60_db(times: tuple[float, ...]) -> Iterator[Row]:
    """Difference in % between the time to -60 dB and the setting, without damping."""
    for seconds in times:
        for size in (0.0, 0.5, 1.0):
            chain = made(reverb_mix=1.0, reverb_time=seconds, reverb_size=size, reverb_damping=0.0)
            sound = np.zeros((int(1.2 * seconds * RATE + 9600) // 512 * 512, 2), np.float32)
            sound[:4800] = noise(4800)
            energy = np.cumsum((processed(chain, sound)[::-1].astype(np.float64) ** 2).sum(1))[::-1]
            level = 10.0 * np.log10(energy / energy[9600] + 1e-12)
            used = np.flatnonzero((level < -5.0) & (level > -45.0))
            found = -60.0 / float(np.polyfit(used / RATE, level[used], 1)[0])
            yield Row("reverb's time", f"{seconds:g} s, size {size:g}", 100.0 * (found / seconds - 1.0), "% off")


def echo_errors() -> Iterator[Row]:
    """Frames between the greatest sample of the first echo and the time that was set."""
    for seconds in (0.1, 0.35, 1.0):
        sound = np.zeros((int(1.2 * seconds * RATE + 1024) // 512 * 512, 2), np.float32)
        sound[512] = 1.0
        heard = processed(made(delay_mix=0.5, delay_time=seconds), sound)
        found = int(np.abs(heard[513:, 0]).argmax()) + 1
        yield Row("delay's time", f"{seconds:g} s", float(found - round(seconds * RATE)), "frames off")


def aliases(drives: tuple[float, ...]) -> Iterator[Row]:
    """Loudest line below 20 kHz that is no harmonic, in dB of the fundamental, for sines at half of full scale."""
    count = 1 << 15
    for hz in (1245.0, 4978.0):
        place = round(hz * count / RATE)
        tone = 0.5 * np.sin(2.0 * np.pi * place * np.arange(2 * count) / count)[:, None] * [1.0, 1.0]
        for db in drives:
            heard = processed(made(drive=db), tone)[count:, 0].astype(np.float64)
            gain = 10.0 ** (db / 20.0)
            plain = gain * tone[count:, 0] / np.sqrt(1.0 + (gain * tone[count:, 0]) ** 2)
            for name, sound in (("drive's aliases", heard), ("the same curve frame by frame", plain)):
                spectrum = np.abs(np.fft.rfft(sound))
                rest = np.delete(spectrum, np.arange(0, len(spectrum), place))[: int(20000.0 * count / RATE)]
                yield Row(name, f"{hz:g} Hz, {db:g} dB", 20.0 * float(np.log10(rest.max() / spectrum.max())), "dB")


def nulls() -> Iterator[Row]:
    """Greatest difference between blocks of 64 and of 512 frames, all effects on."""
    sound = noise(1 << 15)
    wanted = processed(made(**SETTINGS["all four"]), sound, 512)
    for block in (64, 128, 256):
        difference = float(np.abs(processed(made(**SETTINGS["all four"]), sound, block) - wanted).max())
        yield Row("difference from blocks of 512", f"blocks of {block}", difference, "of full scale")
