import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sirenade.errors import MidiError
from synth.commands import MovePad, NoteOff, NoteOn
from synth.offline.timeline import read_midi_file


def save(path, tracks, **header):
    song = mido.MidiFile(**header)
    song.tracks += [mido.MidiTrack(track) for track in tracks]
    song.save(path)
    return path


def note(number, at, kind="note_on", velocity=127):
    return mido.Message(kind, note=number, velocity=velocity, time=at)


def test_tempo_changes_in_another_track_move_the_notes(tmp_path):
    tempi = [mido.MetaMessage("set_tempo", tempo=1_000_000), mido.MetaMessage("set_tempo", tempo=250_000, time=96)]
    notes = [note(60, 0), note(60, 96, "note_off"), note(64, 96), note(64, 0, velocity=0)]
    timeline = read_midi_file(save(tmp_path / "song.mid", [tempi, notes], ticks_per_beat=96))
    assert timeline.events == (
        (0.0, NoteOn(60, 1.0)),
        (1.0, NoteOff(60)),
        (1.25, NoteOn(64, 1.0)),
        (1.25, NoteOff(64)),
    )
    assert timeline.duration == 1.25


def test_ten_thousand_odd_ticks_do_not_drift(tmp_path):
    notes = [note(60, 7) for _ in range(10_000)]
    tempo = [mido.MetaMessage("set_tempo", tempo=333_333)]
    timeline = read_midi_file(save(tmp_path / "song.mid", [tempo, notes], ticks_per_beat=960))
    assert timeline.duration == pytest.approx(70_000 * 333_333e-6 / 960, rel=1e-15)


@pytest.mark.parametrize(("frames", "rate"), [(25, 25.0), (29, 30000 / 1001)])
def test_smpte_time_counts_frames_whatever_the_tempo(tmp_path, frames, rate):
    path = save(tmp_path / "song.mid", [[mido.MetaMessage("set_tempo", tempo=1), note(60, 400)]])
    content = bytearray(path.read_bytes())
    content[12:14] = bytes([256 - frames, 40])
    path.write_bytes(content)
    assert read_midi_file(path).events[0][0] == pytest.approx(10 / rate, rel=1e-12)


def test_the_pad_moves_through_the_same_router(tmp_path):
    moves = [mido.Message("control_change", control=16, value=127), note(60, 10)]
    timeline = read_midi_file(save(tmp_path / "song.mid", [moves]))
    assert timeline.events[0] == (0.0, MovePad(1.0, 0.5))


def damaged(path, content):
    path.write_bytes(content)
    with pytest.raises(MidiError) as caught:
        read_midi_file(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_wrong_is_said_in_one_sentence(tmp_path):
    good = save(tmp_path / "good.mid", [[note(60, 0), note(60, 96, "note_off")]]).read_bytes()
    path = tmp_path / "bad.mid"
    assert "damaged" in damaged(path, good[:-9])
    assert "is not a MIDI file" in damaged(path, b"OggS" + good)
    assert "no time base" in damaged(path, good[:12] + b"\0\0" + good[14:])
    assert "type 0 or 1" in damaged(path, good[:9] + b"\2" + good[10:])
    assert "no notes" in damaged(path, save(tmp_path / "empty.mid", [[mido.MetaMessage("text", text="x")]]).read_bytes())
    with pytest.raises(MidiError, match="cannot be read: No such file"):
        read_midi_file(tmp_path / "missing.mid")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=8), st.integers(0, 400))
def test_a_mutated_file_plays_or_is_refused(tmp_path_factory, changes, cut):
    folder = tmp_path_factory.mktemp("mutated")
    tempo = [mido.MetaMessage("set_tempo", tempo=400_000), mido.MetaMessage("time_signature", numerator=3)]
    good = save(folder / "song.mid", [tempo, [note(60, 5), note(60, 96, "note_off")] * 20], ticks_per_beat=96)
    content = bytearray(good.read_bytes())
    for place, value in changes:
        content[place % len(content)] = value
    good.write_bytes(content[: len(content) - cut] if cut < 100 else content)
    try:
        timeline = read_midi_file(good)
    except MidiError as error:
        assert "\n" not in str(error)
        return
    times = [seconds for seconds, _ in timeline.events]
    assert times == sorted(times)
    assert times[0] >= 0.0
    assert times[-1] <= timeline.duration
