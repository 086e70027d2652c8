import numpy as np
import pytest

from synth.audio.clock import StreamClock

RATE, BURST = 48000.0, 256


def poll(
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


def wake(clock: StreamClock, seconds: float, *, burst: int = BURST, ppm: float = 0.0, seed: int = 0) -> np.ndarray:
    """A device's own thread wakes 20 us late in the mean, now and then 30 ms; errors in frames after each burst."""
    random = np.random.default_rng(seed)
    errors = []
    true_rate = RATE * (1 + ppm * 1e-6)
    for number in range(int(seconds * RATE / burst)):
        due = 100.0 + number * burst / true_rate
        late = random.exponential(20e-6) + (0.03 if random.random() < 0.003 else 0.0)
        clock.observe(due + late, number * burst)
        errors.append(clock.frame_at(due) - number * burst)
    return np.array(errors)


def test_frames_follow_time_to_a_fraction_of_a_millisecond_whatever_the_polls_do():
    clock = StreamClock(RATE)
    poll(clock, 3.0)
    for moment in (101.0, 102.9, 104.0):
        assert abs(clock.frame_at(moment) - (moment - 100.0) * RATE) < 0.0002 * RATE
        assert clock.time_of(clock.frame_at(moment)) == pytest.approx(moment)


@pytest.mark.parametrize("burst", [64, 256, 2048])
@pytest.mark.parametrize("ppm", [0.0, -150.0])
def test_a_devices_own_wakes_give_frames_to_a_sample_whatever_its_crystal_does(burst, ppm):
    errors = wake(StreamClock(RATE), 30.0, burst=burst, ppm=ppm)
    settled = errors[len(errors) // 3 :]
    assert settled.std() < 0.5
    assert np.abs(settled).max() < 3.0


@pytest.mark.parametrize("ppm", [-200.0, 200.0])
def test_a_crystal_that_is_off_is_followed(ppm):
    clock = StreamClock(RATE)
    now, _ = poll(clock, 20.0, ppm=ppm)
    assert abs(clock.frame_at(now) - (now - 100.0) * RATE * (1 + ppm * 1e-6)) < 0.0003 * RATE
    assert clock.time_of(clock.frame_at(now)) == pytest.approx(now)


def test_lost_time_is_taken_over_within_a_quarter_of_a_second():
    clock = StreamClock(RATE)
    now, taken = poll(clock, 12.0)
    resumed = now + 0.05
    now, _ = poll(clock, 0.3, start=resumed, taken=taken)
    assert abs(clock.frame_at(now) - (taken + (now - resumed) * RATE)) < 0.001 * RATE


def test_a_stall_of_the_watcher_alone_changes_nothing():
    clock = StreamClock(RATE)
    now, _ = poll(clock, 12.0)
    stalled = now + 0.7
    clock.observe(stalled, int((stalled - 100.0) * RATE / BURST) * BURST)
    assert abs(clock.frame_at(stalled) - (stalled - 100.0) * RATE) < 0.0002 * RATE


def test_before_any_observation_it_does_not_run():
    clock = StreamClock(RATE)
    assert not clock.running
    clock.observe(5.0, 0)
    assert clock.running
