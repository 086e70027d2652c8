"""The whole engine with a bundled field and one of format version 1: nobody hears who computes it, nor in which pieces."""

import json

import numpy as np
import pytest

from synth.commands import Command, MovePad, NoteOff, NoteOn, PitchBend
from synth.engine.playable import Playable
from synth.evaluators import make_playable
from synth.evaluators.choice import Wanted
from synth.instrument import Instrument, load
from synth.instrument.card import CARD_FILE
from tests.helpers.bundled import CHAMBER, fields
from tests.helpers.rendered import next_frames, synth_with

RATE, FRAMES = 48000, 12288


@pytest.fixture(scope="module", params=[fields()[0], CHAMBER], ids=lambda path: path.name)
def instrument(request: pytest.FixtureRequest) -> Instrument:
    return load(request.param)


def test_one_of_them_is_of_format_version_1() -> None:
    assert json.loads((CHAMBER / CARD_FILE).read_text())["version"] == 1
    card = load(CHAMBER).card
    assert (card.release_seconds, card.oversampling, card.moves_pitch) == (0.0, 1, False)


def performance() -> list[tuple[float, Command]]:
    """Notes that begin and end within blocks, a bend, and a hand on the pad."""
    notes: list[tuple[float, Command]] = [(307.3 * n, NoteOn(36 + 7 * n, 0.4 + 0.04 * n, n % 2)) for n in range(12)]
    notes += [(6000.5 + 200.0 * n, NoteOff(36 + 7 * n, n % 2)) for n in range(0, 12, 3)]
    notes += [(4500.0 + 37.0 * n, PitchBend(0.05 * n, 1)) for n in range(20)]
    return notes + [(9000.0 + 150.0 * n, MovePad(0.5 + 0.02 * n, 0.5)) for n in range(15)]


def performed(playable: Playable, block: int) -> np.ndarray:
    synth = synth_with(playable, performance())
    return next_frames(synth, FRAMES, block)


def off_db(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(20.0 * np.log10(np.abs(found - wanted).max() / np.abs(wanted).max() + 1e-20))


def opened(instrument: Instrument, threads: int, evaluator: Wanted) -> Playable:
    return make_playable(instrument, RATE, threads, evaluator)


def test_it_sounds_the_same_from_every_evaluator_and_in_any_block(instrument: Instrument) -> None:
    native = opened(instrument, 1, "native")
    wanted = performed(native, 512)
    assert np.abs(wanted).max() > 0.05
    assert off_db(performed(opened(instrument, 1, "onnx"), 512), wanted) < -100.0
    assert off_db(performed(native, 64), wanted) < -120.0
    assert off_db(performed(opened(instrument, 3, "native"), 192), wanted) < -120.0
