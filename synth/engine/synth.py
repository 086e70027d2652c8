"""The synthesizer: commands in, stereo frames out. No clock, no thread, no file, no device."""

import heapq
import itertools
from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth import commands
from synth.effects.chain import NAMES, Chain
from synth.engine import loops, oversampling
from synth.engine.anchors import anchors_of
from synth.engine.carry_out import carry_out
from synth.engine.controls import CHANNELS, Controls, Motion
from synth.engine.governor import Shed
from synth.engine.journal import Beginning, Eased, Entry, Journal, Opening
from synth.engine.keys import Keys, Stage
from synth.engine.limiter import Limiter
from synth.engine.pitch import LastNotes
from synth.engine.playable import Playable
from synth.engine.present import Present
from synth.engine.scene import pads_of
from synth.engine.sounding import Sounding
from synth.engine.travel import QUANTUM
from synth.engine.voices import Voices
from synth.parameters import OVERSAMPLING

CHUNK = 512
"""Most frames computed at once. Chunks end at multiples of it, so that what happens only there does not depend on the block."""
LATENCY = QUANTUM + oversampling.DELAY
"""Frames from a command's frame to its sound: the limiter's look-ahead and the oversampling filters' delay."""
WARM_UP = 2 * QUANTUM
"""Frames rendered and thrown away at a new rate, to fill what delays the sound: not less than LATENCY."""


@dataclass(frozen=True)
class SynthStatus:
    """What an observer may know: sounding voices, their notes, the pad, its corner anchors and the oversampling."""

    voices: int = 0
    notes: tuple[float, ...] = ()
    pad: tuple[float, float] = (0.5, 0.5)
    corners: tuple[int, ...] = ()
    factor: int = 1
    """Largest oversampling factor in use."""
    places: tuple[tuple[float, float], ...] = ()
    """Of each of the notes, on the first pad"""


