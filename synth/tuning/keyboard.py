"""What keys are tuned to: a scale laid over the keyboard by a mapping."""

from sirenade.errors import TuningError
from synth.tuning.mapping import Mapping, read_mapping
from synth.tuning.scale import EQUAL, Scale, read_scale
from synth.units import hz_to_note

KEYS = 128
SILENT = -1.0
"""Instead of the pitch of a key that plays nothing."""
HIGHEST = 150.0
"""MIDI note number of what nobody hears."""


def key_notes(scl: str = "", kbm: str = "") -> tuple[float, ...]:
    """Pitches of the 128 keys as MIDI note numbers (A4 = 69 = 440 Hz), SILENT for those without one.

    `scl` and `kbm` are texts of Scala's files. Without a scale it is equal temperament, without a mapping key by key from
    middle C on, which keeps its pitch. Raises TuningError.
    """
    return tuned(read_scale(scl) if scl else EQUAL, read_mapping(kbm) if kbm else Mapping())


def tuned(scale: Scale, mapping: Mapping) -> tuple[float, ...]:
    """Pitches of the 128 keys. Raises TuningError where the reference key has none."""
    at_reference = _cents(scale, mapping, mapping.reference)
    if at_reference is None:
        raise TuningError(
            f"the keyboard mapping (.kbm) tunes key {mapping.reference} to {mapping.hz:g} Hz, but leaves that key out."
        )
    reference = hz_to_note(mapping.hz)
    notes = []
    for key in range(KEYS):
        cents = _cents(scale, mapping, key)
        note = SILENT if cents is None else reference + (cents - at_reference) / 100.0
        if not mapping.first <= key <= mapping.last:
            note = float(key)
        notes.append(note if 0.0 <= note <= HIGHEST else SILENT)
    return tuple(notes)


def _cents(scale: Scale, mapping: Mapping, key: int) -> float | None:
    """Pitch of a key above degree 0 of the middle one's repetition."""
    found = mapping.degree(key)
    if found is None:
        return None
    turn, degree = found
    return turn * scale.cents(mapping.octave) + scale.cents(degree)
