import mido
import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import sirenade.cli
from sirenade import paths
from sirenade.errors import SirenadeError
from synth import evaluators
from synth.commands import MovePad, NoteOff, NoteOn, PitchBend, Sustain
from synth.engine.synth import LATENCY, Synth
from synth.instrument import library, load
from synth.offline.render import Render, write_sound
from synth.offline.score import timeline_score
from synth.offline.timeline import Timeline
from tests.helpers.tiny_instrument import TIME_HZ, make_phase_instrument, make_time_instrument

RATE = 48000
MAKERS = {"time": make_time_instrument, "phase": make_phase_instrument}

PERFORMANCE = Timeline(
    (
        (0.0, MovePad(1.0, 1.0)),
        (0.0, NoteOn(60, 1.0)),
        (0.1003, NoteOn(64, 0.7)),
        (0.15, MovePad(0.3, 0.9)),
        (0.2, Sustain(True)),
        (0.23, PitchBend(0.5)),
        (0.31, NoteOff(60)),
        (0.4, NoteOff(64)),
        (0.45, NoteOn(55, 0.5)),
        (0.5, Sustain(False)),
        (0.55, NoteOff(55)),
    ),
    0.6,
)


@pytest.fixture(scope="module", params=["time", "phase"])
def playable(request, tmp_path_factory):
    folder = MAKERS[request.param](tmp_path_factory.mktemp("instrument") / request.param)
    return evaluators.make_playable(load(folder), RATE)


def rendered(playable, timeline, block, rate=RATE):
    return np.concatenate(list(Render(timeline_score(timeline, playable, rate), rate, block=block)))


@pytest.mark.parametrize("block", [1, 64, 128, 333, 1024, 2048])
def test_samples_do_not_depend_on_the_block(playable, block):
    reference = rendered(playable, PERFORMANCE, 256)
    other = rendered(playable, PERFORMANCE, block)
    assert other.shape == reference.shape
    assert np.abs(reference).max() > 0.1
    assert np.abs(other - reference).max() < np.abs(reference).max() * 10 ** (-90 / 20)


def test_commands_that_arrive_block_by_block_sound_the_same(playable):
    """A live host schedules each command shortly before its frame; a timeline schedules all of them at once."""
    reference = rendered(playable, PERFORMANCE, 256)
    synth = Synth(RATE)
    synth.set_instrument(playable)
    waiting = [(seconds * RATE, command) for seconds, command in PERFORMANCE.events]
    live = np.zeros((int(0.5 * RATE), 2), np.float32)
    for block in np.array_split(live, len(live) // 240):
        while waiting and waiting[0][0] < synth.frame + len(block) + LATENCY:
            frame, command = waiting.pop(0)
            synth.schedule(command, frame)
        synth.render(block)
    live = live[LATENCY:]
    assert np.abs(live - reference[: len(live)]).max() < np.abs(reference).max() * 10 ** (-90 / 20)


@pytest.mark.parametrize("rate", [8000, 44100, 96000])
def test_any_rate_keeps_the_pitch(tmp_path, rate):
    instrument = load(make_time_instrument(tmp_path / "tiny"))
    timeline = Timeline(((0.0, MovePad(1.0, 1.0)), (0.0, NoteOn(60, 1.0)), (1.0, NoteOff(60))), 1.0)
    sound = rendered(evaluators.make_playable(instrument, rate), timeline, 256, rate)[: int(0.8 * rate), 0]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 20 * rate))  # bins of 0.05 Hz
    assert np.argmax(spectrum) / 20 == pytest.approx(TIME_HZ, abs=0.06)


def test_the_tail_rings_out_and_then_ends(playable):
    timeline = Timeline(((0.0, MovePad(1.0, 1.0)), (0.0, NoteOn(60, 1.0))), 0.25)  # nobody lets go of the key
    sound = rendered(playable, timeline, 256)
    end = int(0.25 * RATE)
    assert np.abs(sound[end : end + 480]).max() > 0.01
    assert np.abs(sound[-64:]).max() < 1e-3
    assert len(sound) < RATE


