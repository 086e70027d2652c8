"""Striking a key: what the player has set, made into one voice, or into as many as play in unison."""

import numpy as np

from synth.commands import NoteOn
from synth.engine import cursor
from synth.engine.anchors import Spot
from synth.engine.controls import CHANNELS, Controls
from synth.engine.cursor import Mode
from synth.engine.keys import Stage
from synth.engine.playable import Playable
from synth.engine.present import Down
from synth.engine.travel import QUANTUM
from synth.engine.voices import NONE, Key, Shape, Slots, Voices
from synth.parameters import CURSOR_MODES, GLIDE_MODES
from synth.units import db_to_gain

AGAIN_ATTACK = 0.002
"""Shortest attack in s of a key that is struck again while it sounds, and goes on in phase."""


def strike(stage: Stage, played: NoteOn, times: tuple[float, float]) -> None:
    """Begin a note; `times` are its absolute frame and that of its chunk's start. A silent key begins none.

    Each voice in unison counts against the polyphony: so it is stolen, let go and governed like any other, and a chord that
    needs more voices than there are becomes thinner before a note is missing.
    """
    voices, controls, playable = stage.voices, stage.controls, stage.playable
    frame, chunk_start = times
    pitch = stage.keys.pitch_of(played.note)
    if pitch is None:
        return
    parameters, channel = controls.parameters, played.channel % CHANNELS
    heard = "velocity" in playable.card.conditions
    quieter = 0.0 if heard else parameters["velocity_depth"] * (1.0 - played.velocity)
    copies = min(round(parameters["unison"]), voices.polyphony)
    shape = Shape(
        parameters["attack"],
        parameters["decay"],
        db_to_gain(parameters["sustain"]),
        parameters["release"],
        db_to_gain(playable.card.level_db - quieter) / float(np.sqrt(copies)),
    )
    glide = _glide(stage, channel, pitch, frame)
    stage.last.play(stage.following(channel), pitch, glide)
    for copy, spread in enumerate(np.linspace(-1.0, 1.0, copies) if copies > 1 else (0.0,)):
        key = Key(played.note, pitch, played.velocity, channel, copy, float(spread))
        slot = voices.start(frame, chunk_start, key, shape)
        if slot is not None:
            voices.glides.set(slot, *glide)
            if playable.has_phase and voices.continues[slot] != NONE:  # it begins anywhere in its turn
                voices.attack[slot] = max(shape.attack, AGAIN_ATTACK)
            set_cursor(voices, slot, controls, playable, pitch, controls.spot)


def pass_on(stage: Stage, slots: Slots, played: Down, frame: float) -> None:
    """Let the voices in `slots` go on to another key, with their envelopes, phases and places."""
    voices, fingers = stage.voices, stage.keys.fingers
    pitch = stage.keys.pitch_of(played.note)
    if pitch is None:
        return
    fingers.use(voices)
    before = fingers.now(voices, slots)
    if (voices.channel[slots] != played.channel).any():
        settle_bend(stage, played.channel, frame)
    voices.note[slots], voices.pitch[slots], voices.channel[slots] = played.note, pitch, played.channel
    voices.pedalled[slots] = False
    fingers.stale = True
    border, frames = frame // QUANTUM * QUANTUM, _frames(stage.controls.parameters["glide"], voices.rate)
    voices.glides.interval[slots] = 0.0
    away = before - fingers.now(voices, slots)
    for slot, interval in zip(slots.tolist(), away.tolist(), strict=True):
        voices.glides.set(slot, interval, border, frames)
    stage.last.play(stage.following(played.channel), pitch, (float(away[0]), border, frames))


def settle_bend(stage: Stage, channel: int, frame: float) -> None:
    """A finger comes to a channel of its own: the wheel is there already, where no other note follows it."""
    if stage.controls.zones.member[channel] and len(stage.voices.held(frame, channel=channel)) == 0:
        stage.keys.fingers.turn(channel, stage.controls.snap_bend(channel))


def _glide(stage: Stage, channel: int, pitch: float, frame: float) -> tuple[float, float, float]:
    """Interval in semitones, first frame and frames of the glide to a pitch: from border to border, so that it is exact."""
    parameters, seconds = stage.controls.parameters, stage.controls.parameters["glide"]
    before = stage.last.at(stage.following(channel), frame)
    legato = GLIDE_MODES[int(parameters["glide_mode"])] == "legato"
    if before is None or seconds == 0.0 or (legato and not _keys_down(stage.voices, channel, frame)):
        return 0.0, 0.0, 1.0
    return before - pitch, frame // QUANTUM * QUANTUM, _frames(seconds, stage.voices.rate)


def _frames(seconds: float, rate: float) -> float:
    return max(round(seconds * rate / QUANTUM), 1) * float(QUANTUM)


def _keys_down(voices: Voices, channel: int, frame: float) -> bool:
    held = voices.held(frame, channel=channel)
    return bool((~voices.pedalled[held]).any())


def set_cursor(
    voices: Voices,
    slot: int,
    controls: Controls,
    playable: Playable,
    pitch: float,
    spot: Spot,
    time: tuple[float, float] | None = None,
) -> None:
    """Begin a voice's cursor at a place in the latent space; `time` is its speed and position, if not the hand's."""
    looped = controls.looped(spot)
    parameters = controls.parameters
    speed, position = time or (parameters["speed"], parameters["position"])
    mode = CURSOR_MODES[int(parameters["cursor"])]
    mode = playable.card.cursor.mode if mode == "instrument" else mode
    ratio = 1.0 if playable.has_phase else 2.0 ** ((pitch - spot.root) / 12.0)
    grain = min(parameters["grain"], 0.5 * spot.duration / ratio)  # none reads more than half of the sound
    micro = None if playable.has_phase else grain * ratio
    start = cursor.begin(Mode(CURSOR_MODES.index(mode)), looped, speed, position, micro)
    own = spot.turn if start.mode is Mode.PING_PONG else spot.loop
    voices.set_cursor(slot, start, own, spot.duration, grain, controls.scene.anchors.period(spot.root))
