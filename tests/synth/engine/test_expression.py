"""Each note by itself: MPE, pressure, pedals, one voice for all keys, and tunings."""

from collections.abc import Sequence

import numpy as np
import pytest

from synth import commands
from synth.commands import (
    AllNotesOff,
    ChannelPressure,
    Command,
    KeyPressure,
    NoteOff,
    NoteOn,
    PitchBend,
    SetBendRange,
    SetMpe,
    SetParameter,
    SetTuning,
    Slide,
    Sostenuto,
    Sustain,
)
from synth.engine.synth import LATENCY, Synth
from synth.parameters import VOICE_MODES
from synth.units import note_to_hz
from tests.helpers.closed_form import closed_phase
from tests.helpers.signals import largest_step

RATE = 48000
Events = Sequence[tuple[float, Command]]
QUICK: Events = (
    (0, SetParameter("width", 0.0)),
    (0, SetParameter("attack", 0.0)),
    (0, SetParameter("release", 0.05)),
    (0, commands.MovePad(1.0, 1.0)),
)


class Played:
    """An engine that has carried out events up to a time in s, and its sound."""

    def __init__(self, events: Events, seconds: float, block: int = 512) -> None:
        self.synth = Synth(RATE, 8)
        self.synth.set_instrument(closed_phase())
        for frame, command in (*QUICK, *events):
            self.synth.schedule(command, frame)
        self.sound = np.zeros((round(seconds * RATE) + LATENCY, 2), np.float32)
        for start in range(0, len(self.sound), block):
            self.synth.render(self.sound[start : start + block])
        self.sound = self.sound[LATENCY:]
        assert self.synth.failed_blocks == 0

    @property
    def notes(self) -> list[float]:
        return sorted(self.synth.status().notes)

    def level(self, note: float, begin: float, end: float) -> float:
        """Amplitude of a pitch between two times in s."""
        part = self.sound[round(begin * RATE) : round(end * RATE), 0].astype(np.float64)
        turns = np.exp(-2j * np.pi * note_to_hz(note) * np.arange(len(part)) / RATE)
        window = np.hanning(len(part))
        return float(2 * np.abs((part * turns * window).sum()) / window.sum())

    def finger(self, note: float) -> tuple[float, float]:
        """Pressure and slide of a sounding note."""
        voices = self.synth._voices
        slot = next(slot for slot in voices.alive(self.synth.frame).tolist() if voices.note[slot] == note)
        return float(voices.fingers.pressure[-1, slot]), float(voices.fingers.slide[-1, slot])


def ms(milliseconds: float) -> float:
    return milliseconds * RATE / 1000


def test_fingers_of_a_zone_bend_each_by_itself_and_together_by_its_manager():
    played = Played(
        [
            (0, SetMpe(15, 0)),
            (0, SetBendRange(12.0, 0)),
            (0, NoteOn(60, 1.0, 1)),
            (0, NoteOn(72, 1.0, 2)),
            (ms(100), PitchBend(0.125, 2)),  # 6 of 48 semitones
            (ms(300), PitchBend(0.25, 0)),  # 3 of 12
        ],
        0.5,
    )
    assert played.level(60, 0.15, 0.3) == pytest.approx(played.level(60, 0.0, 0.1), rel=0.1)
    assert played.level(78, 0.15, 0.3) > 20 * played.level(72, 0.15, 0.3)
    assert played.level(63, 0.4, 0.5) > 20 * played.level(60, 0.4, 0.5)
    assert played.level(81, 0.4, 0.5) > 20 * played.level(78, 0.4, 0.5)


def test_a_range_told_to_one_finger_is_that_of_its_zone_alone():
    events = [(0, SetMpe(7, 7)), (0, SetBendRange(24.0, 3)), *((0, PitchBend(0.5, channel)) for channel in (2, 14))]
    zones = Played(events, 0.01).synth._controls.zones
    assert zones.bends(np.eye(16)[2], 2.0)[2] == 24.0
    assert zones.bends(np.eye(16)[14], 2.0)[14] == 48.0
    assert zones.bends(np.eye(16)[0], 2.0)[[0, 7, 8]].tolist() == [2.0, 2.0, 0.0]


