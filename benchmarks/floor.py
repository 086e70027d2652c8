"""How late this machine itself wakes a thread: the floor below which no late block can be blamed on a program.

`python -m benchmarks.floor PERIOD ALLOWED`, in seconds: a thread of a high real-time priority sleeps from one multiple
of the period to the next (as cyclictest does, and as often as the engine is woken) and counts the times at which it woke later
than allowed. Each line on its standard input gives one line of JSON, the count since the line before and the seconds; it ends
with it.
"""

import contextlib
import json
import os
import select
import sys
import time

PRIORITY = 80
"""Above the sound server (JACK: 10) and the engine."""


def main() -> None:
    """Count until the input ends."""
    period, allowed = float(sys.argv[1]), float(sys.argv[2])
    if hasattr(os, "sched_setscheduler"):
        # where it is not granted, an ordinary thread's floor is higher, and is the one that an ordinary engine has
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    late, worst, begun = 0, 0.0, time.monotonic()
    due = begun + period
    print(flush=True)
    while True:
        time.sleep(max(0.0, due - time.monotonic()))
        lateness = time.monotonic() - due
        late += lateness > allowed
        worst = max(worst, lateness)
        due += period * (1 + int(max(0.0, lateness) / period))
        if select.select([sys.stdin], [], [], 0.0)[0]:
            if not sys.stdin.readline():
                return
            now = time.monotonic()
            print(json.dumps({"late": late, "worst": worst, "seconds": now - begun}), flush=True)
            late, worst, begun = 0, 0.0, now


if __name__ == "__main__":
    main()
