import shutil

import pytest
from typer.testing import CliRunner

from sirenade.cli import build
from sirenade.errors import TrainingError
from synth.instrument import load
from training import fit, standing
from training.data import fluidsynth
from training.instruments import recipe as recipes

has_font = pytest.mark.skipif(
    shutil.which("fluidsynth") is None or not fluidsynth.DEFAULT_FONT.exists(), reason="needs fluidsynth and its SoundFont"
)

TINY = """
name = "Tiny"
description = "Two bars."
license = "MIT"

[[sounds]]
programs = [11]
notes = { low = 60, high = 63, step = 3 }
seconds = 0.2

[training]
model = "film-3x64"
steps = 4
checkpoint_every = 2
batch = 2
coordinates = 64
device = "cpu"

[training.data]
rate = 8000
seconds = 0.2

[training.network]
width = 8
latent = 4
mapping_width = 8
omega_first = 400.0

[page]
sounds = 1
"""


def make(recipe, out, *more):
    return CliRunner().invoke(build(), ["make-instrument", str(recipe), "--out", str(out), *more])


@pytest.fixture
def tiny(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


@has_font
def test_one_command_makes_an_instrument_and_a_page_and_keeps_what_is_finished(tiny, tmp_path):
    out = tmp_path / "out"
    done = make(tiny, out)
    assert done.exit_code == 0, done.output
    instrument = load(out / "instrument")
    assert (instrument.card.name, instrument.card.license) == ("Tiny", "MIT")
    assert set(instrument.latents.names) == {"vibraphone-060-100", "vibraphone-063-100"}
    assert (out / "instrument" / "recipe.toml").read_text() == TINY
    assert "film-3x64" in (out / "instrument" / "README.md").read_text()
    assert len(list((out / "listening" / "audio").iterdir())) == 2
    made = (out / "run" / "checkpoint.pt").stat().st_mtime_ns
    assert make(tiny, out).exit_code == 0
    assert (out / "run" / "checkpoint.pt").stat().st_mtime_ns == made


@has_font
def test_a_training_that_was_stopped_goes_on(tiny, tmp_path, monkeypatch):
    out = tmp_path / "out"
    advance = fit.Course.advance

    def stopped(course, interruption):
        if course.step == 2 and not (out / "seen").exists():
            (out / "seen").touch()
            raise KeyboardInterrupt
        return advance(course, interruption)

    monkeypatch.setattr(fit.Course, "advance", stopped)
    with pytest.raises(TrainingError, match="same command goes on"):
        raise make(tiny, out).exception
    assert standing.read(out / "run").state == "stopped"
    assert make(tiny, out).exit_code == 0
    assert standing.read(out / "run").step == 4
    assert load(out / "instrument").card.recipe["steps"] == 4


@has_font
def test_a_run_of_another_configuration_is_not_gone_on_with(tiny, tmp_path):
    make(tiny, tmp_path / "out")
    shutil.rmtree(tmp_path / "out" / "instrument")
    with pytest.raises(TrainingError, match="another configuration"):
        raise make(tiny, tmp_path / "out", "--set", "steps=5").exception


def test_every_bundled_recipe_can_be_followed(tmp_path):
    for name in recipes.bundled():
        recipe = recipes.parse(recipes.text_of(name), name)
        rate = recipe.config(tmp_path).data.rate
        assert all(group.request(tmp_path, rate).wanted() for group in recipe.sounds)
        assert max(group.seconds for group in recipe.sounds) == recipe.config(tmp_path).data.seconds


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("steps = 4", "stepps = 4"), "stepps"),
        (("seconds = 0.2\n\n[training]", "\n[training]"), "seconds"),
        (('license = "MIT"', ""), "license"),
        (("[[sounds]]", "[[sounds]"), "not valid TOML"),
    ],
)
def test_what_a_recipe_gets_wrong_is_one_sentence(tiny, tmp_path, change, told):
    tiny.write_text(TINY.replace(*change))
    with pytest.raises(TrainingError, match=told):
        raise make(tiny, tmp_path / "out").exception


def test_a_recipe_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(TrainingError, match="there is no recipe nobody; name a TOML file or one of hits"):
        raise make("nobody", tmp_path / "out").exception