def test_a_note_let_go_keeps_its_bend_while_its_finger_bends_the_next_one():
    base: Events = [(0, SetMpe(15, 0)), (0, SetParameter("release", 1.0)), (0, PitchBend(0.25, 1)), (0, NoteOn(50, 1.0, 1))]
    played = Played([*base, (ms(100), NoteOff(50, 1)), (ms(101), PitchBend(0.0, 1)), (ms(101), NoteOn(80, 1.0, 1))], 0.4)
    assert played.level(62, 0.15, 0.35) > 20 * played.level(50, 0.15, 0.35)
    first = played.sound[round(0.1016 * RATE) : round(0.11 * RATE), 0]
    assert played.level(80, 0.102, 0.115) > 0.7 * played.level(80, 0.2, 0.3), "it begins in tune"
    assert np.abs(first).max() > 0


def test_pressure_and_slide_belong_to_a_note_and_glide_home_when_it_ends():
    gestures = [(ms(10), ChannelPressure(0.8, 1)), (ms(10), Slide(1.0, 1)), (ms(10), ChannelPressure(0.1, 2))]
    notes: Events = [(0, SetMpe(15, 0)), (0, SetParameter("release", 3.0)), (0, NoteOn(60, 1.0, 1)), (0, NoteOn(64, 1.0, 2))]
    played = Played([*notes, *gestures], 0.3)
    assert played.finger(60) == pytest.approx((0.8, 1.0), abs=1e-3)
    assert played.finger(64) == pytest.approx((0.1, 0.5), abs=1e-3)
    let_go = [(ms(300), NoteOff(60, 1)), (ms(301), ChannelPressure(1.0, 1)), (ms(301), NoteOn(67, 1.0, 1))]
    played = Played([*notes, *gestures, *let_go], 1.5)
    assert played.finger(60) == pytest.approx((0.0, 0.5), abs=1e-3)
    assert played.finger(67) == pytest.approx((1.0, 1.0), abs=1e-3)


def test_a_key_is_pressed_by_itself_on_a_channel_it_shares():
    notes = [(0, NoteOn(60, 1.0)), (0, NoteOn(64, 1.0)), (ms(10), ChannelPressure(0.2)), (ms(10), KeyPressure(64, 0.9))]
    played = Played(notes, 0.3)
    assert played.finger(60)[0] == pytest.approx(0.2, abs=1e-3)
    assert played.finger(64)[0] == pytest.approx(0.9, abs=1e-3)


def test_sostenuto_holds_what_was_down_and_nothing_else():
    events = [(0, NoteOn(60, 1.0)), (ms(50), Sostenuto(True)), (ms(60), NoteOn(64, 1.0))]
    up = [(ms(100), NoteOff(60)), (ms(100), NoteOff(64))]
    assert Played([*events, *up], 0.3).notes == [60]
    assert Played([*events, *up, (ms(150), Sostenuto(False))], 0.4).notes == []
    both = [(ms(90), Sustain(True)), *up, (ms(150), Sostenuto(False))]
    assert Played([*events, *both], 0.3).notes == [60, 64]
    assert Played([*events, *both, (ms(200), Sustain(False))], 0.4).notes == []
    assert Played([*events, *both[:-1], (ms(150), Sustain(False))], 0.4).notes == [60]


def test_a_managers_pedal_holds_the_fingers_of_its_zone():
    events = [(0, SetMpe(15, 0)), (0, NoteOn(60, 1.0, 3)), (ms(10), Sustain(True, 0)), (ms(50), NoteOff(60, 3))]
    assert Played(events, 0.3).notes == [60]
    assert Played([*events, (ms(100), Sustain(False, 0))], 0.4).notes == []


