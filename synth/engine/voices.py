"""The voices: one slot a note, kept as arrays so that a block is computed for all of them at once.

A slot holds at most one note within a chunk: a stolen note fades out in its own slot while the new one starts in another. So
there are several times more slots than the polyphony, and only those that sound cost anything.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.engine import envelope
from synth.engine.cursor import ONCE, Mode, Start
from synth.engine.fingers import Fingers
from synth.engine.grains import Grains
from synth.engine.pitch import Glides
from synth.engine.seams import Seam

Floats = NDArray[np.float64]
Slots = NDArray[np.intp]

SLOTS_PER_VOICE = 4
KILL_SECONDS = 0.005
OWN_END_FADE, OWN_END_SHARE = 0.05, 0.25
"""Seconds over which a voice fades where the instrument's own release ends, and the most of that release it may take."""
START_STEP = 0.5 * (np.sqrt(5.0) - 1.0)
"""Cycles from one copy's start to the next one's: the golden section, so that few partials of any few copies meet."""
NEVER = np.inf
NONE = -1


@dataclass(frozen=True)
class Shape:
    """Envelope of a new note: times in s, sustain and peak gain as amplitudes."""

    attack: float
    decay: float
    sustain: float
    release: float
    gain: float


@dataclass(frozen=True)
class Key:
    """What was played: MIDI note number, its pitch (in a tuning another one), velocity in (0, 1], channel."""

    note: float
    pitch: float
    velocity: float
    channel: int
    copy: int = 0
    """Number of this voice among those that play the note in unison"""
    spread: float = 0.0
    """Its place among them, -1..1"""


class OwnLoops:
    """What the sounds of `count` voices bring with them, for a hand that moves loops: see synth.engine.loops."""

    def __init__(self, count: int) -> None:
        self.own = np.zeros((3, count))
        """Start, end and crossfade in s of the loop that a sound has where the player has set none"""
        self.period = np.zeros(count)
        """Of the root in s; 0 where a loop's length need not keep to periods"""
        self.stale = False
        """Whether the player's loop may be another than the voices'"""


