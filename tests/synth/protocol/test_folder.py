import subprocess
import sys

import pytest

from sirenade.errors import EngineError, MidiError
from synth.protocol import folder as folders


def test_both_ends_share_what_is_written(tmp_path):
    folder = folders.create(tmp_path)
    one, other = folders.Link(folder), folders.Link(folder)
    one.commands.push(b"hello")
    assert other.commands.pop() == b"hello"
    assert other.replies.pop() is None
    assert folder.stat().st_mode & 0o077 == 0
    folders.remove(folder)
    assert not list(tmp_path.iterdir())


def test_folders_of_dead_processes_are_swept_and_others_are_kept(tmp_path):
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True)
    stale = tmp_path / f"engine-{dead.stdout.strip()}-abc"
    stale.mkdir()
    (stale / "commands.ring").write_bytes(b"x")
    foreign = tmp_path / "something-else"
    foreign.mkdir()
    mine = folders.create(tmp_path)
    folders.create(tmp_path)
    assert not stale.exists()
    assert foreign.exists()
    assert mine.exists()


def test_a_folder_that_is_not_an_engines_is_refused(tmp_path):
    with pytest.raises(EngineError, match="cannot be opened"):
        folders.Link(tmp_path)


def test_why_an_engine_could_not_start_is_left_behind(tmp_path):
    assert folders.read_failure(tmp_path) is None
    folders.write_failure(tmp_path, MidiError("no such port."))
    failure = folders.read_failure(tmp_path)
    assert (type(failure), str(failure)) == (MidiError, "no such port.")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"type": 3, "text": "x"}', "\xff"])
def test_a_damaged_reason_is_no_reason(tmp_path, content):
    (tmp_path / folders.FAILURE_FILE).write_text(content, encoding="latin-1")
    assert folders.read_failure(tmp_path) is None


def test_a_reason_of_an_unknown_kind_is_the_engines(tmp_path):
    (tmp_path / folders.FAILURE_FILE).write_text('{"type": "annotations", "text": "it is so."}')
    assert isinstance(folders.read_failure(tmp_path), EngineError)