def mode(name: str) -> tuple[float, Command]:
    return 0, SetParameter("voice_mode", float(VOICE_MODES.index(name)))


@pytest.mark.parametrize("name", ["mono", "legato"])
def test_the_last_key_that_is_down_sounds(name):
    events = [mode(name), (0, NoteOn(60, 1.0)), (ms(100), NoteOn(64, 1.0)), (ms(200), NoteOn(67, 1.0))]
    assert Played(events, 0.3).notes == [67]
    assert Played([*events, (ms(250), NoteOff(64))], 0.3).notes == [67]
    assert Played([*events, (ms(250), NoteOff(64)), (ms(260), NoteOff(67))], 0.4).notes == [60]
    up = [(ms(250), NoteOff(note)) for note in (64, 67, 60)]
    assert Played([*events, *up], 0.5).notes == []


def test_legato_keeps_envelope_and_phase_and_mono_strikes_anew():
    slow = [(0, SetParameter("attack", 0.2)), (0, SetParameter("glide", 0.05))]
    events = [*slow, (0, NoteOn(60, 1.0)), (ms(400), NoteOn(72, 1.0))]
    legato, mono = (Played([mode(name), *events], 0.7) for name in ("legato", "mono"))
    loud = legato.level(60, 0.25, 0.38)
    assert legato.level(72, 0.5, 0.6) == pytest.approx(loud, rel=0.02)
    assert mono.level(72, 0.46, 0.56) < 0.7 * loud
    steady = 2 * np.pi * note_to_hz(72) / RATE * np.abs(legato.sound).max()
    assert largest_step(legato.sound[:, 0]) < 1.05 * steady
    assert np.abs(legato.sound[round(0.4 * RATE) :, 0]).max() < 1.05 * np.abs(legato.sound).max()


def test_legato_glides_from_where_it_is_and_back():
    events = [mode("legato"), (0, SetParameter("glide", 0.2)), (0, NoteOn(48, 1.0)), (ms(300), NoteOn(60, 1.0))]
    played = Played([*events, (ms(400), NoteOff(60))], 1.0)  # half-way, so back from 54
    assert played.level(48, 0.65, 0.95) == pytest.approx(played.level(48, 0.0, 0.25), rel=0.02)
    turned = np.abs(np.diff(np.sign(played.sound[round(0.3 * RATE) : round(0.6 * RATE), 0]))).sum() / 4
    gliding = note_to_hz(np.linspace(48, 54, 200)).mean()
    assert turned == pytest.approx(0.3 * gliding, rel=0.02)


@pytest.mark.parametrize("name", VOICE_MODES)
def test_everything_at_once_does_not_depend_on_the_block(name):
    random = np.random.default_rng(5)
    events: list[tuple[float, Command]] = [mode(name), (0, SetMpe(15, 0)), (0, SetParameter("glide", 0.03))]
    events.append((0, commands.SetRoute(0, 0.5, "pressure", "pad1_x")))
    down: list[tuple[int, int]] = []
    for frame in np.sort(random.uniform(0, RATE / 2, 60)):
        channel = int(random.integers(1, 5))
        if down and random.random() < 0.4:
            events.append((frame, NoteOff(*down.pop(0))))
        elif random.random() < 0.4:
            down.append((int(random.integers(40, 80)), channel))
            events.append((frame, NoteOn(*down[-1][:1], 0.8, channel)))
        else:
            value = float(random.random())
            gesture = (PitchBend(value / 8, channel), ChannelPressure(value, channel), Slide(value, channel))
            events.append((frame, gesture[random.integers(3)]))
    sounds = [Played(events, 0.7, block).sound.astype(np.float64) for block in (512, 100, 16)]
    assert np.abs(sounds[0]).max() > 0.05
    for sound in sounds[1:]:
        assert np.abs(sound - sounds[0]).max() < np.abs(sounds[0]).max() * 10 ** (-90 / 20)


