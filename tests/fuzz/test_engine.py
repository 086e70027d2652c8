"""The engine with evaluators that answer with anything: what comes out is finite and below the limiter's ceiling."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.commands import AllNotesOff, MovePad, NoteOn, Panic, SetParameter
from synth.engine.governor import Shed
from synth.engine.limiter import CEILING
from synth.engine.synth import Synth
from synth.evaluators import make_playable
from synth.instrument import load
from tests.fuzz.cases import engine_commands, fuzz
from tests.helpers.closed_form import closed_form
from tests.helpers.tiny_instrument import make_phase_instrument

NOISY = np.random.default_rng(1)
ANSWERS = {
    "fine": lambda tensor: tensor,
    "not a number": lambda tensor: np.full_like(tensor, np.nan),
    "one not a number": lambda tensor: np.where(
        np.arange(tensor.size).reshape(tensor.shape) == tensor.size - 1, np.nan, tensor
    ),
    "infinite": lambda tensor: np.full_like(tensor, np.inf),
    "infinite both ways": lambda tensor: np.where(tensor > 0, np.inf, -np.inf).astype(np.float32),
    "huge": lambda tensor: np.full_like(tensor, 3e38),
    "huge both ways": lambda tensor: np.where(np.arange(tensor.size).reshape(tensor.shape) % 2, 3e38, -3e38).astype(np.float32),
    "loud": lambda tensor: tensor * np.float32(1e3),
    "denormal": lambda tensor: np.full_like(tensor, 1e-42),
    "float64": lambda tensor: np.full(tensor.shape, 1e300),
    "integers": lambda tensor: np.full(tensor.shape, 2**31 - 1),
    "a row less": lambda tensor: tensor[1:],
    "a frame less": lambda tensor: tensor[..., :-1],
    "flat": lambda tensor: tensor.ravel(),
    "one number": lambda tensor: np.float32(0.5),
    "empty": lambda tensor: np.zeros((0, 0), np.float32),
    "complex": lambda tensor: tensor + 1j,
    "objects": lambda tensor: np.full(tensor.shape, None),
    "nothing": lambda tensor: None,
    "text": lambda tensor: "sound",
}
"""What may come of a tensor."""
ERRORS = [ValueError, MemoryError, KeyError, RuntimeError, RecursionError, AssertionError, OSError]


class Mischief:
    """Evaluates like another, but answers as `field` and `mapping` say."""

    def __init__(self, evaluator) -> None:
        self._evaluator = evaluator
        self.name = evaluator.name
        self.interpolates = evaluator.interpolates
        self.field = self.mapping = "fine"

    def modulations(self, conditions):
        found = self._evaluator.modulations(conditions)
        if isinstance(self.mapping, str):
            return {name: ANSWERS[self.mapping](tensor) for name, tensor in found.items()}
        raise self.mapping("the mapping fails")

    def samples(self, inputs):
        samples = self._evaluator.samples(inputs)
        if isinstance(self.field, str):
            return ANSWERS[self.field](samples)
        raise self.field("the field fails")


@pytest.fixture(scope="module")
def playables(tmp_path_factory):
    phase = make_playable(load(make_phase_instrument(tmp_path_factory.mktemp("fuzz") / "phase")), 48000.0)
    time = closed_form([220.0, 3300.0], bandwidth=8000.0)
    return [replace(playable, evaluator=Mischief(playable.evaluator)) for playable in (phase, time)]


answers = st.one_of(st.just("fine"), st.sampled_from(list(ANSWERS)), st.sampled_from(ERRORS))
steps = st.lists(
    st.tuples(
        st.lists(st.tuples(st.floats(-600.0, 600.0), engine_commands), max_size=8),
        st.sampled_from([16, 64, 100, 256, 512, 777]),
        answers,
        st.one_of(st.just("fine"), answers),
        st.sampled_from([None] * 12 + ["rate", "instrument", "none", "ease", "rewind"]),
    ),
    min_size=2,
    max_size=10,
)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@fuzz
@given(which=st.integers(0, 1), steps=steps)
def test_whatever_an_evaluator_answers_the_output_is_finite_and_below_the_ceiling(playables, which, steps):
    synth = Synth(48000.0, polyphony=6)
    playable = playables[which]
    synth.set_instrument(playable)
    synth.schedule(SetParameter("level", 12.0), 0)
    synth.schedule(MovePad(1.0, 1.0), 0)
    for timed, frames, field, mapping, event in steps:
        playable.evaluator.field, playable.evaluator.mapping = field, mapping
        match event:
            case "rate":
                synth.set_rate(96000.0 if synth.rate < 50000.0 else 44100.0)
            case "instrument":
                which = 1 - which
                playable = playables[which]
                playable.evaluator.field, playable.evaluator.mapping = field, mapping
                synth.set_instrument(playable)
            case "none":
                synth.set_instrument(None)
            case "ease":
                synth.ease(1, Shed.ANY)
            case "rewind":
                synth.take_back()
        for offset, command in timed:
            synth.schedule(command, synth.frame + offset)
        out = np.full((frames, 2), np.nan, np.float32)
        synth.render(out)
        assert np.isfinite(out).all()
        assert np.abs(out).max() <= CEILING * 1.000001


@pytest.mark.parametrize("answer", [*ANSWERS, *ERRORS], ids=str)
@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("part", ["field", "mapping"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_after_any_answer_the_next_note_sounds(playables, which, part, answer):
    """Nothing of a failed block stays behind, neither in the limiter nor in the filters, the voices or what is cached."""
    playable = playables[which]
    synth, out = Synth(48000.0, polyphony=6), np.zeros((512, 2), np.float32)
    playable.evaluator.field = playable.evaluator.mapping = "fine"
    synth.set_instrument(playable)
    for command in (MovePad(1.0, 1.0), NoteOn(60.0, 1.0), NoteOn(100.0, 1.0)):
        synth.schedule(command, 0)
    synth.render(out)
    setattr(playable.evaluator, part, answer)
    synth.schedule(NoteOn(64.0, 1.0), synth.frame)
    for _ in range(4):
        synth.render(out)
    setattr(playable.evaluator, part, "fine")
    for command in (AllNotesOff(), Panic()):
        synth.schedule(command, synth.frame)
    for _ in range(40):
        synth.render(out)
    assert np.abs(out).max() < 1e-6
    synth.schedule(NoteOn(60.0, 1.0), synth.frame)
    for _ in range(20):
        synth.render(out)
    assert np.isfinite(out).all()
    assert np.abs(out).max() > 0.05
