"""MIDI through JACK: each event with the frame at which JACK has it, and no Python in JACK's own thread.

Where the sound goes through JACK too, its client serves: then a frame of an event is a frame of the device, exactly. Else a
client for MIDI alone is kept as long as a server runs, and its frames become times by a clock of its own.
"""

import time
from collections.abc import Callable

from synth.audio.clock import DeviceFrame, Moment, StreamClock
from synth.audio.jack import JackClient
from synth.device_names import device_of

RETRY_S = 10.0
"""Asking for a server that is not there takes some milliseconds."""


class JackInputs:
    """Connects the wanted sources to our MIDI inputs, one each. `look` belongs to one thread, `events` to the render thread."""

    def __init__(self, device: JackClient | None, is_wanted: Callable[[str], bool]) -> None:
        """`device` is the client of the sound, where that goes through JACK."""
        self._device = device
        self._is_wanted = is_wanted
        self._client: JackClient | None = device
        self._clock: StreamClock | None = None
        self._retry_at = 0.0
        self._known: frozenset[str] = frozenset()
        self._devices: tuple[str, ...] = ()
        """Which device each input of ours hears; empty: none, or several"""
        self.hardware = False
        """Whether JACK shows hardware inputs: then the system's own need not be opened beside it."""

    @property
    def running(self) -> bool:
        """Whether a server is there."""
        return self._client is not None

    def look(self) -> tuple[str, ...]:
        """Connect sources that are new, and name those that are open. A source that was unplugged by hand stays so."""
        if self._client is None and self._device is None and time.monotonic() >= self._retry_at:
            self._client, self._retry_at = self._open(), time.monotonic() + RETRY_S
        client = self._client
        if client is None or not client.midi_inputs:
            return ()
        if not client.alive:
            self._known, self.hardware = frozenset(), False
            if self._device is None:
                self._client = None
                client.close()
            return ()
        return self._connect(client)

    def _open(self) -> JackClient | None:
        try:
            client = JackClient(sound=False, midi=True)
            client.start()
        except OSError:
            return None
        self._clock = StreamClock(client.rate)
        return client

    def _connect(self, client: JackClient) -> tuple[str, ...]:
        ports = client.sources()
        self.hardware = any(physical for _, physical in ports)
        there = [name for name, _ in ports if self._is_wanted(name)]
        for name in there:
            if name not in self._known:
                client.connect(name)
        self._known = frozenset(there)
        self._devices = tuple(device_of(source) for source in client.only_sources())
        return tuple(there)

    def events(self) -> list[tuple[bytes, Moment, str]]:
        """Messages that came since, each with its moment (the device's frame, or a monotonic time in s) and its device."""
        client, clock = self._client, self._clock
        if client is None:
            return []
        moment: Callable[[int], Moment] = DeviceFrame
        if client is not self._device:
            if clock is None or (cycle := client.process.cycle()) is None:
                return []
            clock.observe(cycle.time, cycle.frame)
            moment = clock.time_of
        return [(message, moment(frame), self._heard(number)) for frame, message, number in client.process.events()]

    def _heard(self, number: int) -> str:
        devices = self._devices
        return devices[number] if number < len(devices) else ""

    def close(self) -> None:
        """Leave the server, unless the sound still needs it."""
        if self._client is not None and self._client is not self._device:
            self._client.close()
        self._client = None
