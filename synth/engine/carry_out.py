"""Carrying out: what each command does to the voices and controls, at its frame."""

from synth import commands
from synth.engine.audition import audition, end_auditions
from synth.engine.controls import CHANNELS, LOOP
from synth.engine.keys import POLY, Stage
from synth.engine.present import HOME_PRESSURE, HOME_SLIDE, Down
from synth.engine.striking import pass_on, settle_bend, strike
from synth.engine.voices import Slots

STRUCK = "mono"
"""Of the parameter voice_mode: one voice is struck anew by each key. In all others but POLY it goes on."""
FINGERS = ("pressure", "slide", "bend")
"""Sources that need fingers to be followed."""


def carry_out(stage: Stage, command: commands.Command, frame: float, chunk_start: int) -> None:
    """Carry out `command` at an absolute, fractional `frame` of the chunk that begins at `chunk_start`."""
    controls, voices, keys = stage.controls, stage.voices, stage.keys
    match command:
        case command if isinstance(command, commands.Setup):
            keys.note_setup(command)
            _set_up(stage, command)
        case commands.NoteOn():
            _note_on(stage, command, (frame, chunk_start))
        case commands.NoteOff(note, channel):
            _note_off(stage, note, channel % CHANNELS, (frame, chunk_start))
        case commands.Sustain(down, channel):
            controls.pedal[channel % CHANNELS] = down
            _lift(stage, channel % CHANNELS, (frame, chunk_start))
        case commands.Sostenuto(down, channel):
            _sostenuto(stage, down, channel % CHANNELS, (frame, chunk_start))
        case commands.PitchBend(value, channel):
            controls.set_bend(channel % CHANNELS, value)
            keys.fingers.stale = True
        case commands.ChannelPressure() | commands.KeyPressure() | commands.Slide():
            _gesture(stage, command, frame)
        case commands.ModWheel(value):
            controls.set_wheel(value)
        case commands.MovePad(x, y):
            controls.pad.move(x, y)
            controls.pad_changed()
        case commands.SetCorner(corner, anchor, pad):
            controls.pad.set_corner(corner, anchor, pad)
            controls.pad_changed()
        case commands.SetParameter(name, value):
            controls.set_parameter(name, value)
            voices.loops.stale |= name in LOOP
            if stage.mode == POLY:
                keys.down = []
        case commands.Audition():
            audition(stage, command, (frame, chunk_start))
        case commands.AllNotesOff():
            _lift_all(stage)
            end_auditions(stage, frame, chunk_start)
            stage.release(voices.held(frame), frame)
        case commands.Panic():
            _lift_all(stage)
            voices.kill(voices.alive(frame), frame)
        case commands.StartBeat() | commands.LoadInstrument():
            pass  # the modulation's; the host loads instruments and calls set_instrument


def _set_up(stage: Stage, command: commands.Setup) -> None:
    controls, keys, pad = stage.controls, stage.keys, stage.controls.pad
    match command:
        case commands.SetBendRange(semitones, channel):
            controls.zones.set_range(channel % CHANNELS, semitones)
            controls.aim_wheels()
        case commands.SetMpe(lower, upper, semitones):
            keys.fingers.use(stage.voices)
            keys.fingers.stale = True
            controls.zones.set(lower, upper, semitones)
            controls.aim_wheels()
        case commands.SetTuning(notes):
            keys.tune(notes)
        case commands.SetSurface():
            pad.set_surface(command)
            controls.pad_changed()
        case commands.SetAnchor():
            pad.set_anchor(command)
            controls.pad_changed()
        case commands.SetOffset():
            pad.set_offset(command)
            controls.pad_changed()
        case commands.SetKeymap():
            pad.set_keymap(command)
            controls.pad_changed()
        case commands.SetRoute(source=source):
            if source in FINGERS:
                keys.fingers.use(stage.voices)
        case commands.SetGesture() | commands.MapController() | commands.SetInputRange():
            pass  # controllers and inputs are the router's


def _note_on(stage: Stage, played: commands.NoteOn, times: tuple[float, float]) -> None:
    (frame, _), channel = times, played.channel % CHANNELS
    if stage.mode != POLY:
        _press(stage, Down(played.note, played.velocity, channel), times)
        return
    stage.release(stage.voices.held(frame, played.note, channel), frame)
    settle_bend(stage, channel, frame)
    strike(stage, played, times)


def _press(stage: Stage, key: Down, times: tuple[float, float]) -> None:
    """A key, struck or gone back to, takes the one voice that serves all."""
    voices, (frame, _) = stage.voices, times
    if stage.keys.pitch_of(key.note) is None:
        return
    stage.keys.press_down(key)
    held = voices.held(frame)
    if len(held) and stage.mode != STRUCK:
        pass_on(stage, held, key, frame)
        return
    alive = voices.alive(frame)
    voices.kill(alive[~voices.audition[alive]], frame)
    strike(stage, commands.NoteOn(key.note, key.velocity, key.channel), times)


def _note_off(stage: Stage, note: float, channel: int, times: tuple[float, float]) -> None:
    voices, (frame, _) = stage.voices, times
    stage.keys.let_up(note, channel)
    held = voices.held(frame, note, channel)
    kept = voices.sostenuto[held] | stage.is_down(channel)
    voices.pedalled[held[kept]] = True
    _let_go(stage, held[~kept], times)


def _let_go(stage: Stage, slots: Slots, times: tuple[float, float]) -> None:
    """No key or pedal holds these voices any more; one that serves all goes back to a key that is still down."""
    if len(slots) and stage.mode != POLY and stage.keys.down:
        _press(stage, stage.keys.down[-1], times)
    else:
        stage.release(slots, times[0])


def _lift(stage: Stage, channel: int, times: tuple[float, float]) -> None:
    """Let go what the pedals of a channel, or of its zone, hold no more."""
    voices = stage.voices
    held = voices.held(times[0])
    held = held[voices.pedalled[held] & ~voices.sostenuto[held] & stage.controls.zones.reach(channel)[voices.channel[held]]]
    _let_go(stage, held[[not stage.is_down(int(each)) for each in voices.channel[held]]], times)


def _sostenuto(stage: Stage, down: bool, channel: int, times: tuple[float, float]) -> None:
    """Of the sounding notes those whose keys are down when the pedal is pressed are held, until it is lifted."""
    voices, keys = stage.voices, stage.keys
    if keys.sostenuto[channel] == down:
        return
    keys.sostenuto[channel] = down
    held = voices.held(times[0])
    held = held[stage.controls.zones.reach(channel)[voices.channel[held]]]
    voices.sostenuto[held] = down & ~voices.pedalled[held]
    if not down:
        _lift(stage, channel, times)


def _lift_all(stage: Stage) -> None:
    stage.controls.pedal = [False] * CHANNELS
    stage.voices.sostenuto[:] = False
    stage.keys.rest()


def _gesture(stage: Stage, command: commands.ChannelPressure | commands.KeyPressure | commands.Slide, frame: float) -> None:
    keys, channel = stage.keys, command.channel % CHANNELS
    if command.value != (HOME_SLIDE if isinstance(command, commands.Slide) else HOME_PRESSURE):
        keys.fingers.use(stage.voices)
    keys.fingers.stale = True
    match command:
        case commands.ChannelPressure(value):
            keys.pressure[channel] = value
        case commands.Slide(value):
            keys.slide[channel] = value
        case commands.KeyPressure(note, value):
            keys.press(note, value, channel)
            stage.voices.pressure[stage.voices.held(frame, note, channel)] = value
