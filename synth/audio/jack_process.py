"""JACK's process callback as machine code: sound out, MIDI in, and the clock, without the interpreter and its lock.

A callback in Python would make the whole JACK graph wait for the interpreter. This one is written in LLVM's language, compiled
once, and works on one block of memory that Python shares with it: a ring of frames, a ring of MIDI events, and a record of the
last cycle. In each cycle it first takes the MIDI events (so that an event is there before the frames of its cycle are gone),
then the frames, then it notes when that was: JACK frame, monotonic time, frames taken before.

Each word has one writer. Counters only grow and are stored after what they count, with release order.
"""

import ctypes
from functools import cache

import llvmlite.binding as llvm
import numpy as np

from synth.audio.driver import CHANNELS, Block

RING_FRAMES = 1 << 16
RING_EVENTS = 1 << 10
EVENT_BYTES = 7
"""Longest MIDI message that is kept; of longer ones (system exclusive, which means nothing here) only the beginning."""
_EVENT_WORDS = 2
_TRIES = 8

# Words of the shared memory, by cache line: set once, Python's frames, the callback's, its events, Python's, the last cycle;
# then the MIDI inputs, which only become more.
CLIENT, LEFT, RIGHT, FRAMES_AT, EVENTS_AT, TARGET = range(6)
WRITTEN = 8
TAKEN, ARMED, DRY, FRAME, PERIOD = range(16, 21)
EVENTS_WRITTEN, EVENTS_LOST = range(24, 26)
EVENTS_READ = 32
VERSION, SEEN_NS, SEEN_FRAME, SEEN_TAKEN, SEEN_ARMED = range(40, 45)
MIDI = 48
MIDI_INPUTS = 16
WORDS = MIDI + MIDI_INPUTS
_SIZE_BITS = 3
"""Of the byte that holds a message's size, and above it the number of its input"""

_JACK_FUNCTIONS = ("jack_last_frame_time", "jack_port_get_buffer", "jack_midi_get_event_count", "jack_midi_event_get")