class Voices:
    """Frames are absolute and fractional; slots whose `end` has passed are free."""

    def __init__(self, polyphony: int, rate: float) -> None:
        count = polyphony * SLOTS_PER_VOICE
        self.polyphony = polyphony
        self.rate = rate
        self.started = 0
        self.refused = 0
        self.onset = np.full(count, NEVER)
        self.released = np.full(count, NEVER)
        self.killed = np.full(count, NEVER)
        self.end = np.full(count, -NEVER)
        self.note = np.zeros(count)
        self.pitch = np.zeros(count)
        """MIDI note number that a key is tuned to"""
        self.velocity = np.zeros(count)
        self.channel = np.zeros(count, np.intp)
        self.attack = np.zeros(count)
        self.decay = np.ones(count)
        self.sustain = np.ones(count)
        self.release_time = np.ones(count)
        self.release_level = np.ones(count)
        self.gain = np.zeros(count)
        self.pedalled = np.zeros(count, bool)
        self.sostenuto = np.zeros(count, bool)
        """Whether the sostenuto pedal holds it"""
        self.pressure = np.zeros(count)
        """Of the key, 0..1"""
        self.own_release = np.zeros(count, bool)
        self.audition = np.zeros(count, bool)
        """Whether it is no note but an audition, which no key holds"""
        self.copy = np.zeros(count, np.intp)
        self.spread = np.zeros(count)
        self.glides, self.retunes = Glides(count), Glides(count)
        self.order = np.zeros(count, np.int64)
        # where the cursor and the oscillator are at the next chunk's start (function time in s, cycles), and how fast they go
        self.travelled = np.zeros(count)
        self.phase = np.zeros(count)
        self.continues = np.full(count, NONE)
        """Slot whose phase a new voice takes over"""
        self.vibrato_phase, self.vibrato_hz = np.zeros((2, count))
        self.pace = np.zeros(count)
        self.speed = np.zeros(count)
        self.hz = np.zeros(count)
        self.factor = np.ones(count, np.intp)
        self.duration = np.ones(count)
        self.mode = np.full(count, Mode.ONE_SHOT, np.intp)
        self.seam_start, self.seam_end, self.seam_fade = np.zeros((3, count))
        self.loops = OwnLoops(count)
        self.inside = np.zeros(count, bool)
        self.grains = Grains(np.zeros((2, count)), np.zeros(count), np.zeros(count, np.intp), np.zeros(count, bool))
        self.grain_seconds = np.ones(count)
        self.fingers = Fingers(count)

    def keys(self, slots: Slots, borders: Floats) -> Floats:
        """Pitches [Q + 1, V] (MIDI notes) of the keys that voices play at the chunk's borders [Q + 1, 1], gliding, not bent."""
        if self.fingers.used:
            return self.fingers.keys[:, slots]
        return self.pitch[slots] + self.glides.at(slots, borders)

    def bends(self, slots: Slots, wheels: Floats) -> Floats:
        """Bends [Q + 1, V] in semitones; `wheels` as controls.Motion has them."""
        own = self.fingers.bends[:, slots] if self.fingers.used else wheels[:, self.channel[slots]]
        bends: Floats = own + wheels[:, -1:]
        return bends

    def retuned(self, slots: Slots, borders: Floats) -> Floats | float:
        """Semitones [Q + 1, V] that voices are away from pitches of a tuning that came while they sounded."""
        return self.retunes.at(slots, borders) if self.retunes.interval[slots].any() else 0.0

    def alive(self, frame: float) -> Slots:
        """Slots that sound at `frame` or later, in the order in which their notes began."""
        slots = np.flatnonzero(self.end > frame)
        return slots[np.argsort(self.order[slots])]

    def start(self, frame: float, chunk_start: float, key: Key, shape: Shape, beside: bool = False) -> int | None:
        """Begin a note at `frame`, stealing a voice where all sound, or an audition `beside` all notes. Returns its slot.

        None, and counted, where not one slot is free since `chunk_start`: more notes in one chunk than anyone can hear.
        """
        free = np.flatnonzero(self.end <= chunk_start)
        if len(free) == 0:
            self.refused += 1
            return None
        before = self._struck_again(frame, key)
        if not beside:
            self._steal(frame)
        slot = int(free[0])
        self.started += 1
        self.order[slot] = self.started
        self.onset[slot] = frame
        self.released[slot] = self.killed[slot] = self.end[slot] = NEVER
        self.note[slot], self.pitch[slot], self.channel[slot] = key.note, key.pitch, key.channel
        self.velocity[slot] = key.velocity
        self.attack[slot], self.decay[slot], self.sustain[slot] = shape.attack, shape.decay, shape.sustain
        self.release_time[slot], self.gain[slot], self.release_level[slot] = shape.release, shape.gain, 1.0
        self.pedalled[slot] = self.sostenuto[slot] = self.own_release[slot] = False
        self.audition[slot] = beside
        self.pressure[slot] = 0.0
        self.fingers.strike(slot)
        self.factor[slot] = 1
        self.copy[slot], self.spread[slot] = key.copy, key.spread
        self.continues[slot] = NONE if before is None else before
        self.retunes.interval[slot] = 0.0
        self.travelled[slot] = self.vibrato_hz[slot] = 0.0
        self.phase[slot] = START_STEP * key.copy % 1.0
        self.vibrato_phase[slot] = START_STEP * self.started % 1.0
        return slot

    def _struck_again(self, frame: float, key: Key) -> int | None:
        """The slot in which the same copy of the same key sounds still, the newest of them."""
        same = (self.end > frame) & (self.note == key.note) & (self.channel == key.channel) & (self.copy == key.copy)
        slots = np.flatnonzero(same)
        return int(slots[self.order[slots].argmax()]) if len(slots) else None

    def set_cursor(self, slot: int, start: Start, own: Seam, duration: float, grain: float, period: float) -> None:
        """Begin a slot's cursor; the function lasts `duration` s, a grain `grain` s. `own`, `period`: see OwnLoops."""
        self.mode[slot], self.travelled[slot], self.inside[slot] = start.mode, start.place, start.inside
        self.seam_start[slot], self.seam_end[slot], self.seam_fade[slot] = start.seam.start, start.seam.end, start.seam.fade
        self.loops.own[:, slot], self.loops.period[slot] = (own.start, own.end, own.fade), period
        self.duration[slot], self.grain_seconds[slot] = duration, grain
        self.grains.begin(slot)

    def rewind(self, seconds: float) -> None:
        """Set all cursors and oscillators back to where they were so many seconds ago, at the speed they have."""
        self.travelled -= self.pace * seconds
        self.phase -= self.hz * seconds
        self.vibrato_phase -= self.vibrato_hz * seconds
        self.grains.time -= self.speed * seconds
        self.grains.place -= 2.0 * seconds / self.grain_seconds

    def over(self, frame: float) -> Slots:
        """Slots whose function has come to its end, forwards or backwards, but that are not free at `frame`."""
        ended = np.where(self.pace < 0.0, self.travelled <= 0.0, self.travelled >= self.duration) & (self.pace != 0.0)
        return np.flatnonzero(ended & np.isin(self.mode, ONCE) & (self.end > frame) & (self.onset < frame))

    def release(self, slots: Slots, frame: float, own: float = 0.0) -> None:
        """Let notes go at `frame` (those already released stay as they are).

        `own` is how long in s the instrument dies away by itself; 0: the envelope lets the notes die away.
        """
        slots = slots[np.isinf(self.released[slots])]
        moment = np.maximum(frame, self.onset[slots])
        self.release_level[slots] = self._held(slots, moment)
        self.fingers.stale = True
        self.own_release[slots] = own > 0.0
        if own > 0.0:
            self.release_time[slots] = own
        self.released[slots] = moment
        self.end[slots] = np.minimum(self.end[slots], moment + self.release_time[slots] * self.rate)

    def kill(self, slots: Slots, frame: float) -> None:
        """Fade notes out within KILL_SECONDS from `frame`."""
        slots = slots[np.isinf(self.killed[slots])]
        self.killed[slots] = frame
        self.end[slots] = np.minimum(self.end[slots], frame + KILL_SECONDS * self.rate)

    def held(self, frame: float, note: float | None = None, channel: int | None = None) -> Slots:
        """Slots not yet released at `frame`, of a note and channel if these are given."""
        chosen = self.sounding(frame) & np.isinf(self.released)
        if note is not None:
            chosen &= self.note == note
        if channel is not None:
            chosen &= self.channel == channel
        return np.flatnonzero(chosen)

    def gains(self, slots: Slots, frames: Floats) -> Floats:
        """Envelope times peak gain [V, N] of `slots` at absolute `frames` [N]."""

        def column(values: Floats) -> Floats:
            return values[slots, None]

        seconds = (frames - column(self.onset)) / self.rate
        level = envelope.held_gain(seconds, column(self.attack), column(self.decay), column(self.sustain))
        done = np.flatnonzero(np.isfinite(self.released[slots]))
        if len(done):
            chosen = slots[done]
            since = (frames - self.released[chosen, None]) / self.rate
            seconds = self.release_time[chosen, None]
            falling = self.release_level[chosen, None] * envelope.release_gain(since, seconds)
            fade = np.minimum(OWN_END_FADE, OWN_END_SHARE * seconds)
            left = level[done] * envelope.fade_gain((since - seconds) / fade + 1.0)
            level[done] = np.where(since < 0.0, level[done], np.where(self.own_release[chosen, None], left, falling))
        dying = np.flatnonzero(np.isfinite(self.killed[slots]))
        if len(dying):
            level[dying] *= envelope.fade_gain((frames - self.killed[slots[dying], None]) / (KILL_SECONDS * self.rate))
        return level * column(self.gain)

    def _held(self, slots: Slots, frames: Floats) -> Floats:
        seconds = (frames - self.onset[slots]) / self.rate
        return envelope.held_gain(seconds, self.attack[slots], self.decay[slots], self.sustain[slots])

    def sounding(self, frame: float) -> NDArray[np.bool_]:
        """Which slots [N] hold a voice that sounds and was not killed; auditions do not count."""
        return np.asarray((self.end > frame) & np.isinf(self.killed) & ~self.audition)

    def expendable(self, frame: float) -> int | None:
        """The slot that is missed least: the quietest released one, else the one held longest; None where no voice sounds."""
        sounding = np.flatnonzero(self.sounding(frame))
        if len(sounding) == 0:
            return None
        released = sounding[np.isfinite(self.released[sounding])]
        if len(released) == 0:
            return int(sounding[self.order[sounding].argmin()])
        since = (frame - self.released[released]) / self.rate
        level = self.release_level[released] * envelope.release_gain(since, self.release_time[released])
        return int(released[(level * self.gain[released]).argmin()])

    def _steal(self, frame: float) -> None:
        victim = self.expendable(frame) if self.sounding(frame).sum() >= self.polyphony else None
        if victim is not None:
            self.kill(np.array([victim]), frame)
