import time

import numpy as np
import pytest
import scipy.stats

from sirenade.errors import TrainingError
from training.metrics import CATALOGUE, METRICS, choose, evaluate, evaluate_many
from training.metrics.catalogue import PAPER, SETS
from training.metrics.correlation import correlations, read_ratings, spearman

RATE = 16000
TIME = np.arange(RATE) / RATE
SOUND = np.exp(-3 * TIME) * sum(np.sin(2 * np.pi * 220.0 * k * TIME) / k for k in range(1, 9)) * 0.4
NOISE = np.random.default_rng(0).standard_normal(RATE)
QUICK = [name for name, metric in CATALOGUE.items() if not metric.needs]


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name != "cdpam"])
def test_more_noise_is_worse_and_values_keep_to_their_span(name):
    metric = CATALOGUE[name]
    scores = [metric.function(SOUND, SOUND + level * NOISE, RATE) for level in (0.003, 0.1)]
    if name.endswith("negative"):  # noise adds and takes away nothing
        scores = [metric.function(SOUND, level * SOUND, RATE) for level in (0.99, 0.5)]
    better, worse = scores if metric.better == "lower" else (-scores[0], -scores[1])
    assert better < worse
    assert all(metric.span[0] <= score <= metric.span[1] for score in scores)


@pytest.mark.parametrize("name", QUICK)
def test_silence_on_either_side_is_a_number_or_undefined_but_never_an_error(name):
    silence = np.zeros(RATE)
    for pair in ((SOUND, silence), (silence, SOUND), (silence, silence)):
        value = CATALOGUE[name].function(*pair, RATE)
        assert np.isnan(value) == (name.endswith("wasserstein")) or np.isfinite(value)


def test_names_and_sets_can_be_mixed():
    assert choose("report") == tuple(METRICS)
    assert choose("mse, lsd,mse") == ("mse", "lsd")
    assert set(PAPER) < set(choose("all"))
    assert not any(CATALOGUE[name].needs for name in SETS["quick"])
    for wrong in ("loudness", " , "):
        with pytest.raises(TrainingError, match="measure"):
            choose(wrong)


def test_a_missing_package_is_one_sentence(monkeypatch):
    monkeypatch.setattr("training.metrics.needs.importlib.util.find_spec", lambda name: None)
    for name in ("pesq", "csig", "stoi"):
        with pytest.raises(TrainingError, match=r"pip install 'sirenade\[measures\]'"):
            evaluate(SOUND, NOISE, RATE, (name,))


def test_32_sounds_are_scored_in_seconds():
    references = [SOUND * level for level in np.linspace(0.2, 1.0, 32)]
    names = [name for name in PAPER if not CATALOGUE[name].needs]
    start = time.process_time()
    evaluate_many(references, [samples + 0.01 * NOISE for samples in references], RATE, names)
    assert time.process_time() - start < 10.0


def test_rank_correlation_agrees_with_scipy():
    generator = np.random.default_rng(0)
    first = dict(zip("abcdefgh", generator.integers(0, 5, 8).astype(float), strict=True))
    second = dict(zip("abcdefgh", generator.standard_normal(8), strict=True))
    expected = scipy.stats.spearmanr(list(first.values()), list(second.values())).statistic
    assert spearman(first, second) == pytest.approx(expected, abs=1e-12)
    assert spearman({"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 1.0, "b": 8.0, "c": 9.0, "d": 0.0}) == pytest.approx(1.0)
    assert np.isnan(spearman({"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 1.0, "b": 1.0, "c": 1.0}))
    assert np.isnan(spearman({"a": 1.0, "b": float("nan"), "c": 3.0}, {"a": 1.0, "b": 1.0, "c": 2.0}))


def test_measures_are_ranked_by_how_they_follow_ratings(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text("model,rating\na,1\nb,5\nc,9\nunknown,3\n")
    means = {"a": {"x": 3.0, "y": 1.0}, "b": {"x": 2.0, "y": 3.0}, "c": {"x": 1.0, "y": 2.0}, "silence": {"x": 0.0, "y": 0.0}}
    found = correlations(means, read_ratings(path))
    assert found == pytest.approx({"x": -1.0, "y": 0.5})
    assert list(found) == ["x", "y"]
    with pytest.raises(TrainingError, match="rate three at least"):
        correlations({"a": {"x": 1.0}}, read_ratings(path))
    for text in ("model,stars\na,1\n", "model,rating\na,good\n", "model,rating\na,1\n", ""):
        path.write_text(text)
        with pytest.raises(TrainingError, match=r"columns model and rating|three at least"):
            read_ratings(path)
