"""Real-time priority, asked in processes of their own: limits and signal handlers would stay in this one."""

import json
import os
import stat
import subprocess
import sys

import pytest

from synth.audio.priority import FIFO, NONE, hurry_this_thread
from synth.devices import module_environment

WORK = """
import json, os, resource, threading, time
from synth.audio.priority import ask_rtkit

found = {}
asked = threading.Event()

def work():
    asked.wait()
    end = time.thread_time() + 0.4
    while time.thread_time() < end:  # without a rest
        pass
    found["policy_after"] = os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK

thread = threading.Thread(target=work)
thread.start()
found["granted"] = ask_rtkit(thread.native_id, 3)
found["policy"] = os.sched_getscheduler(thread.native_id) & ~os.SCHED_RESET_ON_FORK
found["limit"] = resource.getrlimit(resource.RLIMIT_RTTIME)[1]
asked.set()
thread.join()
print(json.dumps(found))
"""

BUSCTL = f"""#!{sys.executable}
import os, sys
*_, method, signature, process, thread, priority = sys.argv
assert sys.argv[1:6] == ["--system", "call", "org.freedesktop.RealtimeKit1", "/org/freedesktop/RealtimeKit1",
                         "org.freedesktop.RealtimeKit1"]
assert (method, signature) == ("MakeThreadRealtimeWithPID", "ttu") and int(process) == os.getppid()
os.sched_setscheduler(int(thread), os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(int(priority)))
"""


def work(path: str) -> dict:
    command = [sys.executable, "-c", WORK]
    environment = module_environment() | {"PATH": path}
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def may_be_realtime() -> bool:
    test = "import os; os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))"
    return subprocess.run([sys.executable, "-c", test], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="RealtimeKit is Linux's")
def test_what_rtkit_grants_is_said_and_lost_again_by_a_thread_that_never_rests(tmp_path):
    """A stand-in for the call does what RealtimeKit does, where this machine lets it."""
    stand_in = tmp_path / "busctl"
    stand_in.write_text(BUSCTL)
    stand_in.chmod(stat.S_IRWXU)
    found = work(str(tmp_path))
    if may_be_realtime():
        assert (found["granted"], found["policy"]) == ("rtkit", os.SCHED_RR)
        assert found["limit"] <= 200_000  # RealtimeKit's own condition
    else:
        assert found["granted"] == "no"
    assert found["policy_after"] == os.SCHED_OTHER


@pytest.mark.skipif(sys.platform != "linux", reason="RealtimeKit is Linux's")
def test_without_rtkit_nothing_is_granted_and_nothing_breaks(tmp_path):
    found = work(str(tmp_path))
    assert (found["granted"], found["policy"]) == ("no", os.SCHED_OTHER)


def test_what_the_system_grants_is_what_the_thread_has():
    test = "from synth.audio.priority import hurry_this_thread as hurry; import os; print(hurry(3), os.sched_getscheduler(0))"
    result = subprocess.run([sys.executable, "-c", test], capture_output=True, text=True, check=True)
    granted, policy = result.stdout.split()
    assert (granted == FIFO) == (int(policy) == os.SCHED_FIFO)
    assert granted in (FIFO, NONE)


def test_nothing_is_promised_where_the_system_has_no_such_thing(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert hurry_this_thread(3) == NONE
