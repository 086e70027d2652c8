"""A stand-in for the spoken digits of Speech Commands: espeak-ng's voices say zero to nine, in the same layout."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sirenade.errors import DatasetError
from sirenade.files import write_bytes
from training.data import card, speech
from training.data.balance import balanced
from training.data.card import Card
from training.data.files import to_wav

ACCENTS = ("en-gb", "en-us", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029")
VARIANTS = ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5")
PACES = (140, 165, 190)
"""Words a minute."""
PITCHES = (35, 50, 65)
"""espeak-ng's scale from 0 to 99."""
PEAKS = (0.3, 0.9)
FADE_SECONDS = 0.005


@dataclass(frozen=True)
class Utterance:
    """A word and who says it how."""

    word: str
    accent: str
    variant: str
    pace: int
    pitch: int

    @property
    def speaker(self) -> str:
        """One voice: accent and variant."""
        return f"{self.accent}+{self.variant}"

    @property
    def name(self) -> str:
        """Its path in Speech Commands' layout, without suffix: <word>/<speaker>_nohash_<take>."""
        return f"{self.word}/{self.speaker.replace('+', '-')}_nohash_{self.pace}-{self.pitch}"


def make(
    out: Path,
    items: int = 1024,
    rate: int = 16000,
    seconds: float = 1.0,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Speak the digits into `out`: as often each, by as many voices as there are; returns how many sounds there are.

    Each word stands at a place of its own within its `seconds`, at a loudness of its own, as in recordings. What is there
    is kept. Raises DatasetError where espeak-ng is missing or stays silent.
    """
    speech.check_tool()
    if not 8000 <= rate <= 48000 or not 0.1 <= seconds <= 30.0:
        raise DatasetError("the rate must lie between 8000 and 48000 Hz, the length between 0.1 and 30 seconds.")
    chosen = balanced(
        utterances(),
        items,
        key=lambda each: each.name,
        traits=lambda each: (each.word,),
        spread=lambda each: each.speaker,
        seed=seed,
    )
    card.claim(out, _card(items, rate, seconds, seed))
    for done, each in enumerate(chosen):
        path = out / f"{each.name}.wav"
        if not path.is_file():
            write_bytes(path, to_wav(_placed(each, round(seconds * rate), rate, seed), rate))
        if progress:
            progress(done + 1, items)
    return items


def utterances() -> Iterator[Utterance]:
    """Everything the set may hold."""
    return (Utterance(*each) for each in product(speech.DIGITS, ACCENTS, VARIANTS, PACES, PITCHES))


def _placed(utterance: Utterance, frames: int, rate: int, seed: int) -> NDArray[np.float32]:
    spoken = speech.speak(utterance.word, utterance.speaker, rate, utterance.pace, utterance.pitch)[:frames]
    fade = min(len(spoken), round(FADE_SECONDS * rate))
    spoken[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)  # a cut word must not end in a click
    # not the lot by which it was chosen: those chosen drew low numbers there
    lot = hashlib.sha256(f"place:{seed}:{utterance.name}".encode()).digest()
    place, level = (int.from_bytes(part, "big") / 2**32 for part in (lot[:4], lot[4:8]))
    start = round(place * (frames - len(spoken)))
    whole = np.zeros(frames, np.float32)
    peak = PEAKS[0] + level * (PEAKS[1] - PEAKS[0])
    whole[start : start + len(spoken)] = spoken * (peak / float(np.abs(spoken).max()))
    return whole


def _card(items: int, rate: int, seconds: float, seed: int) -> Card:
    return Card(
        name="digits (spoken by espeak-ng)",
        rendered=True,
        description="Not Speech Commands, but a set of the same shape spoken by the espeak-ng synthesizer: "
        f"the words zero to nine, as often each, in {len(ACCENTS) * len(VARIANTS)} voices at {len(PACES)} paces and "
        f"{len(PITCHES)} pitches.",
        license="free to use (what espeak-ng speaks; its code is GPL 3)",
        items=items,
        rate=rate,
        seconds=seconds,
        seed=seed,
        made_with=f"sirenade dataset digits --items {items} --seconds {seconds:g} --rate {rate} --seed {seed}",
    )
