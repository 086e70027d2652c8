"""What all packages share: atomic files and the command's way with errors."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sirenade import cli, files
from sirenade.errors import SirenadeError

ROOT = Path(__file__).parent.parent


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "preset.json"
    files.write_text(target, "old")
    with pytest.raises(RuntimeError, match="power"), files.replacing(target) as beside:
        assert beside.suffix == ".json"
        beside.write_text("half")
        raise RuntimeError("power cut")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_write_replaces_whole_and_makes_folders(tmp_path: Path) -> None:
    target = tmp_path / "new" / "data.bin"
    files.write_bytes(target, b"\x00\x01")
    assert target.read_bytes() == b"\x00\x01"
    assert target.stat().st_mode & 0o600 == 0o600
    assert len(list(target.parent.iterdir())) == 1


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SirenadeError("there is no such sound; name another."), "sirenade: there is no such sound; name another.\n"),
        (OSError(28, "No space left on device", "out.wav"), "sirenade: out.wav: No space left on device.\n"),
    ],
)
def test_a_users_error_is_one_sentence_and_exit_2(
    error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> None:
        raise error

    monkeypatch.setattr(cli, "build", lambda: command)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == sentence


def test_what_ships_with_a_wheel_is_found_in_it(tmp_path: Path) -> None:
    """The wheel's folders as its table lays them out, beside another package that has presets, too."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    for package in table["packages"]:
        (tmp_path / package).mkdir()
        for part in (ROOT / package).iterdir():
            (tmp_path / package / part.name).symlink_to(part)
    for here, there in table["force-include"].items():
        (tmp_path / there).symlink_to(ROOT / here)
    (tmp_path / "presets").mkdir()
    code = (
        "import sirenade; from synth.instrument import library; from synth.presets import bank; from sirenade import paths\n"
        "print(sirenade.__file__, len(library.find_all()), len(bank.find_all()), paths.demonstration().is_file(), sep='|')"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "none")}
    told = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()
    instruments, presets = ROOT.glob("exported_models/*/instrument.json"), ROOT.glob("presets/*/*")
    wanted = (tmp_path / "sirenade" / "__init__.py", len(list(instruments)), len(list(presets)), True)
    assert told == "|".join(str(part) for part in wanted)
