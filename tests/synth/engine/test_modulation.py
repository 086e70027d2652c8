"""The modulation matrix: what it gives is what the formulas say, whatever the blocks, the rate and the order of hands."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from synth.commands import SetRoute
from synth.engine.modulation import Modulation, View
from synth.parameters import DIVISIONS, GESTURE_MODES, LFO_SHAPES, PARAMETERS
from synth.routing import LATENT_SPAN, SOURCES, TARGETS

Floats = NDArray[np.float64]
QUANTUM = 64


@dataclass
class Stage:
    """A modulation with four voices, moved on in chunks of any size; hands move at the quanta's borders."""

    rate: float = 48000.0
    onset: Floats = field(default_factory=lambda: np.array([100.0, 5000.5, 9000.0, 20000.0]))
    released: Floats = field(default_factory=lambda: np.array([30000.0, np.inf, np.inf, np.inf]))
    hands: list[tuple[int, Callable[[Modulation, int], None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.modulation = Modulation(8, self.rate)

    def at(self, quantum: int, hand: Callable[[Modulation, int], None]) -> None:
        self.hands.append((quantum, hand))

    def route(self, source: str, target: str, depth: float = 1.0, row: int = 0, quantum: int = 0) -> None:
        self.at(quantum, lambda modulation, at: modulation.set_route(SetRoute(row, depth, source, target), at))

    def set(self, name: str, value: float, quantum: int = 0) -> None:
        self.at(quantum, lambda modulation, at: modulation.set_parameter(name, value, at))

    def choose(self, name: str, choice: str, quantum: int = 0) -> None:
        self.set(name, float(PARAMETERS[name].choices.index(choice)), quantum)

    def view(self, borders: Floats) -> View:
        count = len(self.onset)
        grid = np.ones((len(borders), count))
        return View(
            np.arange(count),
            self.onset,
            self.released,
            np.linspace(0.2, 1.0, count),
            np.array([36.0, 60.0, 72.0, 120.0])[:count],
            np.arange(count) + 7,
            0.25 * grid,
            -0.5 * grid,
            grid,
            np.full(len(borders), 0.75),
        )

    def run(self, quanta: int, chunk: int = 8, begin: int = 0) -> dict[str, Floats]:
        """What targets are moved by at the borders [quanta + 1, V]."""
        found: dict[str, Floats] = {}
        for start in range(begin, begin + quanta, chunk):
            size = min(chunk, begin + quanta - start)
            borders = (start + np.arange(size + 1.0)) * QUANTUM
            self.modulation.begin(borders)
            for quantum, hand in self.hands:
                if start <= quantum < start + size:
                    hand(self.modulation, quantum - start)
            for target, values in self.modulation.evaluate(self.view(borders)).items():
                whole = found.setdefault(target, np.zeros((quanta + 1, len(self.onset))))
                whole[start - begin : start - begin + size + 1] = values
        return found

    def seconds(self, quanta: int) -> Floats:
        return np.arange(quanta + 1) * QUANTUM / self.rate


def test_a_sine_in_its_own_time_moves_the_pad_as_its_integral_says_also_where_its_rate_changes() -> None:
    stage = Stage()
    stage.route("lfo1", "pad1_x", 0.25)
    stage.set("lfo1_rate", 2.0)
    stage.set("lfo1_rate", 7.0, quantum=300)
    moved = stage.run(1000)["pad1_x"]
    seconds = stage.seconds(1000)
    changed = 300 * QUANTUM / stage.rate
    phase = 2.0 * np.minimum(seconds, changed) + 7.0 * np.maximum(seconds - changed, 0.0)
    wanted = 0.25 * TARGETS["pad1_x"].span * np.sin(2.0 * np.pi * phase)
    assert np.abs(moved - wanted[:, None])[200:].max() < 1e-9  # once the row has faded in


def busy(stage: Stage) -> None:
    """All sources at once, and hands that move while they play."""
    rows = [name for name in SOURCES if name != "velocity"]
    targets = [*TARGETS, "latent:pc1", "latent:centroid_hz"]
    for row, source in enumerate(rows):
        stage.route(source, targets[row % len(targets)], 0.5, row)
    stage.choose("lfo1_shape", "square")
    stage.choose("lfo2_shape", "steps")
    stage.choose("lfo2_begin", "with each note")
    stage.set("lfo1_rate", 6.0)
    stage.set("lfo2_fade", 0.4)
    stage.set("walk_smooth", 0.5)
    stage.choose("gesture", "loop")
    stage.at(0, lambda modulation, at: modulation.set_gesture((0.0, 0.1, 0.2, 0.11, 0.9, 0.4, 0.3, 0.3, 0.8), at))
    for quantum, name, value in ((61, "macro3", 0.8), (63, "macro3", 0.1), (129, "lfo1_rate", 11.0), (203, "tempo", 90.0)):
        stage.set(name, value, quantum)
    stage.choose("lfo1_shape", "saw down", quantum=77)
    stage.choose("walk_begin", "together", quantum=158)
    stage.choose("gesture", "to and fro", quantum=190)
    stage.route("velocity", "pitch", -1.0, 4, quantum=101)
    stage.route("", "", 0.0, 5, quantum=149)


@pytest.mark.parametrize("chunk", [1, 3, 5])
def test_blocks_of_any_size_give_the_same(chunk: int) -> None:
    whole, pieces = Stage(), Stage()
    busy(whole)
    busy(pieces)
    first, second = whole.run(400, 8), pieces.run(400, chunk)
    assert set(first) == set(second)
    sounding = np.arange(401)[:, None] * QUANTUM > whole.onset - QUANTUM
    for target in first:
        assert np.abs(np.where(sounding, first[target] - second[target], 0.0)).max() < 1e-12, target


def test_at_another_rate_and_after_a_change_of_rate_all_times_stay_what_they_are() -> None:
    def times(rate: float) -> Stage:
        scale = rate / 48000.0
        stage = Stage(rate, onset=np.array([0.0, 6400.0]) * scale, released=np.array([np.inf, 32000.0 * scale]))
        for row, source in enumerate(("lfo1", "env1", "walk_x", "macro1")):
            stage.route(source, list(TARGETS)[row], 0.5, row)
        stage.choose("lfo1_begin", "with each note")
        stage.set("macro1", 1.0, 100)
        return stage

    slow, fast = times(48000.0), times(96000.0)
    fast.hands = [(quantum * 2, hand) for quantum, hand in fast.hands]
    first, second = slow.run(800), fast.run(1600)
    for target in first:
        assert np.abs(first[target] - second[target][::2])[120:].max() < 1e-9

    changed = times(48000.0)
    before = changed.run(400)
    changed.modulation.set_rate(96000.0, 400.0 * QUANTUM, 1000.0 * QUANTUM)
    changed.rate = 96000.0
    changed.onset, changed.released = (1000 * QUANTUM + (at - 400 * QUANTUM) * 2.0 for at in (changed.onset, changed.released))
    after = changed.run(800, begin=1000)
    for target in first:
        assert np.abs(first[target][:401] - before[target]).max() < 1e-12
        assert np.abs(first[target][400:] - after[target][::2]).max() < 1e-9


def test_nothing_jumps_whatever_hands_do() -> None:
    """A jump is a change within a quantum (1.3 ms); what is allowed is a ramp of about 3 ms over the span."""
    stage = Stage(onset=np.zeros(2), released=np.full(2, np.inf))
    busy(stage)
    spans = {name: target.span for name, target in TARGETS.items()}
    for target, values in stage.run(400).items():
        if target not in ("pad1_x", "pad1_y"):  # velocity and key hold what they are from the note's beginning
            steps = np.abs(np.diff(values[2:], axis=0)).max()
            assert steps < 0.7 * spans.get(target, LATENT_SPAN), target


@pytest.mark.parametrize("shape", LFO_SHAPES)
def test_shapes_fill_their_range_and_their_jumps_are_ramps(shape: str) -> None:
    stage = Stage(onset=np.zeros(1), released=np.full(1, np.inf))
    stage.route("lfo1", "pan")
    stage.set("lfo1_rate", 3.7)
    stage.choose("lfo1_shape", shape)
    stage.choose("lfo1_begin", "with each note")
    moved = stage.run(4000)["pan"][100:, 0]
    assert moved.max() <= 1.0 + 1e-12 and moved.min() >= -1.0 - 1e-12
    assert moved.max() > 0.7 and moved.min() < -0.7
    assert np.abs(np.diff(moved)).max() < 2.0 * 1.5 * (QUANTUM / 48000.0) / 0.003  # the steepest place of a smooth ramp
    if shape != "steps":
        assert abs(moved.mean()) < 0.05


@pytest.mark.parametrize(("division", "beats"), [("1/4", 1.0), ("1/8t", 1.0 / 3.0), ("2/1", 8.0)])
def test_in_tempo_a_cycle_is_as_long_as_its_beats(division: str, beats: float) -> None:
    assert division in DIVISIONS
    stage = Stage(onset=np.zeros(1), released=np.full(1, np.inf))
    stage.route("lfo2", "pan")
    stage.choose("lfo2_division", division)
    stage.set("tempo", 100.0)
    moved = stage.run(8000)["pan"][:, 0]
    phase = stage.seconds(8000) * 100.0 / 60.0 / beats
    assert np.abs(moved - np.sin(2.0 * np.pi * phase))[200:].max() < 1e-9


def test_with_each_note_it_begins_at_the_stroke_and_fades_in_from_there() -> None:
    stage = Stage()
    stage.route("lfo1", "pitch", 0.5)
    stage.choose("lfo1_begin", "with each note")
    stage.set("lfo1_rate", 5.0)
    stage.set("lfo1_fade", 0.2)
    moved = stage.run(700)["pitch"]
    since = np.maximum(stage.seconds(700)[:, None] - stage.onset / stage.rate, 0.0)
    wanted = 0.5 * TARGETS["pitch"].span * np.minimum(since / 0.2, 1.0) * np.sin(2.0 * np.pi * 5.0 * since)
    assert np.abs(moved - wanted)[200:].max() < 1e-9


def test_an_oscillator_knows_when_notes_began_before_there_was_a_row_for_it() -> None:
    late, early = Stage(), Stage()
    for stage, quantum in ((late, 400), (early, 0)):
        stage.choose("lfo1_begin", "with each note")
        stage.set("lfo1_rate", 3.0, 150)
        stage.route("lfo1", "pan", quantum=quantum)
    assert np.abs(late.run(700)["pan"] - early.run(700)["pan"])[600:].max() < 1e-12


def test_an_envelope_follows_the_key_and_its_knobs_are_heard_at_once() -> None:
    stage = Stage(onset=np.array([640.0]), released=np.array([64000.0]))
    stage.route("env2", "filter_cutoff", 1.0)
    for part, value in (("attack", 0.1), ("decay", 0.3), ("sustain", 0.4), ("release", 0.2)):
        stage.set(f"env2_{part}", value)
    stage.set("env2_sustain", 0.6, 700)
    moved = stage.run(1500)["filter_cutoff"][:, 0] / TARGETS["filter_cutoff"].span
    since = stage.seconds(1500) - 640.0 / 48000.0
    assert np.interp(0.05, since, moved) == pytest.approx(0.5, abs=0.01)
    assert np.interp(0.1, since, moved) == pytest.approx(1.0, abs=0.03)
    assert np.interp(0.85, since, moved) == pytest.approx(0.4, abs=0.01)
    assert np.interp(1.25, since, moved) == pytest.approx(0.6, abs=0.01)
    let_go = (64000.0 - 640.0) / 48000.0
    assert (np.diff(np.interp(let_go + np.linspace(0.0, 0.2, 20), since, moved)) < 0.0).all()
    assert moved[-1] == 0.0


def test_a_walk_is_the_same_in_every_run_another_for_each_note_and_starts_from_where_the_hand_is() -> None:
    def walks() -> Floats:
        stage = Stage(onset=np.zeros(4), released=np.full(4, np.inf))
        stage.route("walk_x", "pad1_x")
        stage.route("walk_y", "pad1_y", row=1)
        stage.set("walk_rate", 2.0)
        found = stage.run(20000)
        return np.stack([found["pad1_x"], found["pad1_y"]])

    first = walks()
    assert np.array_equal(first, walks())
    assert np.abs(first[:, 0]).max() == 0.0
    paths = first[:, 2000:].transpose(0, 2, 1).reshape(8, -1)
    assert np.abs(np.corrcoef(paths) - np.eye(8)).max() < 0.5
    assert (np.abs(paths) <= 1.0).all() and (paths.std(axis=1) > 0.2).all()
    bends = np.diff(first, n=2, axis=1) / (QUANTUM / 48000.0) ** 2
    assert np.abs(np.diff(bends, axis=1)).max() < 2.0  # no corner: the curvature itself has no jump
    stepped = Stage(onset=np.zeros(1), released=np.full(1, np.inf))
    stepped.route("walk_x", "pad1_x")
    stepped.set("walk_rate", 2.0)
    stepped.set("walk_smooth", 0.0)
    assert np.mean(np.diff(stepped.run(4000)["pad1_x"][:, 0]) == 0.0) > 0.9


PATH = (0.0, 0.2, 0.5, 0.5, 0.6, 0.5, 1.0, 0.4, 0.1)


@pytest.mark.parametrize("mode", GESTURE_MODES[1:])
def test_a_gesture_is_played_back_as_it_was_drawn(mode: str) -> None:
    stage = Stage(onset=np.zeros(1), released=np.full(1, np.inf))
    stage.route("gesture_x", "pad1_x", 0.5)
    stage.route("gesture_y", "pad1_y", 0.5, 1)
    stage.at(0, lambda modulation, at: modulation.set_gesture(PATH, at))
    stage.choose("gesture", mode, quantum=30)
    stage.set("gesture_speed", 2.0)
    found = stage.run(1600)
    passed = 2.0 * np.maximum(stage.seconds(1600) - 30 * QUANTUM / 48000.0, 0.0)
    at = {"once": np.minimum(passed, 1.0), "loop": passed % 1.0, "to and fro": 1.0 - np.abs(passed % 2.0 - 1.0)}[mode]
    seam = (at < 0.07) & (passed >= 1.0) & (mode == "loop")
    for name, column in (("pad1_x", 1), ("pad1_y", 2)):
        wanted = np.interp(at, PATH[::3], PATH[column::3]) - PATH[column]
        off = np.abs(found[name][:, 0] - wanted)
        assert off[200:][~seam[200:]].max() < 1e-9
        assert np.abs(np.diff(found[name][:, 0])).max() < 0.06


def test_a_gesture_in_beats_follows_the_tempo_and_may_begin_with_each_note() -> None:
    stage = Stage()
    stage.route("gesture_x", "pad1_x", 0.5)
    stage.at(0, lambda modulation, at: modulation.set_gesture(PATH, at))
    stage.choose("gesture", "once")
    stage.choose("gesture_beats", "beats")
    stage.choose("gesture_begin", "with each note")
    stage.set("tempo", 90.0)
    moved = stage.run(1000)["pad1_x"]
    since = np.maximum(stage.seconds(1000)[:, None] - stage.onset / 48000.0, 0.0) * 1.5
    wanted = np.interp(np.minimum(since, 1.0), PATH[::3], PATH[1::3]) - PATH[1]
    assert np.abs(moved - wanted)[200:].max() < 1e-9


def test_what_is_played_moves_by_depth_times_span_and_rows_on_one_target_add_up() -> None:
    stage = Stage()
    stage.route("velocity", "level", -0.5, 0)
    stage.route("key", "pan", 1.0, 1)
    stage.route("slide", "level", 0.25, 2)
    stage.route("wheel", "latent:centroid_hz", 1.0, 3)
    stage.route("pressure", "pad1_x", 1.0, 4)
    found = {name: values[200:] for name, values in stage.run(400).items()}
    assert np.allclose(found["level"], -24.0 * np.linspace(0.2, 1.0, 4) - 6.0)
    assert np.allclose(found["pan"], [-0.4, 0.0, 0.2, 1.0])
    assert np.allclose(found["latent:centroid_hz"], 0.75 * LATENT_SPAN)
    assert np.allclose(found["pad1_x"], 0.25)


def test_rows_that_are_off_are_not_there_and_one_that_is_taken_away_is_gone_when_it_has_faded() -> None:
    stage = Stage()
    assert stage.run(10) == {} and not stage.modulation.active
    stage.route("velocity", "pan", 0.0)
    stage.route("gesture_x", "pan", 1.0, 1)  # no gesture was drawn
    assert stage.run(10) == {} and not stage.modulation.active
    stage.route("velocity", "pan", 0.5, quantum=20)
    stage.route("", "", 0.0, quantum=100)
    stage.run(100, begin=10)
    assert stage.modulation.active
    assert stage.run(100, begin=110) and not stage.modulation.active
    assert stage.run(8, begin=210) == {}


def test_another_engine_goes_on_where_one_was() -> None:
    def rows(stage: Stage, quantum: int) -> None:
        stage.route("lfo1", "pan", 1.0, 0, quantum)
        stage.route("walk_x", "pitch", 1.0, 1, quantum)
        stage.route("gesture_x", "pad1_x", 0.5, 2, quantum)
        stage.choose("walk_begin", "together", quantum)
        stage.at(quantum, lambda modulation, at: modulation.set_gesture(PATH, at))
        stage.choose("gesture", "loop", quantum)
        stage.choose("lfo1_division", "1/4t", quantum)

    one, other = (Stage(onset=np.full(1, 700.0 * QUANTUM), released=np.full(1, np.inf)) for _ in range(2))
    rows(one, 3)
    one.at(99, lambda modulation, at: modulation.start_beat(at))
    one.run(600)
    phases = one.modulation.phases(600.0 * QUANTUM)
    other.modulation.resume(600.0 * QUANTUM, phases)
    rows(other, 600)
    first, second = one.run(400, begin=600), other.run(400, begin=600)
    for target in first:
        assert np.abs(first[target] - second[target])[100:].max() < 1e-12


def test_a_beat_that_starts_begins_the_turns_of_what_follows_the_tempo_and_of_nothing_else() -> None:
    def run(start: bool, **switches: str) -> Floats:
        stage = Stage(onset=np.full(1, 700.0))
        stage.route("lfo1", "pad1_x", 1.0)
        for name, choice in ({"lfo1_division": "1/4"} | switches).items():
            stage.choose(name, choice)
        if start:
            stage.at(461, lambda modulation, at: modulation.start_beat(at))
        return stage.run(1000)["pad1_x"][:, 0] / TARGETS["pad1_x"].span

    moved = run(True)
    assert np.abs(moved - np.sin(2.0 * np.pi * 2.0 * (np.arange(1001) - 461) * QUANTUM / 48000.0))[560:].max() < 1e-5
    assert np.abs(moved - run(False))[560:].max() > 0.5
    assert np.abs(np.diff(moved)).max() < 0.1, "no step"
    for own in ({"lfo1_division": "off"}, {"lfo1_begin": "with each note"}):
        assert np.array_equal(run(True, **own), run(False, **own))


def test_while_nothing_sounds_hands_are_where_they_are_put() -> None:
    stage = Stage(onset=np.full(1, 10.0 * QUANTUM), released=np.full(1, np.inf))
    stage.route("macro1", "pad1_x")
    stage.set("macro1", 0.5, quantum=5)
    stage.at(10, lambda modulation, at: modulation.snap(at))
    assert np.allclose(stage.run(100)["pad1_x"][10:], 0.5)
