"""MIDI inputs of the machine: opened by name, looked for again and again, and never a reason to stop.

Through JACK where a server runs (see jack_inputs), and through the system's own MIDI, which is rtmidi's here: ALSA's sequencer,
CoreMIDI, WinMM. rtmidi's traps: its constructor raises an error of its own where there is no ALSA sequencer; without libasound
it cannot even be imported.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from sirenade.errors import MidiError
from synth.audio.clock import Moment
from synth.audio.jack import CLIENT_NAME, JackClient
from synth.audio.priority import hurry_this_thread
from synth.device_names import device_of
from synth.midi.jack_inputs import JackInputs
from synth.midi.stamps import Stamps

MIDI_PRIORITY = 2
"""Below the render thread's: a note is stamped when its thread runs."""
SCAN_S = 1.0
RETRY_S = 10.0
LOOK_S = 3.0
COARSE_STAMPS = "win32"
"""WinMM counts milliseconds; the time at which its thread runs is better."""


def _rtmidi() -> Any:  # noqa: ANN401 (a module without types)
    try:
        import rtmidi
    except ImportError as error:
        raise MidiError(f"MIDI inputs are not available: {error}.") from None
    return rtmidi


def open_system() -> tuple[Any, int]:
    """The rtmidi module and the first of its APIs, JACK's aside, that works here. Raises MidiError where none does."""
    rtmidi = _rtmidi()
    for api in rtmidi.get_compiled_api():
        if api == rtmidi.API_UNIX_JACK:
            continue
        with contextlib.suppress(rtmidi.RtMidiError, OSError):
            rtmidi.MidiIn(api, name=f"{CLIENT_NAME} probe").delete()
            return rtmidi, api
    raise MidiError("this machine has no MIDI system that answers (ALSA sequencer, JACK); MIDI keyboards cannot be heard.")


def input_names() -> list[str]:
    """Names of the MIDI inputs there are now. Raises MidiError without a MIDI system."""
    names: list[str] = []
    with contextlib.suppress(OSError):
        client = JackClient(sound=False, midi=False)
        names = [name for name, _ in client.sources()]
        client.close()
        with contextlib.suppress(MidiError):
            names += _system_names()
        return names
    return _system_names()


def _system_names() -> list[str]:
    rtmidi, api = open_system()
    scanner = rtmidi.MidiIn(api, name=f"{CLIENT_NAME} list")
    try:
        return list(scanner.get_ports())
    finally:
        scanner.delete()


