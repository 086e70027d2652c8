"""Files that are dropped on the window: what each becomes, and the work in the background that ends with the app."""

import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile

import numpy as np
import psutil
import pytest
import soundfile

from sirenade import paths
from synth.commands import SetAnchor
from synth.presets.patch import Patch, Tuning
from synth.presets.preset import Preset, write_preset
from tests.helpers.tiny_instrument import make_phase_instrument, make_time_instrument
from tests.ui.conftest import wait_for
from ui.state import drops
from ui.state.jobs import Job

SCL = "! x.scl\n!\nnineteen\n 2\n!\n 600.0\n 2/1\n"
KBM = "0\n0\n127\n60\n69\n432.0\n0\n"


@pytest.fixture(autouse=True)
def folder(instruments, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "user_instruments", lambda: tmp_path / "mine")
    return tmp_path / "mine"


@pytest.fixture
def said(session):
    messages = []
    session.said.connect(messages.append)
    yield messages
    session.close()


@pytest.fixture
def tone(tmp_path):
    path = tmp_path / "tone.wav"
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 220 * np.arange(8000) / 16000), 16000)
    return path


def sounds_of(session):
    return session.sounds.names


def test_files_are_told_apart_by_what_they_are(tmp_path, tone):
    make_time_instrument(tmp_path / "instrument")
    (tmp_path / "recordings" / "below").mkdir(parents=True)
    shutil.copy(tone, tmp_path / "recordings" / "below" / "a.wav")
    (tmp_path / "empty").mkdir()
    names = ["instrument", "recordings", "empty", "tone.wav", "a.MID", "b.scl", "c.sirenade-preset", "d.zip", "e.txt"]
    found = drops.sorted_out([tmp_path / name for name in names])
    assert {kind: [path.name for path in files] for kind, files in vars(found).items()} == {
        "sounds": ["tone.wav"],
        "recordings": ["recordings"],
        "instruments": ["instrument", "d.zip"],
        "presets": ["c.sirenade-preset"],
        "midi_files": ["a.MID"],
        "tunings": ["b.scl"],
        "unknown": ["empty", "e.txt"],
    }


@pytest.mark.parametrize("zipped", [False, True])
def test_an_instrument_is_copied_checked_and_chosen(session, said, folder, tmp_path, zipped):
    source = make_time_instrument(tmp_path / "given", name="Given")
    (source / "not on the card.txt").write_text("x")
    if zipped:
        with zipfile.ZipFile(tmp_path / "given.zip", "w") as archive:
            for path in source.iterdir():
                archive.write(path, path.name)
        source = tmp_path / "given.zip"
    for _ in range(2):  # the second beside the first
        session.take_files([source])
        said.clear()
        wait_for(lambda: said)
    assert len(list(folder.iterdir())) == 2
    assert session.sounds.card.name == "Given"
    assert not list(folder.glob("*/not on the card.txt"))


def test_a_damaged_instrument_is_refused_and_nothing_is_left(session, said, folder, tmp_path):
    source = make_phase_instrument(tmp_path / "given")
    (source / "field.onnx").write_bytes(b"no")
    session.take_files([source])
    wait_for(lambda: said)
    assert "sha256" in said[-1].text
    assert not list(folder.iterdir()) if folder.exists() else True


def test_presets_and_what_is_nothing(session, said, tmp_path):
    write_preset(
        Preset(name="P", patch=Patch(instrument="Tiny phase", parameters={"attack": 2.0})), tmp_path / "p.sirenade-preset"
    )
    session.take_files([tmp_path / "p.sirenade-preset", tmp_path / "x.txt"])
    assert session.patch.parameter("attack") == 2.0
    assert session.preset.name == "P"
    assert "x.txt" in said[-1].text


def test_the_texts_of_a_tuning_are_kept_in_the_patch(tmp_path):
    (tmp_path / "x.scl").write_text(SCL)
    (tmp_path / "y.kbm").write_text(KBM)
    tuning = drops.read_tuning([tmp_path / "x.scl"], Tuning())
    assert (tuning.name, tuning.scl) == ("x", SCL)
    both = drops.read_tuning([tmp_path / "y.kbm"], tuning)
    assert (both.name, both.scl, both.kbm) == ("x", SCL, KBM)


