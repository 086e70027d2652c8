import os
import sys
import threading

import pytest

from synth.evaluators.crew import Crew


def test_every_job_runs_at_once_and_is_waited_for() -> None:
    together = threading.Barrier(3, timeout=10.0)
    ended = []

    def job(number: int) -> None:
        together.wait()  # breaks where they run one after the other
        ended.append(number)

    crew = Crew([lambda number=number: job(number) for number in range(3)])
    for _ in range(20):
        ended.clear()
        crew.run()
        assert sorted(ended) == [0, 1, 2]


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no policy of their own")
def test_helpers_are_scheduled_as_their_caller() -> None:
    seen: list[tuple[int, int]] = []
    crew = Crew([lambda: None, lambda: seen.append((threading.get_native_id(), os.sched_getscheduler(0)))])

    def call_as_batch() -> None:
        os.sched_setscheduler(threading.get_native_id(), os.SCHED_BATCH, os.sched_param(0))  # needs no privilege
        crew.run()

    crew.run()
    caller = threading.Thread(target=call_as_batch)
    caller.start()
    caller.join()
    crew.run()
    assert [policy for _, policy in seen] == [os.SCHED_OTHER, os.SCHED_BATCH, os.SCHED_OTHER]
    assert len({thread for thread, _ in seen}) == 1
