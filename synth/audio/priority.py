"""Real-time priority for threads that must not wait behind other work: of the system, else of the desktop's RealtimeKit.

RealtimeKit wants the process to bound how long a real-time thread may take the CPU without a rest; at the soft bound comes a
signal, at the hard one the end. The signal's handler is machine code that makes the thread an ordinary one at once: one in
Python would have to wait for the interpreter, which that very thread may hold.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from functools import cache

import llvmlite.binding as llvm

FIFO, RTKIT, NONE = "fifo", "rtkit", "no"
"""What a thread was granted, as telemetry says it."""
SOFT_US, HARD_US = 100_000, 200_000
ANSWER_S = 2.0
_RTKIT = ("org.freedesktop.RealtimeKit1", "/org/freedesktop/RealtimeKit1", "org.freedesktop.RealtimeKit1")
_RESET_ON_FORK = 0x40000000
"""Linux's flag beside the policy: what the thread starts is not real-time. RealtimeKit sets it; only root may take it away."""

_HANDLER = f"""
@thread = global i32 0
@parameters = global [64 x i8] zeroinitializer
declare i32 @sched_setscheduler(i32, i32, ptr)

define void @demote(i32 %signal) {{
  %thread = load i32, ptr @thread
  %unused = call i32 @sched_setscheduler(i32 %thread, i32 {_RESET_ON_FORK}, ptr @parameters)
  ret void
}}
"""


def hurry_this_thread(priority: int) -> str:
    """Ask for SCHED_FIFO at `priority` for the calling thread, unless it is real-time already; says what was granted."""
    if sys.platform != "linux":
        return NONE
    thread = threading.get_native_id()
    try:
        if not is_realtime(thread):
            os.sched_setscheduler(thread, os.SCHED_FIFO, os.sched_param(priority))
    except OSError:
        return NONE
    return FIFO


def ask_rtkit(thread: int, priority: int) -> str:
    """Ask RealtimeKit, over the system's D-Bus, for real-time priority for a thread of this process; says what was granted.

    It lasts until the thread takes the CPU for SOFT_US without a rest. Waits at most ANSWER_S.
    """
    if sys.platform != "linux":
        return NONE
    import resource

    request = ["MakeThreadRealtimeWithPID", "ttu", str(os.getpid()), str(thread), str(priority)]
    command = ["busctl", "--system", "call", *_RTKIT, *request]
    try:
        _demote_at_the_soft_limit(thread)
        resource.setrlimit(resource.RLIMIT_RTTIME, (SOFT_US, HARD_US))
        subprocess.run(command, check=True, capture_output=True, timeout=ANSWER_S, stdin=subprocess.DEVNULL)
        return RTKIT if is_realtime(thread) else NONE
    except (OSError, ValueError, subprocess.SubprocessError):
        return NONE


def is_realtime(thread: int) -> bool:
    """Whether a thread has real-time priority now."""
    try:
        return os.sched_getscheduler(thread) & ~_RESET_ON_FORK in (os.SCHED_FIFO, os.SCHED_RR)
    except OSError:  # it has ended
        return False


def _demote_at_the_soft_limit(thread: int) -> None:
    engine = _compiled()
    ctypes.c_int32.from_address(engine.get_global_value_address("thread")).value = thread
    libc = ctypes.CDLL(None, use_errno=True)
    libc.signal.restype = ctypes.c_void_p
    libc.signal(ctypes.c_int(signal.SIGXCPU), ctypes.c_void_p(engine.get_function_address("demote")))


@cache
def _compiled() -> llvm.ExecutionEngine:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(_HANDLER), machine)
    engine.finalize_object()
    return engine
