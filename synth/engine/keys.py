"""The keys: which are down, how they are tuned, and what pedals and fingers do to them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth.commands import OfInstrument, Setup, setup_key
from synth.engine.controls import CHANNELS, Controls, Motion
from synth.engine.fingers import Fingers, Hands
from synth.engine.pitch import LastNotes
from synth.engine.playable import Playable
from synth.engine.present import HOME_SLIDE, Down, HeldNote, Present
from synth.engine.travel import QUANTUM
from synth.engine.voices import Slots, Voices
from synth.engine.zones import NONE
from synth.parameters import RELEASE_SOURCES, VOICE_MODES

Floats = NDArray[np.float64]

RETUNE_S = 0.02
"""Time in s in which a note that sounds glides to its pitch in another tuning"""
POLY = "poly"
"""Of the parameter voice_mode: every key has a voice of its own."""


class Keys:
    """All of it by channel 0..15; what belongs to a single voice is in `voices` and its fingers."""

    def __init__(self, voices: Voices) -> None:
        self.sostenuto = [False] * CHANNELS
        self.pressure = np.zeros(CHANNELS)
        self.slide = np.full(CHANNELS, HOME_SLIDE)
        self.tuning: Floats | None = None
        """[128] pitches of the keys (MIDI notes), negative: silent; None: equal temperament."""
        self.stale = False
        """Whether the tuning is another than that of notes that sound"""
        self.down: list[Down] = []
        """The order in which they were struck; empty while every key has a voice of its own."""
        self.setup: dict[tuple[object, ...], Setup] = {}
        """The newest of what sets how an instrument is played."""
        self._voices = voices
        self.set_rate(voices.rate)

    def set_rate(self, rate: float) -> None:
        """Go on at another rate in Hz."""
        self.fingers.set_rate(rate / QUANTUM)

    @property
    def fingers(self) -> Fingers:
        """What is done to each voice."""
        return self._voices.fingers

    def note_setup(self, command: Setup) -> None:
        """Remember what was set, in the order in which it was set last."""
        key = setup_key(command)
        self.setup.pop(key, None)
        self.setup[key] = command

    def forget_instrument(self) -> None:
        """Another instrument came: what was set of the one before it went with it."""
        self.setup = {key: command for key, command in self.setup.items() if not isinstance(command, OfInstrument)}

    def pitch_of(self, note: float) -> float | None:
        """Pitch (MIDI note) of a key; None: it is silent. Between two keys it is blended."""
        if self.tuning is None:
            return note
        low = int(note)
        ends = self.tuning[low], self.tuning[min(low + 1, 127)]
        if ends[0] < 0.0 or (note > low and ends[1] < 0.0):
            return None
        return float(ends[0] + (note - low) * (ends[1] - ends[0]))

    def tune(self, notes: tuple[float, ...]) -> None:
        """Take another tuning, as of synth.commands.SetTuning."""
        self.tuning, self.stale = np.array(notes) if notes else None, True

    def retune(self, last: LastNotes, frame: float) -> None:
        """Let notes that sound glide to their pitches, from the absolute `frame` at which a chunk ends.

        A key that is silent in this tuning keeps its pitch until it is let go.
        """
        self.stale, voices = False, self._voices
        slots = voices.alive(frame)
        slots = slots[~voices.audition[slots]]
        before = voices.pitch[slots]
        after = np.array([self.pitch_of(float(note)) for note in voices.note[slots]], np.float64)  # None: nan
        after = np.where(np.isnan(after), before, after)
        moved = after != before
        slots, before, after = slots[moved], before[moved], after[moved]
        away = before + voices.retunes.at(slots, frame) - after
        voices.pitch[slots] = after
        voices.retunes.set(slots, away, frame, max(round(RETUNE_S * voices.rate / QUANTUM), 1) * QUANTUM)
        for old, new in zip(before.tolist(), after.tolist(), strict=True):
            last.notes[last.notes == old] = new

    def press_down(self, key: Down) -> None:
        """A key is struck while one voice serves all."""
        self.let_up(key.note, key.channel)
        self.down.append(key)

    def let_up(self, note: float, channel: int) -> None:
        """A key is let go."""
        self.down = [key for key in self.down if (key.note, key.channel) != (note, channel)]

    def press(self, note: float, value: float, channel: int) -> None:
        """Aftertouch of one key."""
        self.down = [replace(key, pressure=value) if (key.note, key.channel) == (note, channel) else key for key in self.down]

    def rest(self) -> None:
        """All keys are up, and all pedals."""
        self.sostenuto = [False] * CHANNELS
        self.down = []

    def begin(self, motion: Motion, start: int) -> None:
        """Begin a chunk at an absolute frame."""
        self.fingers.begin(self._voices, motion.bend, start, QUANTUM)

    def enter(self, controls: Controls) -> None:
        """The commands of a quantum are carried out."""
        if self.fingers.used and self.fingers.stale:
            self.fingers.enter(self._voices, self._hands(controls))

    def blend(self, controls: Controls) -> None:
        """While one voice blends what all held keys own, tell which these are, and how hard each is pressed."""
        if controls.pad.chord:
            held = controls.zones.combined(self.pressure, 0.0)
            controls.hold([(key.note, max(key.pressure, float(held[key.channel]))) for key in self.down])

    def leave(self) -> None:
        """A quantum is over; the controls have moved on."""
        self.fingers.leave(self._voices)

    def present(self, frame: int, controls: Controls) -> Present:
        """What stands at an absolute frame, the end of a chunk."""
        return Present(
            frame,
            dict(controls.parameters),
            controls.pad.position,
            tuple(anchor for corners in controls.pad.all_corners for anchor in corners),
            controls.bends,
            controls.wheel,
            tuple(controls.pedal),
            self._held(frame, controls),
            tuple(self.sostenuto),
            tuple(self.pressure.tolist()),
            tuple(self.slide.tolist()),
            tuple(self.setup.values()),
        )

    def _held(self, frame: int, controls: Controls) -> tuple[HeldNote, ...]:
        voices = self._voices
        held = voices.held(frame)
        held = held[voices.order[held].argsort()]
        columns = (voices.note, voices.velocity, voices.channel, voices.pedalled, voices.pressure, voices.sostenuto)
        notes = dict.fromkeys(zip(*(column[held].tolist() for column in columns), strict=True))  # in unison they stand together
        sounding = [HeldNote(*note) for note in notes]
        if VOICE_MODES[int(controls.parameters["voice_mode"])] == POLY:
            return tuple(sounding)
        waiting = [HeldNote(key.note, key.velocity, key.channel, False, key.pressure) for key in self.down]
        known = {(each.note, each.channel) for each in waiting}
        return (*waiting, *(each for each in sounding if (each.note, each.channel) not in known))

    def _hands(self, controls: Controls) -> Hands:
        zones, wheel = controls.zones, np.array(controls.bends)
        pressure, slide = zones.combined(self.pressure, 0.0), zones.combined(self.slide, HOME_SLIDE)
        return Hands(pressure, slide, wheel, zones.member)


@dataclass(frozen=True)
class Stage:
    """What commands act upon."""

    voices: Voices
    last: LastNotes
    controls: Controls
    playable: Playable
    keys: Keys

    @property
    def mode(self) -> str:
        """One of VOICE_MODES."""
        return VOICE_MODES[int(self.controls.parameters["voice_mode"])]

    def following(self, channel: int) -> int:
        """Where the pitch is kept from which a channel's next note glides: the fingers of a zone share one place."""
        manager = int(self.controls.zones.manager[channel])
        return manager if manager != NONE else channel

    def release(self, slots: Slots, frame: float) -> None:
        """Let notes go: where the instrument knows how they die away and the player lets it, by itself."""
        by_itself = RELEASE_SOURCES[int(self.controls.parameters["release_source"])] == "instrument"
        if self.keys.fingers.used:
            alone = self.controls.zones.member[self.voices.channel[slots]]
            self.keys.fingers.let_go(self.voices, slots[alone & np.isinf(self.voices.released[slots])])
        self.voices.release(slots, frame, self.playable.card.release_seconds if by_itself else 0.0)

    def is_down(self, channel: int) -> bool:
        """Whether the sustain pedal of a channel, or of its zone, is down."""
        return self.controls.pedal[channel] or self.controls.pedal[self.following(channel)]
