"""Carrying out: what each command does to the voices and controls, at its frame."""

from dataclasses import dataclass

from synth import commands
from synth.engine.controls import CHANNELS, Controls
from synth.engine.pitch import LastNotes
from synth.engine.playable import Playable
from synth.engine.striking import strike
from synth.engine.voices import Slots, Voices
from synth.parameters import RELEASE_SOURCES


@dataclass(frozen=True)
class Stage:
    """What commands act upon."""

    voices: Voices
    last: LastNotes
    controls: Controls
    playable: Playable


def carry_out(stage: Stage, command: commands.Command, frame: float, chunk_start: int) -> None:
    """Carry out `command` at an absolute, fractional `frame` of the chunk that begins at `chunk_start`."""
    controls, voices = stage.controls, stage.voices
    match command:
        case commands.NoteOn(note, _, channel):
            _release(stage, voices.held(frame, note, channel % CHANNELS), frame)
            strike(voices, stage.last, controls, stage.playable, command, (frame, chunk_start))
        case commands.NoteOff(note, channel):
            held = voices.held(frame, note, channel % CHANNELS)
            if controls.pedal[channel % CHANNELS]:
                voices.pedalled[held] = True
            else:
                _release(stage, held, frame)
        case commands.Sustain(down, channel):
            controls.pedal[channel % CHANNELS] = down
            if not down:
                held = voices.held(frame, channel=channel % CHANNELS)
                _release(stage, held[voices.pedalled[held]], frame)
        case commands.PitchBend(value, channel):
            controls.set_bend(channel % CHANNELS, value)
        case commands.ModWheel(value):
            controls.set_wheel(value)
        case commands.MovePad(x, y):
            controls.pad.move(x, y)
            controls.pad_changed()
        case commands.SetCorner(corner, anchor):
            controls.pad.set_corner(corner, anchor)
            controls.pad_changed()
        case commands.SetParameter(name, value):
            controls.set_parameter(name, value)
        case commands.AllNotesOff():
            controls.pedal = [False] * CHANNELS
            _release(stage, voices.held(frame), frame)
        case commands.Panic():
            controls.pedal = [False] * CHANNELS
            voices.kill(voices.alive(frame), frame)
        case commands.LoadInstrument():
            pass  # the host loads instruments and calls set_instrument


def _release(stage: Stage, slots: Slots, frame: float) -> None:
    """Let notes go: where the instrument knows how they die away and the player lets it, by itself."""
    by_itself = RELEASE_SOURCES[int(stage.controls.parameters["release_source"])] == "instrument"
    stage.voices.release(slots, frame, stage.playable.card.release_seconds if by_itself else 0.0)
