"""What a player types for a parameter's value: `1.2 s`, `80 ms`, `-6 dB`, `440 Hz`, `2k`, `A4`, `50 %`, `loop`."""

import re

from synth.parameters import Parameter
from synth.units import note_to_hz

_UNITS: dict[str, dict[str, float]] = {
    "s": {"s": 1.0, "sec": 1.0, "ms": 1e-3},
    "Hz": {"hz": 1.0, "khz": 1e3, "k": 1e3},
    "dB": {"db": 1.0},
    "share": {"%": 0.01},
    "semitones": {"st": 1.0, "semitones": 1.0},
    "cents": {"cents": 1.0, "cent": 1.0, "ct": 1.0, "c": 1.0, "st": 100.0},
    "x": {"x": 1.0, "%": 0.01},
    "bpm": {"bpm": 1.0},
    "voices": {"voices": 1.0},
}
_NUMBER = re.compile(r"([+-]?(?:\d+[.,]?\d*|[.,]\d+))\s*(.*)")
_NOTE = re.compile(r"([a-g])([#b]?)(-?\d)")
_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}


def parse(parameter: Parameter, text: str, shown: str = "") -> float | None:
    """The value meant by `text` in the parameter's unit and range, None where nothing can be made of it.

    A number alone is in the unit in which the value is `shown` now: 200 typed over `150 ms` means milliseconds.
    """
    words = text.strip().lower().replace("\u2212", "-")
    if parameter.choices:
        return next((float(n) for n, word in enumerate(parameter.choices) if word.lower() == words), None)
    if parameter.unit == "Hz" and (note := _NOTE.fullmatch(words)):
        return parameter.clamp(note_to_hz(_note(*note.groups())))
    if words == "off" and parameter.low == 0.0:
        return 0.0
    units = _UNITS.get(parameter.unit, {})
    found = _NUMBER.fullmatch(words)
    if found is None:
        return None
    unit = found[2].strip() or _unit_of(shown)
    factor = units.get(unit, 1.0 if not found[2] else None)
    return None if factor is None else parameter.clamp(float(found[1].replace(",", ".")) * factor)


def _unit_of(shown: str) -> str:
    found = _NUMBER.fullmatch(shown.strip().lower().replace("\u2212", "-"))
    return found[2].strip() if found else ""


def _note(letter: str, sign: str, octave: str) -> float:
    return 12.0 * (int(octave) + 1) + _STEPS[letter] + {"#": 1, "b": -1, "": 0}[sign]