class Synth:
    """Plays one instrument with up to `polyphony` voices at `rate` Hz.

    `schedule` and `render` belong to one thread; `set_instrument` may be called from another.
    """

    def __init__(self, rate: float, polyphony: int = 16) -> None:
        self.rate = float(rate)
        self.failed_blocks = 0
        self.peak_voices = 0
        self.shed_voices = 0
        self.changes = 0
        """Grows with each command that was carried out and each instrument that came."""
        self.beat_began = 0
        """Absolute frame at which the beat was begun last; 0: it never was"""
        self._factor_cap = oversampling.FACTORS[-1]
        self._voices = Voices(polyphony, self.rate)
        self._last = LastNotes(CHANNELS)
        self._keys = Keys(self._voices)
        self._sounding = Sounding(self._voices)
        self._buses = oversampling.Buses()
        self._chain = Chain(self.rate)
        self._limiter = Limiter(QUANTUM, self.rate)
        self._playable: Playable | None = None
        self._journal = Journal()
        self._arriving: tuple[Playable | None] | None = None
        self._announced: tuple[Playable | None] | None = None
        """The last one that stands in the journal."""
        self._controls: Controls | None = None
        self._failed = False
        """Whether the last chunk failed, so that what it should have left behind is not there."""
        self._queue: list[tuple[float, int, commands.Command]] = []
        self._counter = itertools.count()
        self._rendered = 0
        self._left_over = np.zeros((0, 2), np.float32)
        self._status = SynthStatus()

    @property
    def frame(self) -> int:
        """Absolute frame that the next `render` begins with."""
        return self._rendered - len(self._left_over)

    @property
    def playable(self) -> Playable | None:
        """The instrument that is playing."""
        return self._playable

    @property
    def sounds(self) -> bool:
        """Whether a voice sounds, or an effect rings on."""
        return self._status.voices > 0 or self._chain.ringing

    def status(self) -> SynthStatus:
        """The state at the end of the last chunk."""
        return self._status

    def present(self) -> Present | None:
        """What hands have set and hold at the end of the last chunk; None before the first instrument."""
        return self._keys.present(self._rendered, self._controls) if self._controls else None

    def tap(self, entries: deque[Entry]) -> Opening:
        """Write down in `entries` what is carried out from now on; the opening tells what led here since the last silence."""
        if self._is_silent():
            self._journal.begin(self._beginning())
        return self._journal.open(entries, self._beginning, self.frame)

    def untap(self) -> None:
        """Write down no more."""
        self._journal.tap = None

    def begin_at(self, beginning: Beginning) -> None:
        """Take up, on a new engine, what another one was when it was silent."""
        self._rendered = beginning.frame
        self._voices.started = beginning.notes_begun
        for channel, note in enumerate(beginning.last_notes):
            self._last.notes[channel] = np.nan if note is None else note
        self._limiter.gain = beginning.limiter_gain
        self._factor_cap = beginning.factor_cap
        self.set_instrument(beginning.playable)
        self._change_instrument(beginning.frame)
        if self._controls and beginning.present:
            self._controls.vibrato_phase = beginning.vibrato_phase
            self._keys.down = list(beginning.down)
            if beginning.phases:
                self._sounding.modulation.resume(beginning.frame, beginning.phases)
            for command in beginning.present.commands():
                self.schedule(command, beginning.frame)

    def set_instrument(self, playable: Playable | None) -> None:
        """Change the instrument; notes of the old one fade out first."""
        self._arriving = (playable,)

    def schedule(self, command: commands.Command, frame: float) -> None:
        """Carry out `command` at an absolute, fractional frame; what is late comes at the next quantum, in order of arrival."""
        heapq.heappush(self._queue, (max(frame, float(self._rendered)), next(self._counter), command))

    @property
    def factor(self) -> int:
        """Largest oversampling factor in use."""
        return self._status.factor

    def ease(self, factor_cap: int, shed: Shed) -> None:
        """Lighten the load: do with at most that oversampling from now on, and fade a voice that is missed least.

        The oversampling that the player allows is a parameter; the lower of both holds.
        """
        if factor_cap != self._factor_cap or shed is not Shed.NONE:
            self._journal.note(float(self._rendered), Eased(factor_cap, shed))
        self._factor_cap = factor_cap
        victim = self._voices.expendable(float(self._rendered)) if shed is not Shed.NONE else None
        if victim is None:
            return
        spare = shed is Shed.ANY and self._voices.sounding(float(self._rendered)).sum() > 1  # silence is no better than gaps
        if spare or np.isfinite(self._voices.released[victim]):
            self._voices.kill(np.array([victim]), float(self._rendered))
            self.shed_voices += 1

    def take_back(self) -> list[tuple[float, commands.Command]]:
        """Commands that are not due yet, with their frames, in order; they are no longer scheduled."""
        queue, self._queue = sorted(self._queue, key=lambda entry: entry[:2]), []
        return [(frame, command) for frame, _, command in queue]

    def set_rate(self, rate: float, noise: NDArray[np.float32] | None = None) -> None:
        """Go on at another rate in Hz: what sounds goes on sounding, its value and slope unbroken from the next frame on.

        `noise` is the instrument's band noise at the new rate. Fields have no memory but the cursors; so the voices are set
        back by what the limiter and the filters delay, and these are filled with the same moment at the new rate. The stream's
        frames go on from the next multiple of CHUNK.
        """
        ratio, old = rate / self.rate, self.rate
        start = -(-self._rendered // CHUNK) * CHUNK
        heard_before, heard_after = self.frame - LATENCY, start + WARM_UP - LATENCY
        rewind = (self._rendered - heard_before) / old - (start - heard_after) / rate
        voices = self._voices
        voices.rewind(rewind)
        glides = (voices.glides, voices.retunes, self._last.glides)
        for frames in (voices.onset, voices.released, voices.killed, voices.end, *(each.begin for each in glides)):
            frames[:] = heard_after + (frames - heard_before) * ratio
        for each in glides:
            each.frames *= ratio
        self._queue = [(heard_after + (at - heard_before) * ratio, number, what) for at, number, what in self._queue]
        self.rate = voices.rate = float(rate)
        self._keys.set_rate(rate)
        self._sounding.set_rate(rate, heard_before, heard_after)
        self._journal.begin(None)
        self._chain.set_rate(rate)
        self._limiter.set_rate(rate)
        if self._controls:
            self._controls.set_rate(rate / QUANTUM)
        if self._playable and noise is not None:
            self._playable = replace(self._playable, noise=noise)
        self._rendered, self._left_over = start, np.zeros((0, 2), np.float32)
        self.render(np.zeros((WARM_UP, 2), np.float32))

    def render(self, out: NDArray[np.float32]) -> None:
        """Fill `out` [n, 2] with the next n frames. Never raises for what an instrument does."""
        done = min(len(out), len(self._left_over))
        out[:done] = self._left_over[:done]
        self._left_over = self._left_over[done:]
        while done < len(out):
            wanted = -(-(len(out) - done) // QUANTUM) * QUANTUM
            frames = min(wanted, CHUNK - self._rendered % CHUNK)
            chunk = self._render_chunk(frames)
            fits = min(frames, len(out) - done)
            out[done : done + fits] = chunk[:fits]
            if fits < frames:
                self._left_over = chunk[fits:].copy()
            done += fits

    def _render_chunk(self, frames: int) -> NDArray[np.float32]:
        start = self._rendered
        self._change_instrument(start)
        try:
            sound = self._compute(start, frames)
            self._failed = False
        except Exception:  # whatever a graph does, the next chunk must come; it is counted and reported
            self.failed_blocks += 1
            self._failed = True
            sound = {}
        out = self._buses.collect(sound, frames)
        self._chain.process(out, start)
        self._limiter.process(out)
        self._rendered += frames
        self._finish(self._rendered)
        return out

    def _compute(self, start: int, frames: int) -> dict[int, NDArray[np.float32]]:
        """Stereo sound [frames * factor, 2] of the voices at each oversampling factor."""
        if self._controls is None or self._playable is None:
            return {}
        motion = self._run_controls(start, frames // QUANTUM)
        slots = self._voices.alive(start)
        if len(slots) == 0:
            return {}
        return self._sounding.sound(self._playable, slots, self._controls, motion, start, self._cap(), self._failed)

    def _run_controls(self, start: int, quanta: int) -> Motion:
        controls = self._controls
        assert controls is not None
        if self._queue and self._queue[0][0] < start + quanta * QUANTUM and self._is_silent():
            self._journal.begin(self._beginning())
        motion = controls.begin(quanta)
        self._keys.begin(motion, start)
        self._sounding.begin(start, quanta)
        for quantum in range(quanta):
            border = start + quantum * QUANTUM
            idle = motion.idle[quantum] = not (self._voices.end > border).any()
            # while an instrument waits for the old one to fade, commands wait for it
            while self._arriving is None and self._queue and self._queue[0][0] < border + QUANTUM:
                due, _, command = heapq.heappop(self._queue)
                frame = max(due, float(border))
                self._journal.note(frame, command)
                self._carry_out(command, frame, start)
                self._sounding.take(command, controls, quantum)
                if isinstance(command, commands.SetParameter) and command.name in (*NAMES, "tempo"):
                    self._chain.aim(controls.parameters, controls.parameters["tempo"], quantum)
                elif isinstance(command, commands.Panic):
                    self._chain.hush(quantum)
                elif isinstance(command, commands.StartBeat):
                    self.beat_began = border
            self._keys.blend(controls)
            if idle:
                controls.snap()
                self._sounding.modulation.snap(quantum)
                self._last.settle()
                controls.note_border(motion, quantum)
            self._keys.enter(controls)
            controls.step(motion, quantum)
            self._keys.leave()
        return motion

    def _is_silent(self) -> bool:
        """Whether no voice is left in the effects, the limiter or the filters either."""
        return not self._chain.ringing and bool((self._voices.end <= max(self._rendered - CHUNK, 0)).all())

    def _beginning(self) -> Beginning:
        controls, frame = self._controls, self._rendered
        phase = controls.vibrato_phase if controls else 0.0
        sounding = int((self._voices.end > frame).sum())
        begun, gain = self._voices.started, self._limiter.gain
        last = tuple(None if np.isnan(note) else note for note in self._last.notes.tolist())
        own = tuple(self._keys.down), self._sounding.modulation.phases(frame)
        return Beginning(frame, self._playable, self.present(), phase, begun, gain, self._factor_cap, sounding, last, *own)

    def _cap(self) -> int:
        assert self._controls is not None
        wish = OVERSAMPLING[int(self._controls.parameters["oversampling"])]
        return min(self._factor_cap, int(wish) if wish != "auto" else self._factor_cap)

    def _finish(self, frame: int) -> None:
        voices = self._voices
        if frame % CHUNK == 0:
            voices.end[voices.over(frame)] = frame
            if self._keys.stale:
                self._keys.retune(self._last, frame)
            if voices.loops.stale and self._controls:
                loops.follow(voices, self._controls, frame, QUANTUM / self.rate)
        sounding = np.flatnonzero(voices.sounding(frame) & (voices.onset < frame))
        self.peak_voices = max(self.peak_voices, len(sounding))
        controls = self._controls
        hand, own = controls.pad.position if controls else (0.5, 0.5), self._sounding.places
        self._status = SynthStatus(
            len(sounding),
            tuple(voices.note[sounding].tolist()),
            hand,
            tuple(controls.pad.corners) if controls else (),
            int(voices.factor[sounding].max(initial=1)),
            tuple(own.get(slot, hand) for slot in sounding.tolist()),
        )

    def _change_instrument(self, frame: int) -> None:
        if self._arriving is None:
            return
        if self._announced is not self._arriving:
            self._announced = self._arriving
            self._journal.note(frame, self._arriving[0].card if self._arriving[0] else None)
        alive = self._voices.alive(frame)
        if len(alive):
            self._voices.kill(alive, frame)
            return
        (playable,) = self._arriving
        self._arriving = None
        self._playable = playable
        self.changes += 1
        if playable is None:
            return
        self._sounding.use(playable)
        position = self._controls.pad.position if self._controls else (0.5, 0.5)
        self._keys.forget_instrument()
        pad = pads_of(
            anchors_of(playable.latents, playable.seams, playable.ground, playable.vectors), playable.latents.corner_anchors()
        )
        pad.move(*position)
        if self._controls is None:
            self._controls = Controls(pad, self.rate / QUANTUM)
        else:
            self._controls.use_pad(pad)

    def _carry_out(self, command: commands.Command, frame: float, chunk_start: int) -> None:
        assert self._controls is not None and self._playable is not None
        self.changes += 1
        stage = Stage(self._voices, self._last, self._controls, self._playable, self._keys)
        carry_out(stage, command, frame, chunk_start)
