import sys

import pytest
import soundfile

from sirenade.cli import main
from tests.helpers.bundled import CHAMBER

from .recordings import pluck, tiny_config, write_folder


def sirenade(monkeypatch, capsys, *arguments):
    """Exit code and standard error of `sirenade <arguments>`."""
    monkeypatch.setattr(sys, "argv", ["sirenade", *map(str, arguments)])
    with pytest.raises(SystemExit) as caught:
        main()
    return caught.value.code or 0, capsys.readouterr().err


@pytest.fixture
def data(tmp_path):
    return write_folder(tmp_path / "data")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["train"], "name a TOML file or one of the models"),
        (["train", "film-3x64"], "add --data FOLDER"),
        (["train", "film-3x64", "--data", "{}/none"], "there is no folder"),
        (["train", "film-3x64", "--data", "{}/empty"], "holds no WAV"),
        (["train", "film-9", "--data", "{}/data"], "there is no model 'film-9'"),
        (["train", "film-3x64", "--data", "{}/data", "--set", "optimiser.speed=1"], "optimiser.speed: there is no such key"),
        (["train", "film-3x64", "--resume", "{}/data"], "--resume goes on with a run"),
        (["train", "--resume", "{}/data"], "config.toml cannot be read"),
        (["export", "{}/none", "{}/out"], "cannot be read"),
        (["measure", str(CHAMBER)], "is not a function of time alone"),
        (["fit", "{}/none.wav", "--out", "{}/out"], "there is no file"),
        (["dataset", "soundfont", "--out", "{}/data/pluck220.wav/out"], "cannot be used: Not a directory"),
        (["train", "film-3x64", "--data", "{}/data", "--out", "{}/data/pluck220.wav/out"], "Not a directory"),
        (["resample", "{}/none.wav", "{}/out.wav", "--rate", "1"], "out of range"),
        (["dataset", "soundfont", "--out", "{}/out", "--notes", "C4"], "not a list of numbers"),
        (["dataset", "soundfont", "--out", "{}/out", "--notes", "60", "--font", "{}/none.sf2"], "there is no SoundFont"),
    ],
)
def test_what_a_user_gets_wrong_is_one_sentence_and_exit_2(tmp_path, data, monkeypatch, capsys, arguments, reason):
    (tmp_path / "empty").mkdir()
    code, errors = sirenade(monkeypatch, capsys, *(argument.replace("{}", str(tmp_path)) for argument in arguments))
    assert code == 2
    last = errors.strip().splitlines()[-1]
    assert last.startswith("sirenade: ")
    assert reason in last
    assert "Traceback" not in errors


def test_without_pytorch_training_says_how_to_get_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("training.cli.common.NEEDED", ("a_module_that_is_not_there",))
    code, errors = sirenade(monkeypatch, capsys, "train", "film-3x64")
    assert code == 2
    assert "pip install 'sirenade[training]'" in errors


def test_the_whole_path_from_recordings_to_an_instrument(tmp_path, data, monkeypatch, capsys):
    (tmp_path / "config.toml").write_text(tiny_config(data).to_toml())
    run, out = tmp_path / "run", tmp_path / "instrument"
    assert sirenade(monkeypatch, capsys, "train", tmp_path / "config.toml", "--out", run)[0] == 0
    code, errors = sirenade(monkeypatch, capsys, "export", run, out, "--name", "Plucks", "--tags", "tiny, test")
    assert code == 0, errors
    from synth.instrument import load

    card = load(out).card
    assert (card.name, card.tags) == ("Plucks", ("tiny", "test"))
    assert sirenade(monkeypatch, capsys, "measure", out, "--write")[0] == 0
    assert load(out).card == card
    code, errors = sirenade(monkeypatch, capsys, "train", tmp_path / "config.toml", "--out", run)
    assert code == 2
    assert "is a run already" in errors


def test_a_sound_becomes_an_instrument(tmp_path, monkeypatch, capsys):
    soundfile.write(tmp_path / "tone.wav", pluck(220.0), 8000)
    arguments = ("fit", tmp_path / "tone.wav", "--out", tmp_path / "tone", "--budget", 0.5, "--model", "film-3x64")
    assert sirenade(monkeypatch, capsys, *arguments)[0] == 0
    assert (tmp_path / "tone" / "instrument.json").exists()