def test_a_damaged_tuning_is_said_with_its_line_and_changes_nothing(session, said, tmp_path):
    (tmp_path / "x.scl").write_text("x\n 2\n one\n")
    session.take_files([tmp_path / "x.scl"])
    assert "line" in said[-1].text
    assert session.patch.tuning == Tuning()


def fake_encode(monkeypatch, session, tmp_path):
    """The search takes no time: the copy of the instrument that it writes is there already."""
    whole = make_phase_instrument(tmp_path / "grown")
    monkeypatch.setattr(drops, "encode_command", lambda instrument, sound, name, out: ("models",))
    anchor = drops.last_anchor(whole)
    monkeypatch.setattr(drops, "last_anchor", lambda path: anchor.model_copy(update={"name": "found"}))


def test_a_sound_becomes_an_anchor_that_can_be_undone(session, client, said, tone, tmp_path, monkeypatch):
    fake_encode(monkeypatch, session, tmp_path)
    before = sounds_of(session)
    session.take_files([tone])
    assert len(session.taking.jobs) == 1
    wait_for(lambda: not session.taking.jobs, 20000)
    assert sounds_of(session) == (*before, "found")
    assert client.of_type(SetAnchor)[-1].index == 0
    session.undo()
    assert sounds_of(session) == before
    assert client.of_type(SetAnchor)[-1].latent == ()


def test_a_sound_found_for_an_instrument_that_was_left_is_there_when_it_comes_back(session, said, tone, tmp_path, monkeypatch):
    fake_encode(monkeypatch, session, tmp_path)
    session.take_files([tone])
    session.choose(session.listings[1])
    wait_for(lambda: not session.taking.jobs, 20000)
    assert "found" not in sounds_of(session)
    session.choose(session.listings[0])
    assert sounds_of(session)[-1] == "found"


def test_what_goes_wrong_is_said_and_the_next_begins(session, said, tone, tmp_path):
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(100), 16000)
    session.taking._player.sounds = session.sounds
    first = Job("first", [["models", "--no-such-option"]], parent=session.taking)
    second = Job("second", [["models"]], parent=session.taking)
    ended = []
    for job in (first, second):
        job.finished.connect(lambda well, job=job: (ended.append((job.title, well)), session.taking._end(job)))
        session.taking._begin(job)
    wait_for(lambda: len(ended) == 2, 20000)
    assert ended == [("first", False), ("second", True)]
    assert said[-1].level == "error"


def test_work_in_the_background_ends_with_the_app(session, said, monkeypatch):
    job = Job("long", [["play", "--driver", "silent", "--osc-port", "0", "--seconds", "60"]], parent=session.taking)
    session.taking._begin(job)
    wait_for(lambda: job._process.processId() and psutil.Process(job._process.processId()).children(), 20000)
    process = psutil.Process(job._process.processId())
    session.close()
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_command_on_a_leash_ends_when_its_holder_is_killed():
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'sirenade.leash', 'play', '--driver', 'silent', '--osc-port', '0'],"
        " stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True)\ntime.sleep(60)\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    child = psutil.Process(int(holder.stdout.readline()))
    os.kill(holder.pid, signal.SIGKILL)
    holder.communicate()
    end = time.monotonic() + 20
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE and time.monotonic() < end:
        time.sleep(0.02)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_many_sounds_are_gathered_for_a_new_instrument(tmp_path, tone):
    (tmp_path / "a").mkdir()
    shutil.copy(tone, tmp_path / "a" / "tone.wav")
    drops.gather([tone, tmp_path / "a"], tmp_path / "all")
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == ["tone 2.wav", "tone.wav"]
    (tmp_path / "run" / "pitched").mkdir(parents=True)
    (tmp_path / "run" / "unpitched").mkdir()
    for name in ("a", "b"):
        sound = tmp_path / "run" / "sounds" / "unpitched" / name
        sound.parent.mkdir(parents=True, exist_ok=True)
        sound.write_text("")
    command = drops.export_command(tmp_path / "run", tmp_path / "out", "Name")
    assert command[1] == str(tmp_path / "run" / "unpitched")
