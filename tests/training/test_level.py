"""Loudness by ITU-R BS.1770, and the card's level by which instruments are made alike."""

import numpy as np
import pytest

from benchmarks.loudness import anchors
from synth.evaluators import make_playable
from synth.instrument import load
from tests.helpers.tiny_instrument import TIME_HZ, make_phase_instrument, make_time_instrument
from training.export import level
from training.export.level import PEAK_DB, RATE, SILENCE, TARGET, loudness, missing_db, playing_gain_db


def tone(seconds: float, hz: float, level_db: float, rate: int = RATE) -> np.ndarray:
    wave = 10.0 ** (level_db / 20.0) * np.sin(2.0 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
    return wave.astype(np.float32)


def both(sound: np.ndarray) -> np.ndarray:
    return np.stack([sound, sound], 1)


def test_a_tone_in_both_channels_reads_its_level() -> None:
    """EBU Tech 3341, case 1: 1 kHz at -23 dBFS in both channels is -23 LUFS."""
    assert loudness(both(tone(5.0, 1000.0, -23.0))) == pytest.approx(-23.0, abs=0.1)
    assert loudness(np.zeros((RATE, 2), np.float32)) == SILENCE


def test_what_is_far_below_the_rest_does_not_count() -> None:
    """Case 3: -36, -23 and -36 dBFS; the quiet parts are gated."""
    parts = [tone(seconds, 1000.0, level) for seconds, level in ((5.0, -36.0), (15.0, -23.0), (5.0, -36.0))]
    assert loudness(both(np.concatenate(parts))) == pytest.approx(-23.0, abs=0.1)


def test_an_instrument_is_raised_to_the_target_but_never_beyond_its_peaks() -> None:
    loud, peaks = np.array([-40.0, -30.0, -20.0]), np.array([-30.0, -25.0, -19.0])
    assert missing_db(loud, peaks) == TARGET + 30.0
    peaks[0] = -12.0
    assert missing_db(loud, peaks) == PEAK_DB + 12.0


@pytest.mark.parametrize(
    ("make", "hz", "hears_velocity", "heard"),
    [(make_phase_instrument, 261.63, True, 0.8), (make_time_instrument, TIME_HZ, False, 1.0)],
)
def test_the_host_plays_a_card_with_that_level_at_the_target(tmp_path, make, hz, hears_velocity, heard) -> None:
    """Of both kinds: models that hear how hard a key is struck, and models that are played softer by the host."""
    playable = make_playable(load(make(tmp_path / "made")), RATE)
    sounds = [tone(0.75, hz, 20.0 * np.log10(0.5 * heard * loud), 44100) for loud in (0.25, 0.5, 1.0)]
    gain = playing_gain_db(sounds, 44100, hears_velocity=hears_velocity)
    loud, peaks = (anchors(playable, [1, 2, 3]) + gain).T
    assert missing_db(loud, peaks) == pytest.approx(0.0, abs=1.0)


def test_silent_anchors_do_not_count_and_silence_gets_no_gain() -> None:
    sound, silence = tone(1.0, 440.0, -12.0), np.zeros(1000, np.float32)
    alone = playing_gain_db([sound], RATE, hears_velocity=True)
    assert playing_gain_db([silence, sound, silence], RATE, hears_velocity=True) == alone
    assert playing_gain_db([silence, np.zeros(0, np.float32)], RATE, hears_velocity=True) == 0.0
    assert abs(playing_gain_db([sound * 1e-3], RATE, hears_velocity=True)) == level.MOST_DB
