"""JACK: a client of our own with outputs and a MIDI input, whose frames are JACK's own, to the sample.

Where sound and MIDI go through one JACK client, the number of a frame of ours and JACK's frame time differ by an integer, so a
MIDI event at JACK's frame F sounds at F plus a constant: no clock is estimated in between. A ring that ran dry changes that
integer, and the next cycle says so.

After a server's death libjack may hang in any call, so nobody may call `close` on a client that is not alive.
"""

import contextlib
import ctypes
import sys
import time
from typing import Any

from sirenade.errors import AudioDeviceError
from synth.audio.driver import Block, Taken, ring_target
from synth.audio.jack_process import CLIENT, DRY, LEFT, MIDI, MIDI_INPUTS, PERIOD, RIGHT, TARGET, Process, callback_address

CLIENT_NAME = "Sirenade"
OUTPUTS = ("out_1", "out_2")
MIDI_INPUT = "midi_in"
STALL_S = 5.0
"""A server that runs no cycle for so long has gone."""
FIRST_CYCLE_S = 3.0
_PLAYBACK_LATENCY = 1
"""jack/types.h: JackPlaybackLatency."""
_DEAD: list[Any] = []
"""Clients of dead servers: collecting them would close them, which may hang."""


class _Range(ctypes.Structure):
    """jack_latency_range_t."""

    _fields_ = (("min", ctypes.c_uint32), ("max", ctypes.c_uint32))


def _modules() -> tuple[Any, Any]:
    """JACK-Client and the C library beneath it. Raises OSError without JACK."""
    if not sys.platform.startswith("linux"):
        raise OSError("JACK is spoken to on Linux only")
    import jack  # loads libjack

    jack.set_error_function(lambda _: None)
    return jack, ctypes.CDLL("libjack.so.0")


class JackClient:
    """A client of the running server, with two outputs for `sound`, inputs for `midi`. Raises OSError without a server."""

    def __init__(self, sound: bool, midi: bool) -> None:
        jack, self._library = _modules()
        self.process = Process()
        self.xruns = 0
        self._lost = False
        try:
            self.jack = jack.Client(CLIENT_NAME, no_start_server=True)
        except jack.JackError as error:
            raise OSError(str(error)) from None
        self.rate = float(self.jack.samplerate)
        self.period = int(self.jack.blocksize)
        self.outputs = [self.jack.outports.register(name) for name in OUTPUTS] if sound else []
        self.midi_inputs: list[Any] = []
        if midi:
            self._add_midi_input()
        self._attach()

    def _attach(self) -> None:
        words = self.process.words
        words[CLIENT] = _pointer(self.jack)
        if self.outputs:
            words[LEFT], words[RIGHT] = map(_pointer, self.outputs)
        self._library.jack_set_process_callback(
            ctypes.c_void_p(words[CLIENT]), ctypes.c_void_p(callback_address()), ctypes.c_void_p(self.process.address)
        )
        self.jack.set_shutdown_callback(self._server_ended)
        self.jack.set_xrun_callback(self._server_late)

    def _server_ended(self, *_: object) -> None:
        self._lost = True

    def _server_late(self, _: float) -> None:
        self.xruns += 1

    @property
    def alive(self) -> bool:
        """False once the server has gone or hangs."""
        if self._lost:
            return False
        cycle = self.process.cycle()
        return cycle is None or time.monotonic() - cycle.time < STALL_S

    def start(self) -> None:
        """Run, and wait for the first cycle. Raises OSError where there is none."""
        self.jack.activate()
        end = time.monotonic() + FIRST_CYCLE_S
        while self.process.cycle() is None:
            if self._lost or time.monotonic() > end:
                raise OSError("the JACK server runs no cycle")
            time.sleep(0.002)

    def sources(self) -> list[tuple[str, bool]]:
        """Names of the MIDI outputs of other clients, and whether they are hardware."""
        own = self.jack.name
        physical = {port.name for port in self.jack.get_ports(is_midi=True, is_output=True, is_physical=True)}
        names = [port.name for port in self.jack.get_ports(is_midi=True, is_output=True)]
        return [(name, name in physical) for name in names if name.split(":")[0] != own]

    def connect(self, source: str) -> None:
        """Connect a MIDI source to an input of its own while there may be more, unless it is connected or has just left."""
        import jack

        with contextlib.suppress(jack.JackError):
            taken = [self._sources_of(each) for each in self.midi_inputs]
            if any(source in sources for sources in taken):
                return
            free = taken.index([]) if [] in taken else 0
            if [] not in taken and len(taken) < MIDI_INPUTS:
                free = self._add_midi_input()
            self.jack.connect(source, self.midi_inputs[free])

    def only_sources(self) -> tuple[str, ...]:
        """Of each of our MIDI inputs the source that is connected to it; empty: there is none, or several."""
        import jack

        with contextlib.suppress(jack.JackError):
            each = [self._sources_of(port) for port in self.midi_inputs]
            return tuple(sources[0] if len(sources) == 1 else "" for sources in each)
        return ()

    def _sources_of(self, port: Any) -> list[str]:  # noqa: ANN401
        return [source.name for source in self.jack.get_all_connections(port)]

    def _add_midi_input(self) -> int:
        """Its number; the callback looks at it from the next cycle on."""
        number = len(self.midi_inputs)
        self.midi_inputs.append(self.jack.midi_inports.register(f"{MIDI_INPUT}_{number + 1}" if number else MIDI_INPUT))
        self.process.words[MIDI + number] = _pointer(self.midi_inputs[number])
        return number

    def playback_latency(self) -> int:
        """Frames from the outputs to the ear, as JACK reports it for what they are connected to."""
        if self._lost:
            return 0
        found = _Range()
        longest = 0
        for port in self.outputs:
            self._library.jack_port_get_latency_range(ctypes.c_void_p(_pointer(port)), _PLAYBACK_LATENCY, ctypes.byref(found))
            longest = max(longest, found.max)
        return longest

    def close(self) -> None:
        """Leave the server in order; a dead one is left as it is."""
        if self.alive:
            self.jack.deactivate()
            self.jack.close()
        else:
            _DEAD.append(self.jack)


