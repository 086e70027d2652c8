"""Hears through JACK when a note that was struck at a known time sounds."""

import ctypes
import time

import jack
import numpy as np
from numpy.typing import NDArray

from benchmarks.jack_recorder import ENGINES
from synth.commands import NoteOff, NoteOn, SetParameter
from synth.engine.playable import Playable
from synth.engine.synth import LATENCY, Synth
from synth.parameters import CURSOR_MODES

THRESHOLD = 0.1
"""Of the note's peak: where it is said to begin."""
WINDOW_S = 0.12
LENGTH_S = 30.0
NEAR_S = 0.25
STRIKE_FRAME = 1024
PLAYBACK_LATENCY = 1
"""jack/types.h: JackPlaybackLatency."""


class Ear:
    """Records the left output of the engine at JACK's own frames, until closed."""

    def __init__(self, server: str) -> None:
        """Listen to the engine on that server. Raises LookupError where there is none."""
        self._client = jack.Client("ear", servername=server, no_start_server=True)
        self.rate = float(self._client.samplerate)
        self._port = self._client.inports.register("in")
        self._sound = np.zeros(int(LENGTH_S * self.rate), np.float32)
        self._first = -1
        self._cycles: list[tuple[float, float]] = []
        """Of each cycle: the time at which its callback ran, and that less frame / rate (the least of many is the clock)."""
        self._client.set_process_callback(self._hear)
        self._client.activate()
        ports = [port.name for port in self._client.get_ports(is_audio=True, is_output=True)]
        sources = [name for name in ports if name.startswith(ENGINES)]
        if not sources:
            self.close()
            raise LookupError("no engine plays through that server")
        self._client.connect(sources[0], self._port)

    def close(self) -> None:
        """End the recording."""
        self._client.deactivate()
        self._client.close()

    @property
    def playback_latency_s(self) -> float:
        """What JACK reports from a frame's cycle to the ear, for its first output (the binding does not have the call)."""
        found = (ctypes.c_uint32 * 2)()
        port = self._client.get_ports(is_physical=True, is_input=True, is_audio=True)[0]
        pointer = ctypes.c_void_p(int(jack._ffi.cast("uintptr_t", port._ptr)))
        ctypes.CDLL("libjack.so.0").jack_port_get_latency_range(pointer, PLAYBACK_LATENCY, found)
        return found[1] / self.rate

    def _hear(self, frames: int) -> None:
        now, frame = time.monotonic(), self._client.last_frame_time
        if self._first < 0:
            self._first = frame
        at = frame - self._first
        self._cycles.append((now, now - at / self.rate))
        fits = max(0, min(frames, len(self._sound) - at))
        self._sound[at : at + fits] = self._port.get_array()[:fits]

    def onset(self, struck: float) -> float:
        """Seconds from the time `struck` (monotonic) to the frame at which the note begins; NaN where none was heard."""
        # the cycles around it alone: a server that was held up goes on with frames of another origin
        near = [origin for moment, origin in self._cycles if abs(moment - struck) < NEAR_S]
        if not near:
            return float("nan")
        start = max(round((struck - min(near)) * self.rate), 0)
        found = beginning(self._sound[start : start + int(2 * WINDOW_S * self.rate)])
        return float("nan") if found is None else (found + start) / self.rate + min(near) - struck


def beginning(sound: NDArray[np.float32]) -> int | None:
    """The first frame above THRESHOLD of the peak; None in silence."""
    peak = float(np.abs(sound).max(initial=0.0))
    return int(np.argmax(np.abs(sound) > THRESHOLD * peak)) if peak > 1e-4 else None


def own_delay(playable: Playable, rate: float, note: float) -> float:
    """Seconds from a note's first sample to its beginning as heard: how softly the instrument itself sets in."""
    synth = Synth(rate, polyphony=1)
    synth.set_instrument(playable)
    for name, value in (("attack", 0.0), ("release", 0.02), ("cursor", CURSOR_MODES.index("loop"))):
        synth.schedule(SetParameter(name, value), 0)
    synth.schedule(NoteOn(note, 1.0), STRIKE_FRAME)
    synth.schedule(NoteOff(note), STRIKE_FRAME + int(WINDOW_S * rate))
    out = np.zeros((STRIKE_FRAME + LATENCY + int(2 * WINDOW_S * rate), 2), np.float32)
    synth.render(out)
    found = beginning(out[STRIKE_FRAME:, 0])
    return 0.0 if found is None else (found - LATENCY) / rate
