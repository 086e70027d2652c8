"""Striking a key: what the player has set, made into one voice, or into as many as play in unison."""

import numpy as np
from numpy.typing import NDArray

from synth.commands import NoteOn
from synth.engine import cursor
from synth.engine.controls import CHANNELS, Controls
from synth.engine.cursor import Mode
from synth.engine.pitch import LastNotes
from synth.engine.playable import Playable
from synth.engine.travel import QUANTUM
from synth.engine.voices import NONE, Key, Shape, Voices
from synth.parameters import CURSOR_MODES, GLIDE_MODES
from synth.units import db_to_gain

AGAIN_ATTACK = 0.002
"""Shortest attack in s of a key that is struck again while it sounds, and goes on in phase."""
CENTRE_NOTE = 60.0
PAN_NOTES = 48.0
"""Notes from the centre at which a voice is fully to one side (with a width of 1)."""


def strike(
    voices: Voices, last: LastNotes, controls: Controls, playable: Playable, played: NoteOn, times: tuple[float, float]
) -> None:
    """Begin a note; `times` are its absolute frame and that of its chunk's start. `last` learns of it.

    Each voice in unison counts against the polyphony: so it is stolen, let go and governed like any other, and a chord that
    needs more voices than there are becomes thinner before a note is missing.
    """
    frame, chunk_start = times
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
    glide = _glide(voices, last, controls, played, frame)
    last.play(channel, played.note, glide)
    for copy, spread in enumerate(np.linspace(-1.0, 1.0, copies) if copies > 1 else (0.0,)):
        slot = voices.start(frame, chunk_start, Key(played.note, played.velocity, channel, copy, float(spread)), shape)
        if slot is not None:
            voices.glides.set(slot, *glide)
            if playable.has_phase and voices.continues[slot] != NONE:  # it begins anywhere in its turn
                voices.attack[slot] = max(shape.attack, AGAIN_ATTACK)
            _set_cursor(voices, slot, controls, playable, played.note)


def _glide(voices: Voices, last: LastNotes, controls: Controls, played: NoteOn, frame: float) -> tuple[float, float, float]:
    """Interval in semitones, first frame and frames of the glide to a note: from border to border, so that it is exact."""
    channel, seconds = played.channel % CHANNELS, controls.parameters["glide"]
    before = last.at(channel, frame)
    legato = GLIDE_MODES[int(controls.parameters["glide_mode"])] == "legato"
    if before is None or seconds == 0.0 or (legato and not _keys_down(voices, channel, frame)):
        return 0.0, 0.0, 1.0
    border = frame // QUANTUM * QUANTUM
    return before - played.note, border, max(round(seconds * voices.rate / QUANTUM), 1) * float(QUANTUM)


def _keys_down(voices: Voices, channel: int, frame: float) -> bool:
    held = voices.held(frame, channel=channel)
    return bool((~voices.pedalled[held]).any())


def _set_cursor(voices: Voices, slot: int, controls: Controls, playable: Playable, note: float) -> None:
    parameters, spot = controls.parameters, controls.spot
    mode = CURSOR_MODES[int(parameters["cursor"])]
    mode = playable.card.cursor.mode if mode == "instrument" else mode
    ratio = 1.0 if playable.has_phase else 2.0 ** ((note - spot.root) / 12.0)
    grain = min(parameters["grain"], 0.5 * spot.duration / ratio)  # none reads more than half of the sound
    micro = None if playable.has_phase else grain * ratio
    start = cursor.begin(Mode(CURSOR_MODES.index(mode)), spot, parameters["speed"], parameters["position"], micro)
    voices.set_cursor(slot, start, spot.duration, grain)


def sides(voices: Voices, slots: NDArray[np.intp], width: float) -> NDArray[np.float32]:
    """Gains [2, V] of the voices left and right: by their notes and, in unison, by their places among the copies."""
    place = (voices.note[slots] - CENTRE_NOTE) / PAN_NOTES + voices.spread[slots]
    angle = (1.0 + np.clip(place, -1.0, 1.0) * width) * (np.pi / 4)
    gains: NDArray[np.float32] = (np.sqrt(2.0) * np.stack([np.cos(angle), np.sin(angle)])).astype(np.float32)
    return gains
