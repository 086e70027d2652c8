"""MIDI inputs of the machine: opened by name, looked for again and again, and never a reason to stop.

rtmidi's traps: its constructor raises an error of its own where there is no ALSA sequencer or no JACK server; asked for any
API it tries ALSA alone; without libasound it cannot even be imported.
"""

import contextlib
import sys
import threading
from collections.abc import Callable
from typing import Any

from sirenade.errors import MidiError
from synth.audio.priority import hurry_this_thread

CLIENT = "Sirenade"
MIDI_PRIORITY = 2
"""Below the render thread's: a note is stamped when its thread runs."""
SCAN_S = 1.0
RETRY_S = 10.0
LOOK_S = 3.0


def _rtmidi() -> Any:  # noqa: ANN401 (a module without types)
    try:
        import rtmidi
    except ImportError as error:
        raise MidiError(f"MIDI inputs are not available: {error}.") from None
    return rtmidi


def open_system() -> tuple[Any, int]:
    """The rtmidi module and the first of its APIs that works here (ALSA before JACK). Raises MidiError where none does."""
    rtmidi = _rtmidi()
    for api in rtmidi.get_compiled_api():
        with contextlib.suppress(rtmidi.RtMidiError, OSError):
            rtmidi.MidiIn(api, name=f"{CLIENT} probe").delete()
            return rtmidi, api
    raise MidiError("this machine has no MIDI system that answers (ALSA sequencer, JACK); MIDI keyboards cannot be heard.")


def input_names() -> list[str]:
    """Names of the MIDI inputs there are now. Raises MidiError without a MIDI system."""
    rtmidi, api = open_system()
    scanner = rtmidi.MidiIn(api, name=f"{CLIENT} list")
    try:
        return list(scanner.get_ports())
    finally:
        scanner.delete()


class MidiInputs:
    """Keeps the wanted inputs open on threads of their own, and a virtual port where the system can.

    `wanted` are parts of names; None opens all. `on_message(bytes)` is called one message at a time; `on_change(names)`
    when the open inputs changed; `on_problem(sentence)` once where there is no MIDI system.
    """

    def __init__(
        self,
        wanted: tuple[str, ...] | None,
        virtual: bool,
        on_message: Callable[[bytes], None],
        on_change: Callable[[tuple[str, ...]], None],
        on_problem: Callable[[str], None],
    ) -> None:
        self.events = 0
        """Messages received."""
        self._wanted = wanted
        self._virtual = virtual and sys.platform != "win32"
        self._on_message = on_message
        self._on_change = on_change
        self._on_problem = on_problem
        self._open: dict[str, Any] = {}
        self._virtual_port: Any = None
        self._hurried: set[int] = set()
        self._one_at_a_time = threading.Lock()
        self._closing = threading.Event()
        self._looked = threading.Event()
        self._thread = threading.Thread(target=self._run, name="midi", daemon=True)

    def start(self) -> None:
        """Open what there is, and go on looking. Returns after the first look, which may hold the interpreter for long."""
        if self._wanted != () or self._virtual:
            self._thread.start()
            self._looked.wait(LOOK_S)

    def close(self) -> None:
        """Close all inputs. A sound server that died may keep a port from closing, which is not waited for."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def _run(self) -> None:
        told = False
        while not self._closing.is_set():
            try:
                rtmidi, api = open_system()
            except MidiError as error:
                if not told:
                    self._on_problem(str(error))
                told = True
                self._looked.set()
                self._closing.wait(RETRY_S)
                continue
            self._look_after(rtmidi, api)

    def _look_after(self, rtmidi: Any, api: int) -> None:  # noqa: ANN401
        scanner = None
        try:
            scanner = rtmidi.MidiIn(api, name=f"{CLIENT} scan")
            if self._virtual:
                self._virtual_port = self._listen(rtmidi.MidiIn(api, name=CLIENT))
                self._virtual_port.open_virtual_port(CLIENT)
            while True:
                self._scan(rtmidi, api, scanner)
                self._looked.set()
                if self._closing.wait(SCAN_S):
                    break
        except (rtmidi.RtMidiError, OSError) as error:
            self._on_problem(f"the MIDI system failed ({error}); looking for it again.")
            self._closing.wait(RETRY_S)
        finally:
            for port in [*self._open.values(), self._virtual_port, scanner]:
                if port is not None:
                    port.close_port()
                    port.delete()
            self._open, self._virtual_port = {}, None

    def _scan(self, rtmidi: Any, api: int, scanner: Any) -> None:  # noqa: ANN401
        there = [name for name in scanner.get_ports() if self._is_wanted(name)]
        gone = self._open.keys() - set(there)
        new = [name for name in dict.fromkeys(there) if name not in self._open]
        for name in gone:
            port = self._open.pop(name)
            port.close_port()
            port.delete()
        for name in new:
            with contextlib.suppress(rtmidi.RtMidiError, OSError, ValueError):
                port = self._listen(rtmidi.MidiIn(api, name=CLIENT))
                port.open_port(port.get_ports().index(name), name="input")
                self._open[name] = port
        if gone or any(name in self._open for name in new):
            self._on_change(tuple(self._open))

    def _is_wanted(self, name: str) -> bool:
        if CLIENT in name:
            return False
        return self._wanted is None or any(part.lower() in name.lower() for part in self._wanted)

    def _listen(self, port: Any) -> Any:  # noqa: ANN401
        def received(event: tuple[list[int], float], _: object = None) -> None:
            if (thread := threading.get_native_id()) not in self._hurried:
                self._hurried.add(thread)  # not a threading.local: rtmidi's threads get a new one with each message
                hurry_this_thread(MIDI_PRIORITY)
            with self._one_at_a_time:
                self.events += 1
                self._on_message(bytes(event[0]))

        port.set_callback(received)
        return port
