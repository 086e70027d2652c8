"""`sirenade app` from the command line: the picture, and what it says to bad words."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.helpers.engine import leftovers

pytestmark = pytest.mark.e2e
DISPLAY = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.fixture
def app(runtime, tmp_path):
    """Run `sirenade app` with these arguments, without a display, as a user of its own."""
    environment = {name: value for name, value in os.environ.items() if name not in DISPLAY}
    environment |= {"XDG_CONFIG_HOME": str(tmp_path / "config"), "XDG_DATA_HOME": str(tmp_path / "data")}

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "sirenade", "app", *map(str, arguments)]
        home = Path(__file__).parents[2]
        return subprocess.run(command, capture_output=True, text=True, timeout=90, check=False, env=environment, cwd=home)

    return run


@pytest.mark.parametrize(("size", "scale"), [((1280, 800), 1), ((1024, 640), 2)])
def test_a_picture_of_the_playing_window(app, sine, tmp_path, size, scale):
    picture = tmp_path / "window.png"
    result = app(sine, "--screenshot", picture, "--size", f"{size[0]}x{size[1]}", "--scale", scale)
    assert result.returncode == 0, result.stderr
    pixels = np.asarray(Image.open(picture).convert("RGB")).astype(int)
    assert pixels.shape == (size[1] * scale, size[0] * scale, 3)
    # something is drawn in every region, and a chord is heard: the meter's bar is lit
    height, width = pixels.shape[:2]
    for row in range(4):
        for column in range(4):
            part = pixels[row * height // 4 : (row + 1) * height // 4, column * width // 4 : (column + 1) * width // 4]
            assert part.std() > 3, (row, column)
    meter = pixels[: height // 7, 4 * width // 5 :]
    lit = (meter[..., 1] > 120) & (meter[..., 0] < 90)
    assert lit.sum() > 200 * scale**2
    assert leftovers() == []
    assert not (tmp_path / "config" / "sirenade" / "session.json").exists()  # a picture is no session


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--screenshot", "a.png", "--size", "huge"], "1280x800"),
        (["--driver", "gramophone"], "--driver"),
        (["--rate", "3"], "--rate"),
        (["--block", "0"], "--block"),
        (["No such instrument"], "no instrument called"),
        ([], "sirenade play"),
    ],
)
def test_bad_words_are_one_sentence_and_exit_2(app, arguments, words):
    result = app(*arguments)
    assert result.returncode == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_a_picture_that_cannot_be_written_says_so(app, sine, tmp_path):
    (tmp_path / "file").write_text("")
    result = app(sine, "--screenshot", tmp_path / "file" / "window.png", "--size", "1024x640")
    assert result.returncode == 2
    assert "could not be written" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_foreign_folder_says_so(app, tmp_path):
    (tmp_path / "folder").mkdir()
    result = app(tmp_path / "folder", "--screenshot", tmp_path / "window.png")
    assert result.returncode == 2
    assert "is not an instrument" in result.stderr
    assert "Traceback" not in result.stderr
