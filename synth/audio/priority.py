"""Real-time priority for threads that must not wait behind other work."""

import os
import sys
import threading


def hurry_this_thread(priority: int) -> bool:
    """Ask for SCHED_FIFO at `priority` for the calling thread, unless it is real-time already; False where not granted."""
    if sys.platform != "linux":
        return False
    thread = threading.get_native_id()
    try:
        if os.sched_getscheduler(thread) not in (os.SCHED_FIFO, os.SCHED_RR):
            os.sched_setscheduler(thread, os.SCHED_FIFO, os.sched_param(priority))
    except OSError:
        return False
    return True