_PROCESS = f"""
%timespec = type {{ i64, i64 }}
%midi_event = type {{ i32, i64, ptr }}
declare i32 @jack_last_frame_time(ptr)
declare ptr @jack_port_get_buffer(ptr, i32)
declare i32 @jack_midi_get_event_count(ptr)
declare i32 @jack_midi_event_get(ptr, ptr, i32)
declare i32 @clock_gettime(i32, ptr)
declare i64 @llvm.umin.i64(i64, i64)

define i32 @process(i32 %n, ptr %words) {{
entry:
  %now = alloca %timespec
  %event = alloca %midi_event
  %n64 = zext i32 %n to i64
  %client_at = getelementptr i64, ptr %words, i64 {CLIENT}
  %client = load ptr, ptr %client_at
  %period_at = getelementptr i64, ptr %words, i64 {PERIOD}
  store i64 %n64, ptr %period_at
  ; JACK counts frames in 32 bits; we go on counting in 64
  %frame_at = getelementptr i64, ptr %words, i64 {FRAME}
  %frame_before = load i64, ptr %frame_at
  %before32 = trunc i64 %frame_before to i32
  %last32 = call i32 @jack_last_frame_time(ptr %client)
  %step32 = sub i32 %last32, %before32
  %step = zext i32 %step32 to i64
  %frame = add i64 %frame_before, %step
  store i64 %frame, ptr %frame_at
  %unused = call i32 @clock_gettime(i32 1, ptr %now)
  br label %each_input

each_input:
  %input = phi i64 [ 0, %entry ], [ %next_input, %input_done ]
  %inputs_left = icmp ult i64 %input, {MIDI_INPUTS}
  br i1 %inputs_left, label %one_input, label %sound

one_input:
  %next_input = add i64 %input, 1
  %input_word = add i64 %input, {MIDI}
  %midi_at = getelementptr i64, ptr %words, i64 %input_word
  %midi = load ptr, ptr %midi_at
  %has_midi = icmp ne ptr %midi, null
  br i1 %has_midi, label %events, label %sound

events:
  %events_at = getelementptr i64, ptr %words, i64 {EVENTS_AT}
  %events_base = load ptr, ptr %events_at
  %events_written_at = getelementptr i64, ptr %words, i64 {EVENTS_WRITTEN}
  %events_read_at = getelementptr i64, ptr %words, i64 {EVENTS_READ}
  %lost_at = getelementptr i64, ptr %words, i64 {EVENTS_LOST}
  %midi_buffer = call ptr @jack_port_get_buffer(ptr %midi, i32 %n)
  %count = call i32 @jack_midi_get_event_count(ptr %midi_buffer)
  br label %each_event

each_event:
  %index = phi i32 [ 0, %events ], [ %next_index, %event_done ]
  %more = icmp ult i32 %index, %count
  br i1 %more, label %one_event, label %input_done

one_event:
  %next_index = add i32 %index, 1
  %failed = call i32 @jack_midi_event_get(ptr %event, ptr %midi_buffer, i32 %index)
  %got = icmp eq i32 %failed, 0
  br i1 %got, label %room, label %event_done

room:
  %events_written = load i64, ptr %events_written_at
  %events_read = load atomic i64, ptr %events_read_at acquire, align 8
  %waiting = sub i64 %events_written, %events_read
  %fits = icmp ult i64 %waiting, {RING_EVENTS}
  br i1 %fits, label %keep, label %lose

lose:
  %lost = load i64, ptr %lost_at
  %lost_more = add i64 %lost, 1
  store i64 %lost_more, ptr %lost_at
  br label %event_done

keep:
  %offset32 = load i32, ptr %event
  %offset = zext i32 %offset32 to i64
  %event_frame = add i64 %frame, %offset
  %size_at = getelementptr %midi_event, ptr %event, i32 0, i32 1
  %size = load i64, ptr %size_at
  %data_at = getelementptr %midi_event, ptr %event, i32 0, i32 2
  %data = load ptr, ptr %data_at
  %kept = call i64 @llvm.umin.i64(i64 %size, i64 {EVENT_BYTES})
  %input_above = shl i64 %input, {_SIZE_BITS}
  %kept_from = or i64 %kept, %input_above
  %kept8 = trunc i64 %kept_from to i8
  %slot = and i64 %events_written, {RING_EVENTS - 1}
  %word = mul i64 %slot, {_EVENT_WORDS}
  %record = getelementptr i64, ptr %events_base, i64 %word
  store i64 %event_frame, ptr %record
  %kept_at = getelementptr i8, ptr %record, i64 8
  store i8 %kept8, ptr %kept_at
  br label %each_byte

each_byte:
  %byte = phi i64 [ 0, %keep ], [ %next_byte, %one_byte ]
  %bytes_left = icmp ult i64 %byte, %kept
  br i1 %bytes_left, label %one_byte, label %kept_event

one_byte:
  %next_byte = add i64 %byte, 1
  %from = getelementptr i8, ptr %data, i64 %byte
  %to = getelementptr i8, ptr %kept_at, i64 %next_byte
  %value = load i8, ptr %from
  store i8 %value, ptr %to
  br label %each_byte

kept_event:
  %events_more = add i64 %events_written, 1
  store atomic i64 %events_more, ptr %events_written_at release, align 8
  br label %event_done

event_done:
  br label %each_event

input_done:
  br label %each_input

sound:
  %left_at = getelementptr i64, ptr %words, i64 {LEFT}
  %right_at = getelementptr i64, ptr %words, i64 {RIGHT}
  %left_port = load ptr, ptr %left_at
  %right_port = load ptr, ptr %right_at
  %taken_at = getelementptr i64, ptr %words, i64 {TAKEN}
  %armed_at = getelementptr i64, ptr %words, i64 {ARMED}
  %taken = load i64, ptr %taken_at
  %has_sound = icmp ne ptr %left_port, null
  br i1 %has_sound, label %look, label %note

look:
  %left = call ptr @jack_port_get_buffer(ptr %left_port, i32 %n)
  %right = call ptr @jack_port_get_buffer(ptr %right_port, i32 %n)
  %frames_at = getelementptr i64, ptr %words, i64 {FRAMES_AT}
  %frames_base = load ptr, ptr %frames_at
  %written_at = getelementptr i64, ptr %words, i64 {WRITTEN}
  %written = load atomic i64, ptr %written_at acquire, align 8
  %target_at = getelementptr i64, ptr %words, i64 {TARGET}
  %target = load i64, ptr %target_at
  %queued = sub i64 %written, %taken
  %armed_before = load i64, ptr %armed_at
  %was_armed = icmp ne i64 %armed_before, 0
  %filled = icmp uge i64 %queued, %target
  %armed = or i1 %was_armed, %filled
  %playable = call i64 @llvm.umin.i64(i64 %queued, i64 %n64)
  %played = select i1 %armed, i64 %playable, i64 0
  %whole = icmp eq i64 %played, %n64
  %dry = icmp ult i64 %played, %n64
  %ran_dry = and i1 %armed, %dry
  %armed_after = and i1 %armed, %whole
  %armed_word = zext i1 %armed_after to i64
  store i64 %armed_word, ptr %armed_at
  %dry_at = getelementptr i64, ptr %words, i64 {DRY}
  %dry_before = load i64, ptr %dry_at
  %dry_more = zext i1 %ran_dry to i64
  %dry_now = add i64 %dry_before, %dry_more
  store i64 %dry_now, ptr %dry_at
  br label %each_frame

each_frame:
  %place = phi i64 [ 0, %look ], [ %next_place, %stored ]
  %place_left = icmp ult i64 %place, %n64
  br i1 %place_left, label %one_frame, label %sound_done

one_frame:
  %next_place = add i64 %place, 1
  %left_to = getelementptr float, ptr %left, i64 %place
  %right_to = getelementptr float, ptr %right, i64 %place
  %sounding = icmp ult i64 %place, %played
  br i1 %sounding, label %copy, label %silence

copy:
  %source = add i64 %taken, %place
  %wrapped = and i64 %source, {RING_FRAMES - 1}
  %sample = mul i64 %wrapped, {CHANNELS}
  %left_from = getelementptr float, ptr %frames_base, i64 %sample
  %right_from = getelementptr float, ptr %left_from, i64 1
  %left_value = load float, ptr %left_from
  %right_value = load float, ptr %right_from
  store float %left_value, ptr %left_to
  store float %right_value, ptr %right_to
  br label %stored

silence:
  store float 0.0, ptr %left_to
  store float 0.0, ptr %right_to
  br label %stored

stored:
  br label %each_frame

sound_done:
  %taken_more = add i64 %taken, %played
  store atomic i64 %taken_more, ptr %taken_at release, align 8
  br label %note

note:
  ; a record under a version: odd while it is written
  %armed_note = load i64, ptr %armed_at
  %version_at = getelementptr i64, ptr %words, i64 {VERSION}
  %version = load i64, ptr %version_at
  %odd = add i64 %version, 1
  %even = add i64 %version, 2
  store atomic i64 %odd, ptr %version_at seq_cst, align 8
  fence seq_cst
  %seconds = load i64, ptr %now
  %nanos_at = getelementptr %timespec, ptr %now, i32 0, i32 1
  %nanos = load i64, ptr %nanos_at
  %billions = mul i64 %seconds, 1000000000
  %ns = add i64 %billions, %nanos
  %seen_ns_at = getelementptr i64, ptr %words, i64 {SEEN_NS}
  %seen_frame_at = getelementptr i64, ptr %words, i64 {SEEN_FRAME}
  %seen_taken_at = getelementptr i64, ptr %words, i64 {SEEN_TAKEN}
  %seen_armed_at = getelementptr i64, ptr %words, i64 {SEEN_ARMED}
  store i64 %ns, ptr %seen_ns_at
  store i64 %frame, ptr %seen_frame_at
  store i64 %taken, ptr %seen_taken_at
  store i64 %armed_note, ptr %seen_armed_at
  store atomic i64 %even, ptr %version_at release, align 8
  ret i32 0
}}
"""


