"""Where instruments lie that tests play: those that ship with the program, and one of format version 1 that once did."""

from pathlib import Path

from sirenade import paths
from synth.instrument import library

SMALL_OBJECTS = paths.bundled_instruments() / "small-objects"
CHAMBER = Path(__file__).parents[1] / "instruments" / "chamber"
"""A harmonic field as format version 1 had them: without modes, releases, or a pitch that moves by itself."""


def fields() -> list[Path]:
    """The bundled instruments with a phase, by name."""
    return [
        listing.path
        for listing in library.find_all()
        if listing.card and "phase" in listing.card.coordinates and listing.path.parent == paths.bundled_instruments()
    ]