def test_keys_sound_as_they_are_tuned_and_stay_keys():
    flat = np.arange(128.0)
    flat[60], flat[62] = 60.5, -1.0
    tuned = (0, SetTuning(tuple(flat.tolist())))
    played = Played([tuned, (0, NoteOn(60, 1.0)), (0, NoteOn(62, 1.0))], 0.3)
    assert played.notes == [60], "a silent key"
    assert played.level(60.5, 0.05, 0.3) > 20 * played.level(60, 0.05, 0.3)
    assert Played([tuned, (0, NoteOn(60, 1.0)), (ms(100), NoteOff(60))], 0.3).notes == []
    glide = [(0, SetParameter("glide", 0.1)), (0, NoteOn(72, 1.0)), (ms(100), NoteOff(72)), (ms(100), NoteOn(60, 1.0))]
    assert Played([tuned, *glide], 0.4).level(60.5, 0.25, 0.4) > 0.1
    assert Played([tuned, (0, SetTuning()), (0, NoteOn(62, 1.0))], 0.1).notes == [62]


def retuned(note: int, pitch: float) -> SetTuning:
    """All keys as they are, but one."""
    return SetTuning(tuple(pitch if key == note else float(key) for key in range(128)))


@pytest.mark.parametrize("fingers", [False, True])
def test_notes_that_sound_glide_to_another_tuning_let_go_or_not(fingers: bool):
    moving = [(0, SetMpe(3, 0))] if fingers else []
    events = [
        *moving,
        (0, SetParameter("release", 20.0)),
        (0, NoteOn(50, 1.0)),
        (0, NoteOn(69, 1.0)),
        (0, NoteOn(80, 1.0)),
        (ms(100), NoteOff(69)),
        (ms(300.7), retuned(69, 73.0)),
        (ms(320.1), retuned(69, 70.5)),
        (ms(600), SetTuning((-1.0,) * 128)),
    ]
    played = Played(events, 0.8)
    assert played.level(69, 0.1, 0.3) > 0.2
    assert played.level(70.5, 0.4, 0.6) > 0.2
    assert played.level(69, 0.4, 0.6) < 0.01
    for note in (50, 80):
        assert played.level(note, 0.4, 0.6) > 0.2
        assert played.level(note, 0.65, 0.8) > 0.2, "a key that is silent now sounds on"
    beside = Played([*events[:-3], (ms(780), SetTuning())], 0.8)
    quiet = largest_step(np.diff(beside.sound[:, 0]))
    assert largest_step(np.diff(played.sound[:, 0])) < 1.3 * quiet, "nothing jumps"
    assert np.abs(Played(events, 0.8, block=96).sound - played.sound).max() < 1e-5


def test_a_note_glides_on_while_the_tuning_changes_and_the_next_one_comes_from_there():
    glide = [(0, SetParameter("glide", 0.4)), (0, NoteOn(60, 1.0)), (ms(50), NoteOff(60)), (ms(50), NoteOn(72, 1.0))]
    played = Played([*glide, (ms(250), retuned(72, 74.0)), (ms(700), NoteOff(72)), (ms(700), NoteOn(60, 1.0))], 1.2)
    assert played.level(74, 0.5, 0.7) > 0.2
    assert played.level(67, 0.895, 0.905) > 0.1, "half of the way from there"


def test_the_master_tuning_moves_all_that_sounds():
    played = Played([(0, NoteOn(60, 1.0)), (ms(100), SetParameter("tune", 50.0))], 0.5)
    assert played.level(60.5, 0.2, 0.5) > 20 * played.level(60, 0.2, 0.5)


def test_all_notes_off_lifts_every_pedal_and_forgets_keys():
    events = [mode("mono"), (0, NoteOn(60, 1.0)), (0, Sostenuto(True)), (ms(50), NoteOn(64, 1.0)), (ms(100), AllNotesOff())]
    assert Played([*events, (ms(200), NoteOn(67, 1.0)), (ms(250), NoteOff(67))], 0.5).notes == []
