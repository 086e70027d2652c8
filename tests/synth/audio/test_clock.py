import numpy as np
import pytest

from synth.audio.clock import StreamClock

RATE, BURST = 48000.0, 256


def run(
    clock: StreamClock, seconds: float, *, start: float = 100.0, taken: int = 0, ppm: float = 0.0, seed: int = 0
) -> tuple[float, int]:
    """Polls with random delays watch a device that takes BURST frames at a time from `start` on."""
    random = np.random.default_rng(seed)
    now = start
    true_rate = RATE * (1 + ppm * 1e-6)
    while now < start + seconds:
        bursts = int((now - start) * true_rate / BURST)
        clock.observe(now, taken + bursts * BURST)
        now += 0.0013 + random.exponential(0.0004) + (0.02 if random.random() < 0.002 else 0.0)
    return now, taken + int((now - start) * true_rate / BURST) * BURST


def test_frames_follow_time_to_a_fraction_of_a_millisecond_whatever_the_polls_do():
    clock = StreamClock(RATE, BURST)
    run(clock, 3.0)
    for moment in (101.0, 102.9, 104.0):
        assert abs(clock.frame_at(moment) - (moment - 100.0) * RATE) < 0.0004 * RATE
        assert clock.time_of(clock.frame_at(moment)) == pytest.approx(moment)


@pytest.mark.parametrize("ppm", [-200.0, 200.0])
def test_a_crystal_that_is_off_is_followed(ppm):
    clock = StreamClock(RATE, BURST)
    now, _ = run(clock, 20.0, ppm=ppm)
    assert abs(clock.frame_at(now) - (now - 100.0) * RATE * (1 + ppm * 1e-6)) < 0.001 * RATE


def test_lost_time_is_taken_over_within_the_window():
    clock = StreamClock(RATE, BURST)
    now, taken = run(clock, 2.0)
    resumed = now + 0.05
    now, _ = run(clock, 0.3, start=resumed, taken=taken)
    assert abs(clock.frame_at(now) - (taken + (now - resumed) * RATE)) < 0.001 * RATE


def test_before_any_observation_it_does_not_run():
    clock = StreamClock(RATE, BURST)
    assert not clock.running
    clock.observe(5.0, 0)
    assert clock.running
