"""The UDP port that OSC comes from, on this machine alone. Never a reason to stop: a port that is taken is left alone."""

import socket
import struct
import sys
import threading
import time
from collections.abc import Callable

from synth.audio.priority import hurry_this_thread
from synth.commands import Command
from synth.osc import packets
from synth.osc.addresses import OscError

HOST = "127.0.0.1"
MAX_PACKET = 65_536
WAKE_S = 0.25
PRIORITY = 2
"""As MIDI's: below the render thread's."""
SO_TIMESTAMPNS = 35
"""Linux's (asm-generic/socket.h), which Python does not name: the kernel stamps a packet as it comes."""
_STAMP = struct.Struct("@qq")


class OscServer:
    """Listens on `port` of this machine and hands each command on with the time (s, monotonic) it is meant for."""

    def __init__(self, port: int, on_command: Callable[[Command, float], None]) -> None:
        """Take the port (0: do not listen). Where it is taken, `port` is 0."""
        self.port = 0
        """UDP port that is listened on; 0: none."""
        self.events = 0
        """Commands received."""
        self.malformed = 0
        """Packets that were no OSC, or meant nothing here."""
        self._on_command = on_command
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="osc", daemon=True)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(WAKE_S)
        if port:
            self._listen(port)

    def _listen(self, port: int) -> None:
        try:
            self._socket.bind((HOST, port))
        except OSError:
            return
        if sys.platform == "linux":
            self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.port = port

    def start(self) -> None:
        """Listen, where there is a port."""
        if self.port:
            self._thread.start()

    def close(self) -> None:
        """Let the port go."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(1.0)
        self._socket.close()

    def _run(self) -> None:
        hurry_this_thread(PRIORITY)
        while not self._closing.is_set():
            try:
                packet, arrived, ahead = self._receive()
            except TimeoutError:
                continue
            except OSError:
                return
            try:
                commands = packets.read(packet, arrived, ahead)
            except OscError:
                self.malformed += 1
                continue
            for command, meant in commands:
                self.events += 1
                self._on_command(command, meant)

    def _receive(self) -> tuple[bytes, float, float]:
        """A packet, when it arrived (s, monotonic), and how far the wall clock is ahead of the monotonic one."""
        if not hasattr(self._socket, "recvmsg"):
            packet = self._socket.recv(MAX_PACKET)
            return packet, time.monotonic(), wall_minus_monotonic()
        packet, notes, _, _ = self._socket.recvmsg(MAX_PACKET, socket.CMSG_SPACE(_STAMP.size))
        arrived, ahead = time.monotonic(), wall_minus_monotonic()
        for level, kind, content in notes:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS and len(content) == _STAMP.size:
                seconds, nanoseconds = _STAMP.unpack(content)
                arrived = min(arrived, seconds + nanoseconds * 1e-9 - ahead)
        return packet, arrived, ahead


def wall_minus_monotonic() -> float:
    """Seconds that the wall clock is ahead, from the closest of a few readings."""
    best = (float("inf"), 0.0)
    for _ in range(3):
        before, wall, after = time.monotonic(), time.time(), time.monotonic()
        best = min(best, (after - before, wall - (before + after) / 2.0))
    return best[1]
