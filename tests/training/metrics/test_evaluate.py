import numpy as np
import pytest

from training.metrics import baselines, evaluate, evaluate_many, mean, to_csv, to_markdown
from training.metrics.spectral import hiss_db, lsd_db, magnitudes, multi_stft
from training.metrics.waveform import mse, snr_db

RATE = 16000
TIME = np.arange(RATE) / RATE
TONE = np.sin(2 * np.pi * 1000.0 * TIME)


def test_snr_of_a_scaled_copy_follows_from_the_scale():
    assert snr_db(TONE, 0.9 * TONE) == pytest.approx(20.0, abs=1e-9)
    assert snr_db(TONE, np.zeros_like(TONE)) == pytest.approx(0.0)
    assert mse(TONE, 0.5 * TONE) == pytest.approx(0.125, rel=1e-6)


def test_snr_of_extremes_is_finite():
    assert snr_db(TONE, TONE) == 200.0
    assert snr_db(np.zeros(8), np.zeros(8)) == 200.0
    assert snr_db(np.zeros(8), np.ones(8)) == -200.0


def test_spectrogram_of_a_tone_peaks_at_its_bin():
    frames = magnitudes(TONE, 1024, 256)[8:-8]
    assert (frames.argmax(axis=1) == 1000 * 1024 // RATE).all()
    assert frames.max() == pytest.approx(256.0, rel=1e-3)  # amplitude / 2 times the sum of the window


def test_spectral_distances_of_a_scaled_copy_follow_from_the_scale():
    noise = np.random.default_rng(0).standard_normal(RATE)
    assert lsd_db(noise, noise * 10 ** (-6 / 20)) == pytest.approx(6.0, abs=0.01)  # no bin is near the floor
    assert lsd_db(TONE, TONE) == 0.0
    assert multi_stft(noise, 0.5 * noise) == pytest.approx(0.5 + np.log(2.0), abs=0.01)


def test_levels_below_the_floor_do_not_count():
    far_below = TONE + 1e-6 * np.random.default_rng(0).standard_normal(RATE)
    assert lsd_db(TONE, far_below) < 0.01


def test_hiss_is_the_energy_where_the_reference_is_silent():
    far = np.sin(2 * np.pi * 5000.0 * TIME)
    mixed = TONE + 0.1 * far
    assert hiss_db(TONE, mixed) == pytest.approx(10 * np.log10(0.01 / 1.01), abs=0.2)
    assert hiss_db(TONE, np.zeros_like(TONE)) == -120.0


def test_evaluate_refuses_what_it_cannot_compare():
    for pair in ((TONE, TONE[:-1]), (TONE, TONE * np.nan), (np.stack([TONE, TONE]), TONE), ([], [])):
        with pytest.raises(ValueError, match="metrics need"):
            evaluate(*pair, RATE)
    with pytest.raises(ValueError, match="rate"):
        evaluate(TONE, TONE, 0)


def test_what_is_undefined_is_left_out_of_means_and_shown_as_such():
    assert mean([{"x": 1.0, "y": np.nan}, {"x": np.nan, "y": np.nan}])["x"] == 1.0
    assert "| n/a |" in to_markdown({"a": {"x": float("nan")}})
    scores = evaluate(np.zeros(RATE), TONE, RATE, ("dft_magnitude_wasserstein", "pesq", "csig", "stoi"))
    assert all(np.isnan(value) for value in scores.values())


def test_many_at_once_equal_one_by_one():
    names = ("mse", "segmental_snr_db")
    together = evaluate_many([TONE, 0.5 * TONE], [0.9 * TONE, TONE], RATE, names)
    assert together == [evaluate(TONE, 0.9 * TONE, RATE, names), evaluate(0.5 * TONE, TONE, RATE, names)]


def test_baselines_are_silence_and_unit_noise():
    rows = baselines([TONE, 0.1 * TONE], RATE)
    assert rows["silence"]["snr_db"] == 0.0
    assert rows["white noise"]["mse"] == pytest.approx(1.0 + np.mean([0.5, 0.005]), rel=0.05)


def test_tables_hold_every_row_and_column():
    rows = {"a": {"x": 1.0, "y": 0.25}, "b": {"x": 1e-9}}
    assert to_markdown(rows, "sound").splitlines() == [
        "| sound | x | y |",
        "|---|---:|---:|",
        "| a | 1.00 | 0.25 |",
        "| b | 1.00e-09 |  |",
    ]
    assert to_csv(rows) == "sound,x,y\na,1.0,0.25\nb,1e-09,\n"
    assert mean([{"x": 1.0}, {"x": 3.0}]) == {"x": 2.0}
