import pytest

from sirenade.errors import TrainingError
from training import registry, runs
from training.config import apply_settings
from training.optimiser import Schedule

from .recordings import tiny_config


def test_settings_are_toml_values_or_plain_text():
    tree = apply_settings(
        {"model": "film-3x64"}, ["optimiser.lr=2e-3", "conditions=['pitch']", "latents=instrument", "steps=7"]
    )
    config = registry.to_config(tree, "test")
    assert (config.optimiser.lr, config.conditions, config.latents, config.steps) == (2e-3, ("pitch",), "instrument", 7)


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("lr=1", "lr: there is no such key"),
        ("optimiser.rate=1", "optimiser.rate: there is no such key"),
        ("network.depth=1", "depth: there is no such key"),
        ("optimiser.lr=fast", "optimiser.lr: Input should be a valid number"),
        ("optimiser.lr=nan", "optimiser.lr"),
        ("steps=0", "steps: Input should be greater than or equal to 1"),
        ("model=film", "there is no model 'film'; choose one of"),
        ("steps", "not of the form key=value"),
        ("model.name=x", "model is not a section"),
    ],
)
def test_a_bad_setting_is_one_sentence_with_its_key(setting, reason):
    with pytest.raises(TrainingError, match=reason) as caught:
        runs.configure("film-3x64", None, [setting])
    assert "\n" not in str(caught.value)


def test_files_that_are_no_configuration_are_refused(tmp_path):
    with pytest.raises(TrainingError, match="cannot be read"):
        runs.configure(str(tmp_path / "none.toml"), None, [])
    (tmp_path / "bad.toml").write_text("model = ")
    with pytest.raises(TrainingError, match="is not valid TOML"):
        runs.configure(str(tmp_path / "bad.toml"), None, [])
    (tmp_path / "bad.toml").write_text("steps = 3")
    with pytest.raises(TrainingError, match="does not say which model"):
        runs.configure(str(tmp_path / "bad.toml"), None, [])
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(TrainingError, match="cannot be read"):
        runs.configure(str(tmp_path / "bad.toml"), None, [])


class Groups:
    """An optimiser of one group, as far as a schedule sees it."""

    def __init__(self):
        self.param_groups = [{"lr": 0.0, "lr_scale": 0.5}]


def rates(steps=100, **optimiser):
    config = tiny_config("data", steps=steps, optimiser={"lr": 1.0, **optimiser})
    schedule, groups = Schedule(config), Groups()
    found = []
    for step in range(steps):
        found.append(schedule.apply(groups, step, 0.0))
        assert groups.param_groups[0]["lr"] == found[-1] / 2
        schedule.observe(1.0)
    return found


def test_schedules_follow_their_formulas():
    assert rates(schedule="constant", warm_up=0) == [1.0] * 100
    assert rates(schedule="constant", warm_up=4)[:5] == [0.25, 0.5, 0.75, 1.0, 1.0]
    cosine = rates(schedule="cosine", warm_up=0)
    assert cosine[50] == pytest.approx(0.5)
    assert cosine[-1] < 1e-3
    plateau = rates(schedule="plateau", warm_up=0, patience=30)
    assert plateau[30] == 1.0
    assert plateau[31] == pytest.approx(0.95)
    assert plateau[-1] == pytest.approx(0.95**3)


def test_a_schedule_runs_over_the_budget_of_seconds():
    config = tiny_config("data", steps=1000, max_seconds=10.0, optimiser={"lr": 1.0, "schedule": "cosine", "warm_up": 0})
    assert Schedule(config).apply(Groups(), 1, 5.0) == pytest.approx(0.5)