def _pointer(thing: Any) -> int:  # noqa: ANN401 (a module without types)
    """Address of JACK-Client's client or port."""
    import jack

    return int(jack._ffi.cast("uintptr_t", thing._ptr))


class JackDriver:
    """An output through JACK. See synth.audio.driver.Driver."""

    name = "jack"

    def __init__(self, device: str | None, rate: float | None, block: int, ahead: int, midi: bool) -> None:
        """Join the server and play to the ports of the client `device` (part of its name; None: the first that is hardware).

        `midi`: offer a MIDI input beside the outputs.

        Raises AudioDeviceError with one sentence; LookupError where there is no JACK, or no such device there.
        """
        try:
            self.client = JackClient(sound=True, midi=midi)
        except OSError as error:
            raise LookupError("no JACK server answers") from error
        try:
            self._inputs = self._find(device)
            if rate is not None and rate != self.client.rate:
                raise AudioDeviceError(
                    f"the audio output {self.device} refuses {rate:.0f} Hz; its own rate is {self.client.rate:.0f} Hz."
                )
        except (AudioDeviceError, LookupError):
            self.client.close()
            raise
        self.rate, self.burst = self.client.rate, self.client.period
        self.target = ring_target(block, ahead, self.burst)
        self._words = self.client.process.words
        self._words[TARGET] = self.target

    def _find(self, device: str | None) -> list[Any]:
        """The first two inputs of the wanted client, which names the device."""
        ports = self.client.jack.get_ports(is_audio=True, is_input=True, is_physical=device is None)
        own = self.client.jack.name
        clients: dict[str, list[Any]] = {}
        for port in ports:
            if (name := port.name.split(":")[0]) != own:
                clients.setdefault(name, []).append(port)
        for name, inputs in clients.items():
            if device is None or device.lower() in name.lower():
                self.device = name
                return inputs[: len(OUTPUTS)]
        raise LookupError(f"no JACK server has an output called {device!r}" if device else "no JACK server has an output")

    def start(self) -> None:
        """Run and connect. Raises AudioDeviceError."""
        import jack

        try:
            self.client.start()
            for output, place in zip(self.client.outputs, self._inputs, strict=False):
                self.client.jack.connect(output, place)
        except (OSError, jack.JackError) as error:
            self.client.close()
            raise AudioDeviceError(f"the audio output {self.device} does not start ({error}).") from None

    @property
    def latency_s(self) -> float:
        """Seconds from JACK's frame to the ear."""
        return self.client.playback_latency() / self.rate

    @property
    def xruns(self) -> int:
        """Cycles that the server says came late, whosever fault it was."""
        return self.client.xruns

    @property
    def dry(self) -> int:
        """Times the ring ran dry."""
        return self._words[DRY]

    def queued(self) -> int:
        """Frames in the ring."""
        return self.client.process.queued()

    def write(self, block: Block) -> None:
        """Put [n, 2] frames into the ring."""
        self.client.process.write(block)

    def taken(self) -> Taken | None:
        """The last cycle, with JACK's own frames."""
        cycle = self.client.process.cycle()
        return Taken(cycle.time, cycle.frame, cycle.taken) if cycle is not None and cycle.armed else None

    @property
    def alive(self) -> bool:
        """False once the server has gone, hangs, or works in other periods than it did."""
        return self.client.alive and self._words[PERIOD] == self.burst

    def close(self) -> None:
        """Leave the server."""
        self.client.close()