@cache
def _compiled() -> llvm.ExecutionEngine:
    """The compiled callback, once per process. Raises OSError without libjack."""
    library = ctypes.CDLL("libjack.so.0")
    for name in _JACK_FUNCTIONS:
        address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
        assert address is not None
        llvm.add_symbol(name, address)
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(opt=2)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(_PROCESS), machine)
    engine.finalize_object()
    return engine


def callback_address() -> int:
    """Address of `int process(jack_nframes_t, void *words)`. Raises OSError without libjack."""
    return int(_compiled().get_function_address("process"))


class Cycle:
    """What the callback noted of a JACK cycle."""

    __slots__ = ("armed", "frame", "taken", "time")

    def __init__(self, nanoseconds: int, frame: int, taken: int, armed: int) -> None:
        self.time = nanoseconds * 1e-9
        """When the callback ran (s, time.monotonic)."""
        self.frame = frame
        """JACK's frame at its beginning."""
        self.taken = taken
        """Frames of ours that were taken before it: the number of the first one that it took."""
        self.armed = bool(armed)
        """Whether it took whole: while our ring is dry, frames of ours and of JACK have nothing to do with each other."""


class Process:
    """Python's side of the shared memory. The render thread alone calls its methods."""

    def __init__(self) -> None:
        self._memory = np.zeros(WORDS, np.int64)
        self._frames = np.zeros((RING_FRAMES, CHANNELS), np.float32)
        self._events = np.zeros(RING_EVENTS * _EVENT_WORDS, np.int64)
        # views with the plain ints that a loop wants, not NumPy's
        self.words = self._memory.data
        self._event_bytes = self._events.view(np.uint8).data
        self._event_words = self._events.data
        self.words[FRAMES_AT] = self._frames.ctypes.data
        self.words[EVENTS_AT] = self._events.ctypes.data
        self._cycle: Cycle | None = None
        self._seen = 0

    @property
    def address(self) -> int:
        """What the callback gets as its argument."""
        return int(self._memory.ctypes.data)

    def queued(self) -> int:
        """Frames in the ring."""
        return self.words[WRITTEN] - self.words[TAKEN]

    def write(self, block: Block) -> None:
        """Put [n, 2] frames into the ring; what does not fit is cut off."""
        block = block[: RING_FRAMES - self.queued()]
        written = self.words[WRITTEN]
        start = written % RING_FRAMES
        first = min(len(block), RING_FRAMES - start)
        self._frames[start : start + first] = block[:first]
        self._frames[: len(block) - first] = block[first:]
        self.words[WRITTEN] = written + len(block)

    def events(self) -> list[tuple[int, bytes, int]]:
        """MIDI events that came since: JACK's frame, the message and the number of its input."""
        came = []
        read, written = self.words[EVENTS_READ], self.words[EVENTS_WRITTEN]
        for event in range(read, written):
            word = event % RING_EVENTS * _EVENT_WORDS
            number, size = divmod(self._event_bytes[8 * word + 8], 1 << _SIZE_BITS)
            came.append((self._event_words[word], bytes(self._event_bytes[8 * word + 9 : 8 * word + 9 + size]), number))
        self.words[EVENTS_READ] = written
        return came

    def cycle(self) -> Cycle | None:
        """The last cycle; None before the first."""
        for _ in range(_TRIES):
            version = self.words[VERSION]
            if version == self._seen:
                break
            values = self.words[SEEN_NS : SEEN_ARMED + 1].tolist()
            if version % 2 == 0 and version == self.words[VERSION]:
                self._cycle, self._seen = Cycle(*values), version
                break
        return self._cycle
