"""Which recordings a harmonic field can be: those with a pitch. The others are left to plain functions of time."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sirenade.files import write_bytes, write_text
from training.data import Sound, nsynth
from training.data.files import to_wav
from training.data.sound import UNPITCHED
from training.harmonic.tracker import LEAST_SHARE, Pitch, find_pitch, share_of

LEAST_NAMED_SHARE = 0.2
"""Sounds whose pitch is named are pitched even where so little lies on their partials: ensembles beat, breath is loud."""
_SAME = 0.5  # half tones within which a found pitch agrees with the name


@dataclass(frozen=True)
class Routing:
    """A set's sounds by whether they have a pitch; `found` counts those whose pitch nobody had named."""

    pitched: tuple[Sound, ...]
    unpitched: tuple[Sound, ...]
    found: int

    def told(self) -> str:
        """One sentence: what goes where, and why."""
        kept, left = (f"{len(part)} {'sound' if len(part) == 1 else 'sounds'}" for part in (self.pitched, self.unpitched))
        heard = f" ({self.found} of their pitches were found in the sound)" if self.found else ""
        pitched = f"{kept} with most of their energy on the partials of a pitch{heard} to the harmonic field"
        unpitched = f"{left} without such a pitch to a plain function of time"
        return "; ".join(part for part, some in ((pitched, self.pitched), (unpitched, self.unpitched)) if some) + "."


def route(sounds: Sequence[Sound]) -> Routing:
    """Sort `sounds`. An instrument's sounds stay together: its median decides.

    Note 60 may stand for "nobody knows", so it is believed only where other notes of the instrument have other pitches;
    elsewhere the pitch is looked for in the sound.
    """
    names = [sound.instrument or sound.name for sound in sounds]
    named = {name for name, sound in zip(names, sounds, strict=True) if sound.pitch != UNPITCHED}
    heard = [_heard(sound, name in named) for sound, name in zip(sounds, names, strict=True)]
    pitched, unpitched, found = [], [], 0
    for sound, name, pitch in zip(sounds, names, heard, strict=True):
        least = LEAST_NAMED_SHARE if name in named else LEAST_SHARE
        together = float(np.median([other.share for other, own in zip(heard, names, strict=True) if own == name]))
        if together < least:
            unpitched.append(sound)
            continue
        new = name not in named and abs(pitch.note - sound.pitch) > _SAME
        found += name not in named
        pitched.append(replace(sound, pitch=float(round(pitch.note))) if new else sound)
    return Routing(tuple(pitched), tuple(unpitched), found)


def _heard(sound: Sound, named: bool) -> Pitch:
    samples, rate = sound.samples.astype(np.float64), float(sound.rate)
    if not named:
        return find_pitch(samples, rate)
    hz = 440.0 * 2.0 ** ((sound.pitch - 69.0) / 12.0)
    return Pitch(sound.pitch, share_of(samples, rate, hz))


def write_sounds(sounds: Sequence[Sound], folder: Path) -> None:
    """Write `sounds` as a data set in NSynth's layout, with their pitches."""
    instruments = list(dict.fromkeys(sound.instrument or sound.name for sound in sounds))
    examples: dict[str, dict[str, Any]] = {}
    for number, sound in enumerate(sounds):
        key = sound.name.replace("/", "_").replace("\\", "_")
        key = key if key not in examples else f"{key}-{number}"
        instrument = sound.instrument or sound.name
        write_bytes(folder / nsynth.AUDIO_FOLDER / f"{key}.wav", to_wav(sound.samples, sound.rate))
        examples[key] = {
            "note": number,
            "note_str": key,
            "instrument": instruments.index(instrument),
            "instrument_str": instrument,
            "pitch": sound.pitch,
            "velocity": sound.velocity * 127.0,
            "sample_rate": sound.rate,
            "qualities": [int(quality in sound.tags) for quality in nsynth.QUALITIES],
            "qualities_str": [tag for tag in sound.tags if tag in nsynth.QUALITIES],
            "instrument_family": nsynth.FAMILIES.index(sound.family) if sound.family in nsynth.FAMILIES else -1,
            "instrument_family_str": sound.family,
            "instrument_source": 0,
            "instrument_source_str": nsynth.SOURCES[0],
            **({} if sound.released is None else {nsynth.RELEASED: sound.released}),
        }
    write_text(folder / nsynth.EXAMPLES_FILE, json.dumps(examples, indent=1))
