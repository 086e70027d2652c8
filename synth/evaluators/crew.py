"""Threads that help a caller with one job at a time and sleep in between."""

import contextlib
import os
import threading
import weakref
from collections.abc import Callable, Sequence

Job = Callable[[], None]


class Crew:
    """Runs jobs at once: the first in the caller's thread, each other in a thread of its own.

    The jobs share their work among themselves, for example through a counter; they must give the interpreter's lock away.
    Helpers take on the caller's scheduling, so that a real-time thread does not wait for an ordinary one.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._mine = jobs[0]
        self._helpers = [_Helper(job) for job in jobs[1:]]
        self._caller = 0
        weakref.finalize(self, _end, self._helpers)

    def run(self) -> None:
        """All jobs, until the last is done."""
        caller = threading.get_native_id()
        if caller != self._caller:
            self._caller = caller
            for helper in self._helpers:
                helper.schedule_like(caller)
        for helper in self._helpers:
            helper.go.release()
        self._mine()
        for helper in self._helpers:
            helper.done.acquire()


class _Helper:
    def __init__(self, job: Job) -> None:
        self.job, self.ended = job, False
        self.go, self.done = threading.Lock(), threading.Lock()  # the cheapest semaphores there are
        self.go.acquire()
        self.done.acquire()
        self.thread = threading.Thread(target=self._work, name="evaluator helper", daemon=True)
        self.thread.start()

    def _work(self) -> None:
        while True:
            self.go.acquire()
            if self.ended:
                return
            self.job()
            self.done.release()

    def schedule_like(self, thread: int) -> None:
        """Take on the policy and priority of a thread of this process, where the system grants it."""
        native = self.thread.native_id
        if native is not None and hasattr(os, "sched_getscheduler"):
            with contextlib.suppress(OSError):
                os.sched_setscheduler(native, os.sched_getscheduler(thread), os.sched_getparam(thread))


def _end(helpers: Sequence[_Helper]) -> None:
    """Whoever lets the crew go, perhaps the render thread, does not wait for them."""
    for helper in helpers:
        helper.ended = True
        helper.go.release()
