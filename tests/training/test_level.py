"""The gain that makes instruments equally loud."""

import numpy as np
import pytest

from training.export.level import playing_gain_db


def test_a_sine_is_brought_to_the_playing_level() -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(32000) / 16000).astype(np.float32)
    assert playing_gain_db(tone, 16000) == pytest.approx(-18.0 - 20 * np.log10(0.5 / np.sqrt(2)), abs=0.1)
    assert playing_gain_db(np.concatenate([tone, np.zeros(160000, np.float32)]), 16000) == playing_gain_db(tone, 16000)


def test_silence_gets_no_gain() -> None:
    assert playing_gain_db(np.zeros(1000, np.float32), 16000) == 0.0