class SystemInputs:
    """The wanted inputs of the system's MIDI, each on a thread of rtmidi's. One thread calls `look` and `close`."""

    def __init__(
        self, is_wanted: Callable[[str], bool], virtual: bool, on_message: Callable[[bytes, float, str], None]
    ) -> None:
        self._is_wanted = is_wanted
        self._virtual = virtual and sys.platform != "win32"
        self._on_message = on_message
        self._open: dict[str, Any] = {}
        self._virtual_port: Any = None
        self._scanner: Any = None
        self._rtmidi: Any = None
        self._api = 0
        self._hurried: set[int] = set()
        self._retry_at = 0.0
        self._problem = ""

    def look(self, hardware: bool) -> tuple[str, ...]:
        """Open inputs that are new (`hardware`: others see to them already), and name those that are open.

        Raises MidiError where there is no MIDI system; it is looked for again from time to time.
        """
        if self._scanner is None:
            self._begin()
        try:
            return self._scan(hardware)
        except (self._rtmidi.RtMidiError, OSError) as error:
            self.close()
            self._retry_at = time.monotonic() + RETRY_S
            self._problem = f"the MIDI system failed ({error}); looking for it again."
            raise MidiError(self._problem) from None

    def _begin(self) -> None:
        if time.monotonic() < self._retry_at:
            raise MidiError(self._problem)
        try:
            self._rtmidi, self._api = open_system()
        except MidiError as error:
            self._retry_at, self._problem = time.monotonic() + RETRY_S, str(error)
            raise
        self._scanner = self._rtmidi.MidiIn(self._api, name=f"{CLIENT_NAME} scan")
        if self._virtual:
            self._virtual_port = self._listen(self._rtmidi.MidiIn(self._api, name=CLIENT_NAME), CLIENT_NAME)
            self._virtual_port.open_virtual_port(CLIENT_NAME)

    def close(self) -> None:
        """Close all inputs."""
        for port in [*self._open.values(), self._virtual_port, self._scanner]:
            if port is not None:
                port.close_port()
                port.delete()
        self._open, self._virtual_port, self._scanner = {}, None, None

    def _scan(self, hardware: bool) -> tuple[str, ...]:
        there = [] if hardware else [name for name in self._scanner.get_ports() if self._is_wanted(name)]
        for name in self._open.keys() - set(there):
            port = self._open.pop(name)
            port.close_port()
            port.delete()
        for name in dict.fromkeys(there):
            if name in self._open:
                continue
            with contextlib.suppress(self._rtmidi.RtMidiError, OSError, ValueError):
                port = self._listen(self._rtmidi.MidiIn(self._api, name=CLIENT_NAME), device_of(name))
                port.open_port(port.get_ports().index(name), name="input")
                self._open[name] = port
        return tuple(self._open)

    def _listen(self, port: Any, source: str) -> Any:  # noqa: ANN401
        stamps = None if sys.platform == COARSE_STAMPS else Stamps()

        def received(event: tuple[list[int], float], _: object = None) -> None:
            now = time.monotonic()
            if (thread := threading.get_native_id()) not in self._hurried:
                self._hurried.add(thread)  # not a threading.local: rtmidi's threads get a new one with each message
                hurry_this_thread(MIDI_PRIORITY)
            self._on_message(bytes(event[0]), stamps.time_of(event[1], now) if stamps else now, source)

        port.set_callback(received)
        return port


class MidiInputs:
    """Keeps the wanted inputs open, and a virtual port where the system can; a thread of its own looks for them.

    `wanted` are parts of names; None opens all. rtmidi's threads call `on_message(message, time, device)`; `jack.events` is
    for the render thread; `on_change(names)` tells that the open inputs changed, `on_problem(sentence)` once that there is
    no MIDI.
    """

    def __init__(
        self,
        wanted: tuple[str, ...] | None,
        virtual: bool,
        device: JackClient | None,
        on_message: Callable[[bytes, Moment, str], None],
        on_change: Callable[[tuple[str, ...]], None],
        on_problem: Callable[[str], None],
    ) -> None:
        self._wanted = wanted
        self._any = virtual or wanted != ()
        self.jack = JackInputs(device, self._is_wanted)
        self._system = SystemInputs(self._is_wanted, virtual, on_message)
        self._on_change = on_change
        self._on_problem = on_problem
        self._names: tuple[str, ...] = ()
        self._told = ""
        self._closing = threading.Event()
        self._looked = threading.Event()
        self._thread = threading.Thread(target=self._run, name="midi", daemon=True)

    def start(self) -> None:
        """Open what there is, and go on looking. Returns after the first look, which may hold the interpreter for long."""
        if self._any:
            self._thread.start()
            self._looked.wait(LOOK_S)

    def close(self) -> None:
        """Close all inputs. A sound server that died may keep a port from closing, which is not waited for."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._look()
            self._looked.set()
            self._closing.wait(SCAN_S)
        self._system.close()
        self.jack.close()

    def _look(self) -> None:
        names = self.jack.look()
        try:
            names += self._system.look(self.jack.hardware)
        except MidiError as error:
            if not self.jack.running and str(error) != self._told:
                self._told = str(error)
                self._on_problem(self._told)
        if names != self._names:
            self._names = names
            self._on_change(names)

    def _is_wanted(self, name: str) -> bool:
        if CLIENT_NAME in name:
            return False
        return self._wanted is None or any(part.lower() in name.lower() for part in self._wanted)
