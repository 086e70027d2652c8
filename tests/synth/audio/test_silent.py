import numpy as np

from synth.audio.driver import ring_target
from synth.audio.silent import SilentDriver


class Clock:
    def __init__(self) -> None:
        self.now = 10.0

    def __call__(self) -> float:
        return self.now


def test_it_takes_a_block_at_a_time_as_a_device_would():
    clock = Clock()
    driver = SilentDriver(1000.0, 100, 3, clock)
    assert driver.target == 300
    for _ in range(3):
        driver.write(np.zeros((100, 2), np.float32))
    assert driver.queued() == 300
    clock.now += 0.0999
    assert driver.queued() == 300
    clock.now += 0.0002
    assert driver.queued() == 200
    clock.now += 0.2
    assert driver.queued() == 0
    assert driver.dry == 0


def test_a_ring_that_ran_dry_is_counted_once_and_its_time_is_lost():
    clock = Clock()
    driver = SilentDriver(1000.0, 100, 2, clock)
    driver.write(np.zeros((150, 2), np.float32))
    clock.now += 0.75
    assert driver.queued() == 0
    assert driver.queued() == 0
    assert driver.dry == 1
    driver.write(np.zeros((200, 2), np.float32))
    clock.now += 0.1
    assert driver.queued() == 100
    assert driver.dry == 1


def test_the_ring_covers_a_device_that_takes_more_than_a_block():
    assert ring_target(256, 2, 256) == 512
    assert ring_target(64, 2, 256) == 320
    assert ring_target(1024, 2, 256) == 2048
    assert ring_target(256, 1, 64) == 256