def test_the_summary_counts_what_sounded(playable):
    passing = Render(timeline_score(PERFORMANCE, playable, RATE), RATE)
    frames = sum(len(block) for block in passing)
    summary = passing.summary()
    assert summary.frames == frames
    assert summary.failed_blocks == 0
    assert summary.peak_voices >= 2
    assert 0.1 < summary.peak <= 1.0


def test_a_failed_write_leaves_the_old_file(playable, tmp_path, monkeypatch):
    out = tmp_path / "out.wav"
    out.write_bytes(b"before")
    passing = write_sound(Render(timeline_score(PERFORMANCE, playable, RATE), RATE), out)
    next(passing)
    passing.close()
    assert out.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [out]
    with pytest.raises(SirenadeError, match=r"ends in \.wav"):
        next(write_sound(Render(timeline_score(PERFORMANCE, playable, RATE), RATE), tmp_path / "out.mp3"))


def song(path):
    events = [
        mido.Message("control_change", control=16, value=127),
        mido.Message("control_change", control=17, value=127),
        mido.Message("note_on", note=60, velocity=127),
        mido.Message("note_off", note=60, time=480),
    ]
    mido.MidiFile(tracks=[mido.MidiTrack(events)]).save(path)
    return path


@pytest.mark.parametrize(
    ("name", "depth", "kind"),
    [
        ("out.wav", "24", ("WAV", "PCM_24")),
        ("out.wav", "float", ("WAV", "FLOAT")),
        ("out.FLAC", "24", ("FLAC", "PCM_24")),
        ("out.flac", "16", ("FLAC", "PCM_16")),
    ],
)
def test_the_command_writes_what_the_suffix_says(tmp_path, name, depth, kind):
    folder = make_phase_instrument(tmp_path / "tiny")
    out = tmp_path / name
    arguments = ["render", str(song(tmp_path / "a.mid")), str(out), "--instrument", str(folder), "--depth", depth]
    result = CliRunner().invoke(sirenade.cli.build(), [*arguments, "--rate", "44100", "--block", "333"])
    assert result.exit_code == 0, result.output
    info = soundfile.info(out)
    assert (info.samplerate, info.channels, info.format, info.subtype) == (44100, 2, *kind)
    assert np.abs(soundfile.read(out)[0]).max() > 0.1
    assert "44100 Hz, Tiny phase" in result.stdout


def test_a_flac_file_holds_the_samples_of_the_wav_file(playable, tmp_path):
    heard = []
    for name in ("out.wav", "out.flac"):
        for _ in write_sound(Render(timeline_score(PERFORMANCE, playable, RATE), RATE), tmp_path / name):
            pass
        heard.append(soundfile.read(tmp_path / name)[0])
    assert np.abs(heard[0]).max() > 0.1
    assert np.abs(heard[0] - heard[1]).max() < 2.0**-22  # both have 24 bits, which libsndfile rounds in two ways


def test_what_a_file_cannot_hold_is_refused_before_anything_is_rendered(tmp_path):
    arguments = ["render", str(song(tmp_path / "a.mid")), str(tmp_path / "out.flac"), "--depth", "float"]
    result = CliRunner().invoke(sirenade.cli.build(), arguments)
    assert "FLAC holds no floats" in str(result.exception)
    assert not (tmp_path / "out.flac").exists()


def test_the_default_instrument_has_a_phase(tmp_path, monkeypatch):
    monkeypatch.setattr(library, "search_folders", lambda: [tmp_path])
    with pytest.raises(SirenadeError, match="no instrument was found"):
        library.default()
    make_time_instrument(tmp_path / "a")
    assert library.default() == tmp_path / "a"
    make_phase_instrument(tmp_path / "b")
    assert library.default() == tmp_path / "b"


def test_the_default_instrument_is_the_bundled_one_where_it_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "bundled_instruments", lambda: tmp_path / "bundled")
    monkeypatch.setattr(paths, "user_instruments", lambda: tmp_path / "own")
    make_phase_instrument(tmp_path / "bundled" / "a")
    make_phase_instrument(tmp_path / "own" / library.FIRST)
    assert library.default() == tmp_path / "bundled" / "a"
    make_time_instrument(tmp_path / "bundled" / library.FIRST)
    assert library.default() == tmp_path / "bundled" / library.FIRST
