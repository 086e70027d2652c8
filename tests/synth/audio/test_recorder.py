"""What was rendered is in the file, whatever happens to the process, the disk or the name."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

from sirenade import paths
from synth.audio import recorder as recorders
from synth.audio.recorder import Recorder

RATE = 48000


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "user_cache", lambda: tmp_path / "cache")


def sound(frames=30000):
    return (np.random.default_rng(0).standard_normal((frames, 2)) * 0.2).clip(-0.99, 0.99).astype(np.float32)


@pytest.mark.parametrize(("suffix", "error"), [(".wav", 0.0), (".flac", 2.0**-23)])
def test_a_recording_is_what_was_rendered(tmp_path, suffix, error):
    path, wanted = tmp_path / f"a song{suffix}", sound()
    recorder = Recorder(path, RATE)
    for begin in range(0, len(wanted), 256):
        recorder.push(wanted[begin : begin + 256])
    assert not path.exists()
    recorder.close()
    heard, rate = soundfile.read(path, dtype="float32")
    assert rate == RATE
    assert recorder.error == ""
    assert recorder.seconds == len(wanted) / RATE
    np.testing.assert_allclose(heard, wanted, rtol=0, atol=error)
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == [path.name]
    assert not list((tmp_path / "cache").rglob("*.json"))


def test_flac_does_not_wrap_around_at_full_scale(tmp_path):
    recorder = Recorder(tmp_path / "loud.flac", RATE)
    recorder.push(np.full((1000, 2), 1.5, np.float32))
    recorder.close()
    assert soundfile.read(tmp_path / "loud.flac")[0].min() > 0.999


def test_another_suffix_is_refused_in_one_sentence(tmp_path):
    with pytest.raises(OSError, match=r"only \.wav and \.flac"):
        Recorder(tmp_path / "song.mp3", RATE)


RECORDS = """
import sys, time, numpy as np
from pathlib import Path
from sirenade import paths
paths.user_cache = lambda: Path(sys.argv[2])
from synth.audio.recorder import Recorder
recorder = Recorder(Path(sys.argv[1]), 48000)
sound = (np.random.default_rng(0).standard_normal((96000, 2)) * 0.2).clip(-0.99, 0.99).astype(np.float32)
for begin in range(0, len(sound), 480):
    recorder.push(sound[begin : begin + 480])
while recorder._popped < recorder._pushed:
    time.sleep(0.05)
time.sleep(0.2)
print("recorded", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_a_killed_recording_is_mended(tmp_path, suffix):
    path = tmp_path / f"song{suffix}"
    process = subprocess.Popen(
        [sys.executable, "-c", RECORDS, str(path), str(tmp_path / "cache")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "recorded\n"
    assert list(recorders.mend_all()) == []  # it is still being recorded
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    path.write_bytes(b"another one")
    ((mended, seconds),) = recorders.mend_all()
    assert mended == tmp_path / f"song (2){suffix}"
    assert path.read_bytes() == b"another one"
    heard, _ = soundfile.read(mended, dtype="float32")
    wanted = sound(96000)
    assert len(heard) == round(seconds * RATE)
    assert len(wanted) - len(heard) <= (0 if suffix == ".wav" else 3 * 4096)  # FLAC keeps some blocks back
    np.testing.assert_allclose(heard, wanted[: len(heard)], atol=2.0**-23)
    assert list(recorders.mend_all()) == []


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"growing": 3, "path": "x"}', '{"growing": "/nowhere/x.exe", "path": "y"}']
)
def test_a_damaged_note_harms_nothing(tmp_path, content):
    notes = tmp_path / "cache" / "recordings"
    notes.mkdir(parents=True)
    (notes / "1.json").write_text(content, encoding="utf-8")
    assert list(recorders.mend_all()) == []


def test_a_recording_on_a_disk_that_is_away_is_mended_when_it_is_back(tmp_path):
    notes, away = tmp_path / "cache" / "recordings", tmp_path / "disk"
    notes.mkdir(parents=True)
    told = {"growing": str(away / ".song (recording 999999999).wav"), "path": str(away / "song.wav")}
    (notes / "1.json").write_text(json.dumps(told), encoding="utf-8")
    assert list(recorders.mend_all()) == []
    away.mkdir()
    soundfile.write(told["growing"], sound(4800), RATE, subtype="FLOAT")
    assert list(recorders.mend_all()) == [(away / "song.wav", 0.1)]
    assert [each.name for each in away.iterdir()] == ["song.wav"]


FULL = """
import resource, sys, time, numpy as np
from pathlib import Path
from sirenade import paths
paths.user_cache = lambda: Path(sys.argv[2])
from synth.audio.recorder import Recorder
recorder = Recorder(Path(sys.argv[1]), 48000)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
for _ in range(20):
    recorder.push((np.random.default_rng(0).standard_normal((4800, 2)) * 0.2).astype(np.float32))
end = time.monotonic() + 20
while not recorder.error and time.monotonic() < end:
    time.sleep(0.05)
told = recorder.error
recorder.close()
print(told)
"""


@pytest.mark.skipif(os.name != "posix", reason="limits on files are POSIX's")
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_where_the_file_cannot_grow_it_says_so_at_once_and_keeps_what_there_is(tmp_path, suffix):
    path = tmp_path / f"song{suffix}"
    told = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(tmp_path / "cache")], capture_output=True, text=True, check=True
    ).stdout
    assert "cannot grow" in told or "disk is full" in told
    with soundfile.SoundFile(path) as file:
        frames = 0
        try:
            while len(block := file.read(1024)):
                frames += len(block)
        except soundfile.LibsndfileError:
            pass
    assert frames > 10000


def test_frames_that_find_the_buffer_full_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(recorders, "BUFFER_S", 0.01)
    monkeypatch.setattr(recorders, "_POLL_S", 0.3)
    recorder = Recorder(tmp_path / "song.wav", RATE)
    time.sleep(0.05)
    for _ in range(4):
        recorder.push(np.zeros((256, 2), np.float32))
    recorder.close()
    assert recorder.lost == 4 * 256 - 256
    assert recorder.seconds == 256 / RATE
