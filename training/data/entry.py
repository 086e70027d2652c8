"""A recording of a data set that has not been read yet: finding a set's files costs no decoding."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, groupby, zip_longest
from pathlib import Path

import numpy as np

from sirenade.errors import DatasetError
from training.data.files import read_mono
from training.data.sound import UNPITCHED, Sound

SILENCE = 1e-5
"""-100 dB below full scale: nothing to learn from."""
SHORTEST_SECONDS = 0.001


@dataclass(frozen=True)
class Entry:
    """Where a recording lies and what is known of it (fields as of Sound)."""

    name: str
    path: Path
    pitch: float = UNPITCHED
    velocity: float = 1.0
    instrument: str = ""
    family: str = ""
    tags: tuple[str, ...] = ()
    released: float | None = None

    def read(self, rate: int, seconds: float | None = None) -> Sound:
        """The recording at `rate` Hz, cut to `seconds`. Raises DatasetError: damaged, not finite, silent or too short."""
        samples = read_mono(self.path, rate, seconds)
        if len(samples) < SHORTEST_SECONDS * rate:
            raise DatasetError(f"{self.path} lasts less than a millisecond; remove or replace it.")
        if float(np.abs(samples).max()) < SILENCE:
            where = "" if seconds is None else f" in its first {seconds:g} s"
            raise DatasetError(f"{self.path} is silent{where}; remove or replace it.")
        heard = self.released is not None and self.released < len(samples) / rate
        return Sound(
            self.name, samples, rate, self.pitch, self.velocity, self.instrument, self.family, self.tags,
            released=self.released if heard else None,
        )  # fmt: skip

    def renamed(self, name: str) -> "Entry":
        """The same recording under another name; where it was its own instrument it stays so."""
        return replace(self, name=name, instrument=name if self.instrument == self.name else self.instrument)


def in_turn(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Entries in the order of their instruments dealt out in turn, so that the first few are of many speakers."""
    ordered = sorted(entries, key=lambda entry: entry.instrument)
    hands = [list(hand) for _, hand in groupby(ordered, key=lambda entry: entry.instrument)]
    return (entry for entry in chain.from_iterable(zip_longest(*hands)) if entry is not None)
