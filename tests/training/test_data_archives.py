import errno
import gzip
import hashlib
import os
import re

import pytest
from typer.testing import CliRunner

from sirenade.cli import build
from sirenade.errors import DatasetError, TrainingError
from training.cli.common import told
from training.data import archives
from training.data.archives import Archive, verify

CONTENT = os.urandom(100_000)


def archive():
    return Archive("Test", "https://example.org/test.tar.gz", "none", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


def test_a_whole_file_is_known_by_size_and_checksum(tmp_path):
    (tmp_path / "test.tar.gz").write_bytes(CONTENT)
    seen = []
    assert "is whole" in verify(tmp_path / "test.tar.gz", lambda *progress: seen.append(progress), archive())
    assert seen[-1] == (len(CONTENT), len(CONTENT))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (CONTENT[:-1], "is unfinished: it has 99999 bytes of 100000"),
        (CONTENT + b"x", "is not that file"),
        (b"x" + CONTENT[1:], "is damaged: its SHA-256 is"),
    ],
)
def test_a_damaged_file_is_one_sentence_with_its_address(tmp_path, content, reason):
    (tmp_path / "test.tar.gz").write_bytes(content)
    with pytest.raises(DatasetError, match=rf"{reason}.*fetch it again from https://example.org/test.tar.gz"):
        verify(tmp_path / "test.tar.gz", archive=archive())


def test_a_file_without_a_published_checksum_is_read_to_its_end(tmp_path):
    path = tmp_path / "nsynth-test.jsonwav.tar.gz"
    packed = gzip.compress(CONTENT)
    path.write_bytes(packed)
    done = CliRunner().invoke(build(), ["dataset", "verify", str(path)])
    assert done.exit_code == 0
    assert "no checksum of it is published" in done.output
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(DatasetError, match="is damaged or unfinished"):
        verify(path)
    path.write_bytes(packed[:5000] + b"\0\0\0" + packed[5003:])
    with pytest.raises(DatasetError, match="is damaged or unfinished"):
        verify(path)


def test_unknown_and_missing_files_are_one_sentence(tmp_path):
    with pytest.raises(DatasetError, match=r"nothing is known of holiday.zip; known are nsynth-train"):
        verify(tmp_path / "holiday.zip")
    with pytest.raises(DatasetError, match="there is no file"):
        verify(tmp_path / "LJSpeech-1.1.tar.bz2")


def test_the_table_is_well_formed():
    assert len({each.file for each in archives.ARCHIVES}) == len(archives.ARCHIVES)
    for each in archives.ARCHIVES:
        assert archives.known(each.file) is each
        assert each.sha256 is None or re.fullmatch(r"[0-9a-f]{64}", each.sha256)


def test_a_full_disk_is_one_sentence():
    @told
    def fills() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(TrainingError, match="the disk is full; make room and do it again"):
        fills()
