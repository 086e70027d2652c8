"""Every note has a latent of its own: what moves one note moves no other, and nothing of it is heard as a step."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

from synth.commands import (
    AllNotesOff,
    Audition,
    ChannelPressure,
    Command,
    KeyPressure,
    MovePad,
    NoteOff,
    NoteOn,
    Panic,
    SetAnchor,
    SetCorner,
    SetKeymap,
    SetMpe,
    SetOffset,
    SetParameter,
    SetRoute,
    SetSurface,
    Slide,
)
from synth.engine.playable import Playable
from synth.engine.synth import LATENCY, Synth
from synth.evaluators import make_playable
from synth.instrument import load
from synth.parameters import CURSOR_MODES, FILTERS, VOICE_MODES
from synth.routing import SURFACES
from synth.units import db_to_gain
from tests.helpers.bundled import SMALL_OBJECTS
from tests.helpers.closed_form import closed_form, closed_phase
from tests.helpers.rendered import next_frames, synth_with
from tests.synth.engine.test_motion import beyond

RATE = 48000
Events = Sequence[tuple[float, Command]]
PLAIN: Events = (
    (0, SetParameter("width", 0.0)),
    (0, SetParameter("level", -12.0)),
    (0, SetParameter("latent_glide", 0.01)),
    (0, SetParameter("cursor", float(CURSOR_MODES.index("loop")))),
)
QUIET = db_to_gain(-90.0)


@cache
def small_objects() -> Playable:
    return make_playable(load(SMALL_OBJECTS), RATE)


def rendered(playable: Playable, events: Events, seconds: float, block: int = 512) -> tuple[np.ndarray, Synth]:
    synth = synth_with(playable, (*PLAIN, *events))
    out = next_frames(synth, int(seconds * RATE), block)
    return out, synth


def play(playable: Playable, events: Events, seconds: float, block: int = 512) -> np.ndarray:
    return rendered(playable, events, seconds, block)[0]


def mode(name: str) -> SetParameter:
    return SetParameter("voice_mode", float(VOICE_MODES.index(name)))


def test_two_fingers_sound_as_their_two_anchors_alone_do() -> None:
    playable = small_objects()
    fingers = [(0, SetMpe(15, 0)), (0, SetRoute(0, 0.5, "slide", "pad1_x")), (0, MovePad(0.5, 0.0))]
    fingers += [(0, Slide(0.0, 1)), (0, Slide(1.0, 2)), (64, NoteOn(60, 1.0, 1)), (64, NoteOn(67, 1.0, 2))]
    together = play(playable, fingers, 0.5)
    left = play(playable, [(0, MovePad(0.0, 0.0)), (64, NoteOn(60, 1.0))], 0.5)
    right = play(playable, [(0, MovePad(1.0, 0.0)), (64, NoteOn(67, 1.0))], 0.5)
    assert min(np.abs(left).max(), np.abs(right).max()) > 0.01
    assert np.abs(together - left - right).max() < QUIET * np.abs(together).max()


def test_where_each_note_is_on_the_pad_can_be_seen() -> None:
    fingers = [(0, SetMpe(15, 0)), (0, SetRoute(0, 0.5, "slide", "pad1_x")), (0, MovePad(0.5, 0.25))]
    fingers += [(0, Slide(0.2, 1)), (64, NoteOn(60, 1.0, 1)), (64, NoteOn(67, 1.0, 2))]
    status = rendered(closed_form((300.0,), bandwidth=300.0), fingers, 0.1)[1].status()
    assert status.notes == (60.0, 67.0)
    assert np.array(status.places) == pytest.approx(np.array([[0.2, 0.25], [0.5, 0.25]]), abs=1e-3)
    shared = rendered(closed_form((300.0,), bandwidth=300.0), [(0, MovePad(0.1, 0.9)), (64, NoteOn(60, 1.0))], 0.1)[1]
    assert shared.status().places == ((0.1, 0.9),)


def routes(*rows: tuple[float, str, str]) -> Events:
    return [(0, SetRoute(row, *each)) for row, each in enumerate(rows)]


ROWS = routes(
    (0.4, "lfo1", "pad1_x"),
    (0.5, "velocity", "pad1_y"),
    (0.7, "lfo2", "pad2_x"),
    (0.3, "env1", "latent:pc1"),
    (-0.2, "key", "latent:centroid_hz"),
    (0.05, "lfo2", "pitch"),
    (0.1, "walk_x", "level"),
    (0.8, "random", "pan"),
    (0.1, "lfo1", "speed"),
    (0.3, "env2", "position"),
    (-0.3, "pressure", "filter_cutoff"),
)
MOVING: Events = (
    *ROWS,
    (0, SetParameter("lfo1_rate", 7.3)),
    (0, SetParameter("lfo2_rate", 3.1)),
    (0, SetParameter("width", 0.7)),
    (0, SetSurface(1, SURFACES.index("map"))),
    (0, SetParameter("pad2_amount", 0.4)),
    (700.5, NoteOn(60, 0.9)),
    (3000, SetParameter("filter", float(FILTERS.index("low-pass")))),
    (3000, SetParameter("filter_cutoff", 3000.0)),
    (4100, NoteOn(72, 0.4, 3)),
    (5000, ChannelPressure(0.8, 3)),
    (6001, MovePad(0.9, 0.2)),
    (7013, SetCorner(1, 2)),
    (8005, SetSurface(0, SURFACES.index("plane"), y_range=0.5)),
    (8500, SetParameter("reverb_mix", 0.3)),
    (8600, SetParameter("drive", 6.0)),
    (9000, SetKeymap((50.0, 0.0, 70.0, 3.0))),
    (9070, SetParameter("keymap", 0.6)),
    (11111, Audition(1, 0, 0.0, 0.0, 64.0, 0.8)),
    (12000, SetOffset("pc1", 0.7)),
    (13000, NoteOff(60)),
    (14000, SetRoute(0, 0.0, "", "")),
    (15000, Audition(-1, 1, 0.3, 0.6, 64.0, 0.8)),
    (16003, NoteOn(55, 1.0)),
    (17000, mode("chord")),
    (17500, NoteOn(51, 0.8)),
    (18000, NoteOn(69, 0.8)),
    (18500, KeyPressure(69, 1.0)),
    (21000, AllNotesOff()),
)


@pytest.mark.parametrize("cursor", ["loop", "stretch"])
@pytest.mark.parametrize("block", [64, 333, 2048])
def test_the_same_samples_at_any_block_size_while_everything_moves(block: int, cursor: str) -> None:
    events = [(0, SetParameter("cursor", float(CURSOR_MODES.index(cursor)))), *MOVING]
    for playable in (small_objects(), closed_phase((1.0, 2.0))) if cursor == "loop" else (small_objects(),):
        reference = play(playable, events, 0.55, 256)
        assert np.abs(reference).max() > 0.02
        assert np.abs(play(playable, events, 0.55, block) - reference).max() < QUIET * np.abs(reference).max()


JUMPS: dict[str, Events] = {
    "a pad becomes a map": [(9000.5, SetSurface(0, SURFACES.index("map"))), (9000.5, MovePad(1.0, 1.0))],
    "a pad becomes a plane": [(9000.5, SetSurface(0, SURFACES.index("plane"), origin=(0.8,)))],
    "another sound on a corner": [(9000.5, SetCorner(0, 3)), (9000.5, SetCorner(1, 3))],
    "another pad is blended in": [
        (0, SetCorner(0, 3, 1)),
        (0, SetParameter("pad2_x", 0.0)),
        (9000.5, SetParameter("pad2_amount", 1.0)),
    ],
    "an offset": [(9000.5, SetOffset("pc1", 1.5))],
    "a keymap": [(0, SetKeymap((60.0, 3.0))), (9000.5, SetParameter("keymap", 1.0))],
    "another keymap": [(0, SetParameter("keymap", 1.0)), (0, SetKeymap((60.0, 1.0))), (9000.5, SetKeymap((60.0, 3.0)))],
    "a row comes": [(9000.5, SetRoute(3, 1.0, "velocity", "pad1_y"))],
    "a row goes": [(0, SetRoute(3, 1.0, "velocity", "pad1_y")), (9000.5, SetRoute(3, 0.0, "", ""))],
    "an anchor of the player's own": [
        (0, SetAnchor(0, latent=(0.3,))),
        (0, SetCorner(0, 4)),
        (9000.5, SetAnchor(0, latent=(0.9,))),
    ],
}


@pytest.mark.parametrize("jump", list(JUMPS))
@pytest.mark.parametrize("apart", [False, True], ids=["shared", "each its own"])
def test_nothing_that_a_hand_changes_clicks(jump: str, apart: bool) -> None:
    rows = routes((0.2, "velocity", "pad1_x"), (0.1, "velocity", "latent:pc1")) if apart else ()
    events = [(0, MovePad(0.3, 0.1)), *rows, (0, NoteOn(60, 1.0)), *JUMPS[jump]]
    sound = play(closed_form((300.0,), bandwidth=300.0), events, 0.35)
    rms = [np.sqrt(np.mean(sound[at : at + 1600] ** 2)) for at in (7000, 12800)]
    assert abs(rms[0] - rms[1]) > 0.05 * max(rms)
    assert beyond(sound[5000:13192], 5000.0) < -80


def test_the_keymap_gives_each_key_its_anchor() -> None:
    playable = small_objects()
    keymap = [(0, SetKeymap((48.0, 4.0, 60.0, 5.0))), (0, SetParameter("keymap", 1.0))]
    for note, anchor in ((48, 4), (60, 5)):
        corners = [(0, SetCorner(corner, anchor)) for corner in range(4)]
        assert np.array_equal(
            play(playable, [*keymap, (64, NoteOn(note, 1.0))], 0.3), play(playable, [*corners, (64, NoteOn(note, 1.0))], 0.3)
        )


@pytest.mark.parametrize(("pressures", "level"), [((0.0, 0.0), 0.625), ((1.0, 0.0), 0.264), ((0.0, 1.0), 0.986)])
def test_a_chord_of_latents_weighs_its_keys_by_pressure(pressures: tuple[float, float], level: float) -> None:
    """Keys own the anchors of amplitudes 0.25 and 1; one voice plays what is between."""
    chord = [(0, mode("chord")), (0, SetKeymap((48.0, 1.0, 60.0, 3.0))), (0, NoteOn(48, 1.0)), (1000, NoteOn(60, 1.0))]
    chord += [(2000, KeyPressure(note, value)) for note, value in zip((48, 60), pressures, strict=True)]
    sound, synth = rendered(closed_phase(), chord, 0.4)
    assert synth.status().voices == 1
    assert np.abs(sound[9600:]).max() == pytest.approx(level * db_to_gain(-12.0), rel=0.03)
    alone = play(closed_phase(), [*chord, (9600, NoteOff(60))], 0.5)
    assert np.abs(alone[19200:]).max() == pytest.approx(0.25 * db_to_gain(-12.0), rel=0.03)


def test_an_audition_is_its_anchor_whatever_plays_and_whatever_is_let_go() -> None:
    playable = small_objects()
    corners = [(0, SetCorner(corner, 6)) for corner in range(4)]
    alone = play(playable, [*corners, (64, NoteOn(62, 0.8))], 0.4)
    note = [(0, SetRoute(0, 1.0, "velocity", "pad1_x")), (0, MovePad(0.0, 1.0)), (0, NoteOn(50, 0.5))]
    meanwhile = [
        (4000, NoteOff(50)),
        (4500, NoteOff(62)),
        (5000, MovePad(1.0, 0.0)),
        (6000, NoteOn(62, 0.5)),
        (7000, NoteOff(62)),
    ]
    beside = play(playable, [*note, *meanwhile, (64, Audition(6, 0, 0.0, 0.0, 62.0, 0.8))], 0.4)
    without = play(playable, [*note, *meanwhile], 0.4)
    assert np.abs(beside - without - alone).max() < QUIET * np.abs(beside).max()


def test_an_audition_ends_with_the_next_or_when_it_is_told() -> None:
    playable = closed_phase()
    loud, quiet = Audition(3, 0, 0.0, 0.0, 60.0, 1.0), Audition(-1, 0, 0.5, 0.0, 60.0, 1.0)
    sound, synth = rendered(playable, [(0, loud), (10000, quiet), (20000, Audition(-1, 0, 0.0, 0.0, 60.0, 0.0))], 0.6)
    peaks = [np.abs(sound[at : at + 2000]).max() / db_to_gain(-12.0) for at in (6000, 17000, 26000)]
    assert peaks == pytest.approx([1.0, 0.125, 0.0], abs=0.01)
    assert synth.status().notes == ()
    held, many = rendered(playable, [(0, loud), *((100 + 64 * note, NoteOn(40 + note, 0.1)) for note in range(16))], 0.3)
    assert many.status().voices == 16  # it takes no voice away
    assert np.abs(play(playable, [(0, loud), (5000, Panic())], 0.2)[6000:]).max() == 0.0
    assert np.abs(held).max() > 0.2


def test_a_loop_of_the_players_own_goes_round_where_it_was_set() -> None:
    """The sound's own loop is longer: what comes again tells which it is."""
    playable = closed_form((3.3,), bandwidth=10.0, loop=(1.0, 3.0))
    loop = [(0, SetParameter("loop_start", 0.25)), (0, SetParameter("loop_end", 0.375))]
    note = [(0, MovePad(1.0, 1.0)), (0, NoteOn(60, 1.0))]
    own, longer = (play(playable, events, 2.0)[:, 0] for events in ([*loop, *note], note))
    first, second = slice(int(1.2 * RATE), int(1.4 * RATE)), slice(int(1.7 * RATE), int(1.9 * RATE))
    assert np.abs(own[first] - longer[first]).max() == 0.0
    assert np.abs(own[second] - own[first]).max() < 0.02 * np.abs(own).max()
    assert np.abs(longer[second] - longer[first]).max() > 0.5 * np.abs(own).max()


