"""What the engine makes of a row's instrument: aliases over pitch and rate, pitch over the keyboard, voices, size."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks import engine_voices
from benchmarks.aliasing import StillTime, alias_db
from benchmarks.fields.plan import RATE, Plan
from benchmarks.fields.players import anchor_for, playable, played_instruments
from benchmarks.networks import Network
from sirenade.files import write_text
from synth import commands
from synth.engine.playable import Playable
from synth.engine.synth import LATENCY, Synth
from synth.instrument import Instrument
from synth.parameters import PARAMETERS
from synth.units import note_to_hz

Floats = NDArray[np.float64]

ALIAS, PITCH, VOICES = "alias.json", "pitch.json", "voices.json"
DENSITY = 4
"""The reference is rendered at so many times the rate."""
SOUNDED_S = 0.3
START_S = 0.05
HELD_S = 1.3
SETTLED_S = 0.2
"""The beginning of a held key that its pitch is not measured in."""
REACH_CENTS = 80.0
AUDIBLE_DB = -60.0
"""A key whose first partial lies further below its loudest has no pitch that could be read off it."""
BLOCK = 256
STEADY = {"width": 0.0, "level": -24.0, "attack": 0.0, "motion": 0.0}
SILENT = 1e-6


def write_alias(plan: Plan, row: str, instrument: Instrument, progress: Callable[[int], None]) -> None:
    """Alias levels by instrument, key and rate, as the engine plays (oversampling left to itself)."""
    found: dict[str, dict[str, float]] = {}
    for rate in plan.rates:
        here, dense = _still(playable(instrument, rate)), _still(playable(instrument, rate * DENSITY))
        for name in played_instruments(plan, instrument):
            for key in plan.keys:
                anchor = anchor_for(plan, instrument, name, key)
                above = _render(dense, rate * DENSITY, anchor, key, SOUNDED_S, oversampling=1.0)
                wanted = soxr.resample(above, rate * DENSITY, rate, quality="VHQ")
                made = _render(here, rate, anchor, key, SOUNDED_S, oversampling=0.0)
                length = min(len(made), len(wanted))
                if np.abs(wanted).max() > SILENT and note_to_hz(key) < 0.45 * rate:
                    found.setdefault(f"{name} {key}", {})[str(rate)] = alias_db(made[:length], wanted[:length], rate)
        progress(rate)
    write_text(plan.folder(row) / ALIAS, json.dumps(found, indent=1) + "\n")


def write_pitch(plan: Plan, row: str, instrument: Instrument, progress: Callable[[int], None]) -> None:
    """How far each key of the instrument's range is off, in cents, held for more than a second with every instrument played.

    None where a key has no pitch that could be read off it.
    """
    here = playable(instrument, RATE)
    low, high = (round(key) for key in instrument.card.pitch_range)
    if not here.has_phase:  # its card says nothing of keys: those of the comparison
        low, high = min(plan.keys), max(plan.keys)
    found: dict[str, dict[str, float | None]] = {}
    for key in range(low, high + 1, plan.every_key):
        for name in played_instruments(plan, instrument):
            made = _render(here, RATE, anchor_for(plan, instrument, name, key), key, HELD_S, oversampling=0.0)
            found.setdefault(name, {})[str(key)] = cents_off(made[round(SETTLED_S * RATE) :], RATE, float(note_to_hz(key)))
        progress(key)
    write_text(plan.folder(row) / PITCH, json.dumps(found, indent=1) + "\n")


def write_voices(plan: Plan, row: str, instrument: Instrument) -> None:
    """Voices of the whole engine at RATE on one thread, by evaluator."""
    network = Network(row, _few_anchors(instrument), None)
    rows = [each for each in engine_voices.measure(network, BLOCK, quick=plan.quick) if not isinstance(each, str)]
    found = {each.evaluator: each.held_voices for each in rows}
    write_text(plan.folder(row) / VOICES, json.dumps(found, indent=1) + "\n")


def read_json(path: Path) -> dict[str, object]:
    """What a measurement wrote; empty where there is none yet."""
    if not path.exists():
        return {}
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found


def cents_off(samples: Floats, rate: float, hz: float) -> float | None:
    """How far the first partial of samples [T] is from `hz` in cents; None where it is 60 dB below the loudest or lower.

    The highest point of a Gaussian window's spectrum near `hz`: its peak is a parabola in dB, so three bins give it exactly.
    """
    size = 1 << int(np.ceil(np.log2(4 * len(samples))))
    place = np.linspace(-1.0, 1.0, len(samples))
    level = 20.0 * np.log10(np.abs(np.fft.rfft(samples * np.exp(-0.5 * (place / 0.3) ** 2), size)) + 1e-12)
    low, high = (hz * 2.0 ** (side * REACH_CENTS / 1200.0) * size / rate for side in (-1, 1))
    first, last = int(low), min(int(high) + 2, len(level) - 1)
    top = first + int(np.argmax(level[first:last]))
    if level[top] < level.max() + AUDIBLE_DB or top in (0, first, last - 1) or level.max() < -100.0:
        return None
    before, at, after = level[top - 1 : top + 2]
    curve = before - 2.0 * at + after
    peak = top + (0.5 * (before - after) / curve if curve < 0.0 else 0.0)
    return float(1200.0 * np.log2(peak * rate / size / hz))


def _still(ready: Playable) -> Playable:
    """Slow time held and noise left out, whose course differs with the rate; the noise is no alias."""
    if not ready.interpolated:
        return ready
    return replace(ready, evaluator=StillTime(ready.evaluator), noise=np.zeros_like(ready.noise))


def _render(ready: Playable, rate: int, anchor: int, key: float, seconds: float, oversampling: float) -> Floats:
    """One held key, mono float64 [seconds * rate]; `oversampling` is a place among the choices."""
    synth = Synth(rate, polyphony=1)
    synth.set_instrument(ready)
    for corner in range(4):
        synth.schedule(commands.SetCorner(corner, anchor), 0.0)
    for name, value in {**STEADY, "oversampling": oversampling}.items():
        if name in PARAMETERS:
            synth.schedule(commands.SetParameter(name, value), 0.0)
    onset = round(START_S * rate)
    synth.schedule(commands.NoteOn(key, 1.0), onset)
    out = np.zeros((onset + LATENCY + round(seconds * rate), 2), np.float32)
    synth.render(out)
    assert synth.failed_blocks == 0
    return np.asarray(out[onset + LATENCY :, 0], np.float64)


def _few_anchors(instrument: Instrument) -> Instrument:
    """At most four anchors: seams are searched for each before a voice is counted, and no figure follows from them."""
    latents = instrument.latents
    chosen = np.unique(np.linspace(0, len(latents.names) - 1, min(4, len(latents.names))).round().astype(int))
    return replace(
        instrument,
        latents=replace(
            latents,
            latents=latents.latents[chosen],
            names=tuple(latents.names[place] for place in chosen),
            pitches=latents.pitches[chosen],
            tags=tuple(latents.tags[place] for place in chosen),
            map=latents.map[chosen],
            loops=latents.loops[chosen],
            durations=latents.durations[chosen],
            descriptors=latents.descriptors[chosen],
        ),
    )
