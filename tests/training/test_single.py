import numpy as np
import pytest
import soundfile

from sirenade.errors import DatasetError, TrainingError
from synth.instrument import load
from training.single import fit_file, resample_file, sample, single_config

from .recordings import RATE, pluck


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    place = tmp_path_factory.mktemp("single")
    soundfile.write(place / "pluck_A3.wav", 0.5 * pluck(220.0), RATE)
    scores = fit_file(place / "pluck_A3.wav", place / "function", "film-3x64", 600.0, ["steps=300"])
    return place, scores


def test_one_function_fits_one_sound(fitted):
    place, scores = fitted
    assert scores["snr_db"] > 15.0
    instrument = load(place / "function")
    assert len(instrument.latents.latents) == 1
    assert instrument.latents.pitches[0] == 57.0
    assert instrument.card.training_rate == RATE


@pytest.mark.parametrize("rate", [8000, 11025, 44100, 96000, 384000])
def test_a_function_is_sampled_at_any_rate(fitted, rate):
    place, scores = fitted
    samples = sample(load(place / "function"), 0.25, RATE, rate)
    assert len(samples) == round(0.25 * rate)
    wanted = 0.5 * pluck(220.0, rate=rate)
    error = 10 * np.log10(np.sum(wanted**2) / np.sum((samples - wanted) ** 2))
    assert error > scores["snr_db"] - 6.0


def test_below_the_recordings_rate_nothing_folds(fitted):
    """The function is good up to 4 kHz; at 4 kHz rate what lies above 2 kHz must be gone, not folded."""
    place, _ = fitted
    function = load(place / "function")
    high, low = sample(function, 0.25, RATE, RATE), sample(function, 0.25, RATE, RATE / 2)
    kept = np.abs(np.fft.rfft(high))[: len(low) // 2 - 50] / 2
    assert np.abs(np.abs(np.fft.rfft(low))[: len(kept)] - kept).max() < 0.05 * kept.max()


def test_resampling_a_file_keeps_channels_level_and_length(fitted):
    place, _ = fitted
    soundfile.write(place / "stereo.wav", np.stack([0.5 * pluck(220.0), 0.5 * pluck(220.0)], 1), RATE)
    snr = resample_file(place / "stereo.wav", place / "out.wav", 16000, place / "function")
    samples, rate = soundfile.read(place / "out.wav")
    assert (samples.shape, rate) == ((4000, 2), 16000)
    assert np.abs(samples).max() == pytest.approx(0.4, rel=0.2)
    assert snr > 15.0


def test_resampling_fits_when_there_is_no_function(tmp_path):
    soundfile.write(tmp_path / "in.wav", pluck(220.0), RATE)
    resample_file(tmp_path / "in.wav", tmp_path / "out.flac", 48000, budget=0.5, model="film-3x64")
    assert soundfile.info(tmp_path / "out.flac").samplerate == 48000


def test_what_cannot_be_fitted_or_sampled_is_refused(tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, np.zeros(13 * RATE), RATE)
    with pytest.raises(TrainingError, match="one function holds"):
        fit_file(path, tmp_path / "out", "film-3x64", 1.0)
    with pytest.raises(TrainingError, match="out of range"):
        resample_file(path, tmp_path / "out.wav", 400_000)
    with pytest.raises(TrainingError, match="must end in"):
        resample_file(path, tmp_path / "out.mp3", 48_000)
    with pytest.raises(DatasetError, match="there is no file"):
        fit_file(tmp_path / "none.wav", tmp_path / "out", "film-3x64", 1.0)
    with pytest.raises(TrainingError, match="exists already"):
        fit_file(path, tmp_path, "film-3x64", 1.0)
    with pytest.raises(TrainingError, match="does not fit single sounds"):
        single_config("harmonic-field", RATE, 1.0, 1.0)