@pytest.mark.parametrize("depth", [0.0, 0.5])
def test_the_matrix_moves_pitch_level_and_side_of_one_note_by_its_unit(depth: float) -> None:
    rows = routes((depth, "velocity", "pitch"), (-0.5 * depth, "velocity", "level"), (-2 * depth, "velocity", "pan"))
    sound = play(closed_phase(), [*rows, (0, MovePad(1.0, 1.0)), (0, NoteOn(60, 1.0))], 0.5)[9600:]
    spectrum = np.abs(np.fft.rfft(sound[:, 0] * np.hanning(len(sound))))
    hz = spectrum.argmax() * RATE / len(sound)
    assert hz == pytest.approx(261.63 * 2.0 ** (depth * 12 / 12), abs=2 * RATE / len(sound))
    left, right = np.abs(sound).max(0)
    gain = db_to_gain(-12.0 - 48.0 * 0.5 * depth)
    assert (left, right) == pytest.approx((gain, gain) if depth == 0.0 else (gain * np.sqrt(2), 0.0), rel=0.01, abs=1e-6)


def test_a_filter_follows_each_note_by_itself() -> None:
    """Velocity closes it: the soft note loses its upper partial, the loud one keeps it."""
    on = [(0, SetParameter("filter", float(FILTERS.index("low-pass")))), (0, SetParameter("filter_cutoff", 300.0))]
    rows = routes((1.0, "velocity", "filter_cutoff"))
    softly = [(0, MovePad(1.0, 1.0)), (0, SetParameter("velocity_depth", 0.0))]
    playable = closed_phase((1.0, 16.0))

    def upper(velocity: float) -> float:
        sound = play(playable, [*softly, *on, *rows, (0, NoteOn(60, velocity))], 0.4)[9600:, 0]
        spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
        return float(20 * np.log10(spectrum[round(16 * 261.63 * len(sound) / RATE) + np.arange(-3, 4)].max() / spectrum.max()))

    assert upper(1.0) > -1.0
    assert upper(0.05) < -40.0


def test_what_sounds_goes_on_sounding_at_another_rate_with_a_latent_of_its_own() -> None:
    playable = closed_phase()
    synth = Synth(RATE)
    synth.set_instrument(playable)
    events = [*PLAIN, *routes((0.3, "lfo1", "pad1_x")), (0, MovePad(0.5, 1.0)), (0, NoteOn(60, 1.0))]
    for frame, command in events:
        synth.schedule(command, frame)
    before = np.zeros((RATE // 2, 2), np.float32)
    synth.render(before)
    synth.set_rate(44100.0, playable.noise)
    after = np.zeros((4410, 2), np.float32)
    synth.render(after)
    whole = play(playable, events[len(PLAIN) :], 0.6)
    again = np.interp(np.arange(4410) / 44100.0, np.arange(4800) / RATE, whole[RATE // 2 : RATE // 2 + 4800, 0])
    assert np.abs(after[:, 0] - again).max() < 0.01 * np.abs(whole).max()
    assert LATENCY < 4410
