import pytest

from sirenade.errors import TrainingError
from training.registry import to_config
from training.search.space import Choice, Range, need_comparable, parse, placed

PI_GAN = to_config({"model": "pi-gan"}, "test")


def test_without_a_space_the_omegas_of_the_thesis_are_searched():
    assert [str(each) for each in parse([], PI_GAN)] == ["network.omega_first=1..2000", "network.omega_hidden=1..2000"]


@pytest.mark.parametrize(
    ("model", "space"),
    [
        ("im-net", ["network.coordinate=1..3000"]),
        ("sine-first", ["network.omega_first=1..2000"]),
        ("concat-all", ["network.omega_first=1..2000", "network.omega_hidden=1..2000"]),
    ],
)
def test_other_networks_have_the_space_that_the_thesis_searched(model, space):
    assert [str(each) for each in parse([], to_config({"model": model}, "test"))] == space


def test_a_model_without_omegas_needs_a_space():
    with pytest.raises(TrainingError, match="has no omega; say what to search"):
        parse([], to_config({"model": "harmonic-field"}, "test"))


def test_ranges_and_choices_of_any_key():
    texts = ["hidden=1..300:log, network.width=16..64", "optimiser.name=adam|muon,lr=1e-5..1e-2:log,off_grid=true|false"]
    assert parse(texts, PI_GAN) == (
        Range("network.omega_hidden", 1.0, 300.0, log=True),
        Range("network.width", 16.0, 64.0, whole=True),
        Choice("optimiser.name", ("adam", "muon")),
        Range("optimiser.lr", 1e-5, 1e-2, log=True),
        Choice("off_grid", (True, False)),
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("first", "is not of the form"),
        ("first=5", "is not of the form"),
        ("first=1..x", "is not of the form"),
        ("first=1..9:cube", "is not of the form"),
        ("optimiser.name=adam|", "is not of the form"),
        ("first=9..1", "lower bound must be below"),
        ("first=1..inf", "lower bound must be below"),
        ("first=nan..9", "lower bound must be below"),
        ("first=0..9:log", "must begin above 0"),
        ("first=0..9", "omega_first: Input should be greater than 0"),
        ("network.width=1.5..4", "is a whole number"),
        ("optimiser.name=1..4", "is no number; list its values"),
        ("optimiser.name=adam|sgd", "Input should be"),
        ("network.teeth=1..4", "there is no such key"),
        ("steps.more=1..4", "steps is not a section"),
        ("first=1..4,network.omega_first=1..5", "twice"),
    ],
)
def test_a_space_that_cannot_be_searched_is_refused(text, reason):
    with pytest.raises(TrainingError, match=reason):
        parse([text], PI_GAN)


def test_values_go_to_their_keys_and_nowhere_else():
    config = placed(PI_GAN, {"network.omega_first": 900.0, "optimiser.lr": 1e-4}, "test")
    assert (config.network.omega_first, config.optimiser.lr) == (900.0, 1e-4)
    assert config.network.omega_hidden == PI_GAN.network.omega_hidden


def test_losses_of_different_meaning_are_not_compared():
    space = parse(["derivative=0.5..2"], PI_GAN)
    with pytest.raises(TrainingError, match="derivative changes what the loss means"):
        need_comparable(space, "loss")
    need_comparable(space, "lsd_db")
    with pytest.raises(TrainingError, match="there is no measure 'beauty'"):
        need_comparable(space, "beauty")
