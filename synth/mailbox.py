"""All that reaches the engine, collected for the render thread: the client's ring, MIDI, OSC, and the newest controls."""

import queue
import time
from collections import deque
from collections.abc import Callable

from synth.audio.clock import DeviceFrame, Moment
from synth.commands import (
    Command,
    LoadInstrument,
    MapController,
    MovePad,
    NoteOn,
    OfInstrument,
    PitchBend,
    SetBendRange,
    SetInputRange,
    SetParameter,
    Setup,
)
from synth.midi.router import Router
from synth.notices import InputRange, ProgramChanged
from synth.protocol.folder import Link
from synth.protocol.requests import Reopen, Request, StartRecording, StartTake, StopRecording, StopTake
from synth.protocol.shared_block import MAX_PARAMETERS, PARAMETER_SLOTS
from synth.protocol.wire import Message, WireError, decode

Timed = tuple[Command, Moment | None]


class Mailbox:
    """See synth.audio.render_thread.Source. `drain` belongs to the render thread; the rest is for the host's other threads."""

    def __init__(self, link: Link) -> None:
        self.requests: queue.SimpleQueue[LoadInstrument | Request] = queue.SimpleQueue()
        """What the host has to do itself, in order."""
        self.router = Router()
        self.midi: deque[tuple[bytes, Moment, str]] = deque()
        """Messages of MIDI inputs that have threads of their own, with these inputs' names, appended by these threads."""
        self.look_for_midi: Callable[[], list[tuple[bytes, Moment, str]]] = list
        """Gives the messages of inputs that the render thread itself looks at."""
        self.midi_events = 0
        self.rate = 48000.0
        """Of the device whose frames are moments, in Hz."""
        self.ticked = 0.0
        """When the last tick of a MIDI clock came (s, monotonic)."""
        self.changes: queue.SimpleQueue[Setup | ProgramChanged | InputRange] = queue.SimpleQueue()
        """What others than the client have set up or asked for, for the host to tell it."""
        self.posted: deque[tuple[Command, float]] = deque()
        """Commands of other threads, with the times they are meant for."""
        self.loads_done = 0
        """How many LoadInstrument requests the host has finished, well or not."""
        self.has_instrument = False
        self.refused = 0
        self.pad_moves = 0
        """The client's count of pad moves up to the last one that arrived."""
        self._link = link
        self._loads_asked = 0
        self.moves: tuple[int, ...] = (0,) * MAX_PARAMETERS
        """The client's counts of changes by parameter slot."""
        self.seen = 0
        """Number of the last of the client's records that was handed out, and one."""
        self.waiting: list[Timed] = []
        """All that came while the first instrument is being loaded, in order."""
        self._in_order = True
        self.put_back: list[Timed] = []
        """What had been handed out but not carried out when the device changed; goes out first."""
        self._taken = 0
        self._held: list[Timed] = []
        """What is set of an instrument that is still being loaded."""
        self._version = 0

    def drain(self) -> list[Timed]:
        """Commands that came since, with the times they are meant for."""
        self._in_order = bool(self.waiting) or not self.has_instrument
        commands, self.waiting, self.put_back = self.put_back + self.waiting, [], []
        while (payload := self._link.commands.pop()) is not None:
            self._sort(payload, commands)
        if self._held and self._loads_asked == self.loads_done:
            commands += self._held
            self._held = []
        self._route_midi(commands)
        while self.posted:
            command, meant = self.posted.popleft()
            self._hand(command, meant, commands)
            if isinstance(command, Setup):
                self.changes.put(command)
        if self._link.block.controls.version != self._version:
            self._newest(commands)
        if self._in_order and self._loads_asked != self.loads_done:
            self.waiting = commands
            return []
        self.seen = self._taken
        if self.has_instrument:
            return commands
        # without an instrument they would all sound at once when one comes
        return [timed for timed in commands if not isinstance(timed[0], NoteOn)]

    def _route_midi(self, commands: list[Timed]) -> None:
        messages = self.look_for_midi()
        while self.midi:
            messages.append(self.midi.popleft())
        self.midi_events += len(messages)
        router, ticks = self.router, self.router.ticks
        for message, moment, source in messages:
            seconds = moment.number / self.rate if isinstance(moment, DeviceFrame) else moment
            for command in router.feed(message, seconds, source):
                commands.append((command, moment))
                if isinstance(command, Setup) and not (source and isinstance(command, SetBendRange)):
                    self.changes.put(command)
        if router.ticks != ticks:
            self.ticked = time.monotonic()
        while router.programs:
            self.changes.put(router.programs.popleft())
        while router.ranges.told:
            self.changes.put(router.ranges.told.popleft())

    def _sort(self, payload: bytes, commands: list[Timed]) -> None:
        try:
            record = decode(payload)
        except WireError:
            self.refused += 1
            return
        self._taken = record.sequence + 1
        self._hand(record.message, record.meant or None, commands)

    def _hand(self, message: Message, meant: float | None, commands: list[Timed]) -> None:
        match message:
            case LoadInstrument() | StartRecording() | StopRecording() | StartTake() | StopTake() | Reopen() as request:
                self._loads_asked += isinstance(request, LoadInstrument)
                self.requests.put(request)
            case MapController() | SetInputRange():
                self.router.see(message)
            case PitchBend(_, channel):
                commands += [(each, meant) for each in (*self.router.ranges.before("", channel), message)]
            case setting if isinstance(setting, OfInstrument) and self._loads_asked != self.loads_done and not self._in_order:
                self._held.append((setting, None))
            case command if isinstance(command, Command):
                self.router.see(command)
                commands.append((command, meant))
            case _:
                self.refused += 1

    def _newest(self, commands: list[Timed]) -> None:
        controls = self._link.block.controls
        self._version = controls.version
        fields = controls.read()
        if fields["pad_moves"] != self.pad_moves:
            self.pad_moves = fields["pad_moves"]
            self._newest_command(MovePad(fields["pad_x"], fields["pad_y"]), fields["pad_time"], commands)
        for name, slot in PARAMETER_SLOTS.items():
            if fields["moves"][slot] != self.moves[slot]:
                self._newest_command(SetParameter(name, fields["values"][slot]), fields["times"][slot], commands)
        self.moves = fields["moves"]

    def _newest_command(self, command: SetParameter | MovePad, meant: float, commands: list[Timed]) -> None:
        self.router.see(command)
        commands.append((command, meant or None))
