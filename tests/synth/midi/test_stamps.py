import numpy as np
import pytest

from synth.midi.stamps import Stamps


def test_messages_keep_the_distances_they_were_stamped_with_whatever_delivers_them():
    """Delivery is late by a thread's jitter; the system's stamps are not."""
    random = np.random.default_rng(2)
    meant = np.cumsum(random.uniform(0.01, 0.2, 200))
    delivered = meant + random.exponential(0.002, 200)
    stamps = Stamps()
    found = np.array(
        [stamps.time_of(since, now) for since, now in zip(np.diff(meant, prepend=meant[0]), 50.0 + delivered, strict=True)]
    )
    errors = (found - 50.0 - meant)[50:]
    assert np.ptp(errors) < 0.1 * np.ptp((delivered - meant)[50:])
    assert (found <= 50.0 + delivered).all()


def test_stamps_that_lost_their_count_are_taken_up_again():
    stamps = Stamps()
    assert stamps.time_of(0.0, 10.0) == 10.0
    assert stamps.time_of(1.0, 11.0) == 11.0
    assert stamps.time_of(0.5, 15.0) == 15.0  # 3.5 s are missing in the stamps: after a pause of the system
    assert stamps.time_of(0.5, 15.53) == pytest.approx(15.5, abs=1e-3)
