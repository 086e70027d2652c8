"""The sound of the voices, chunk by chunk: what moves them, where they travel, the field, the filters, the way to stereo."""

import numpy as np
from numpy.typing import NDArray

from synth import commands
from synth.effects.voice_filter import VoiceFilter, cutoff_hz
from synth.engine import rows
from synth.engine.controls import Controls, Motion
from synth.engine.leads import Leader, Leads, Moved, places_at, scene_at
from synth.engine.modulation import Modulation, View
from synth.engine.modulations import CACHED, Cache, modulate
from synth.engine.playable import Playable
from synth.engine.striking import set_cursor
from synth.engine.travel import QUANTUM, Begun, Chunk, begun, borders_of, travel
from synth.engine.voices import Slots, Voices

Floats = NDArray[np.float64]
Samples = NDArray[np.float32]
Part = tuple[int, NDArray[np.intp], Samples]
"""An oversampling factor, the voices that use it, and their sound [v, Q * 64 * factor]"""

LOUDEST = 1e3
"""Amplitude beyond which a field's samples are an error (full scale is 1)."""
CENTRE_NOTE = 60.0
PAN_NOTES = 48.0
"""Notes from the centre at which a voice is fully to one side (with a width of 1)."""
SLIDE_REST = 0.5
"""Where a finger's slide is neutral, 0..1"""


class Sounding:
    """Computes the sound of `voices`. For each chunk: `begin`, then `take` and `snap` as quanta pass, then `sound`."""

    def __init__(self, voices: Voices) -> None:
        slots = len(voices.onset)
        self.modulation = Modulation(slots, voices.rate)
        self.places: dict[int, tuple[float, float]] = {}
        """Where voices are on the first pad, by slot: those that are not where the hand is"""
        self._voices = voices
        self._leader = Leader(slots)
        self._filter = VoiceFilter(slots, voices.rate)
        self._cache: Cache = {}

    def use(self, playable: Playable) -> None:
        """Another instrument came; nothing sounds."""
        slots = len(self._voices.onset)
        self._cache = {each.name: np.zeros((CACHED * slots, *each.shape), np.float32) for each in playable.card.modulations}
        self._leader.reset(playable.card.latent_size)

    def set_rate(self, rate: float, before: float, after: float) -> None:
        """Go on at another rate in Hz: what was frame `before` is frame `after` now."""
        self.modulation.set_rate(rate, before, after)
        self._filter.set_rate(rate)

    def begin(self, start: int, quanta: int) -> None:
        """Begin a chunk."""
        self.modulation.begin(borders_of(start, quanta))

    def take(self, command: commands.Command, controls: Controls, quantum: int) -> None:
        """A command was carried out in a quantum."""
        match command:
            case commands.SetParameter(name) if name in controls.parameters:
                self.modulation.set_parameter(name, controls.parameters[name], quantum)
            case commands.SetRoute():
                self.modulation.set_route(command, quantum)
            case commands.StartBeat():
                self.modulation.start_beat(quantum)
            case commands.SetGesture(points):
                self.modulation.set_gesture(points, quantum)

    def sound(
        self, playable: Playable, slots: Slots, controls: Controls, motion: Motion, start: int, cap: int, afresh: bool
    ) -> dict[int, Samples]:
        """Stereo sound [frames * factor, 2] at each oversampling factor.

        `cap` is the largest factor allowed; `afresh`: the chunk before this one failed. Raises what the graphs raise, and
        FloatingPointError where they give what is no sound.
        """
        voices, quanta = self._voices, len(motion.moving)
        beginning = begun(voices, slots, start, quanta)
        pitches = voices.keys(slots, borders_of(start, quanta)[:, None])
        keys = pitches + (voices.note[slots] - voices.pitch[slots])
        moved: Moved = {}
        if self.modulation.active or beginning.fresh.any():
            moved = self.modulation.evaluate(self._view(slots, motion, keys))
        fixed = {slot: value for slot, value in controls.fixed.items() if voices.audition[slot]}
        leads = self._leader.lead(motion, slots, keys, beginning.first, beginning.fresh, moved, fixed)
        if leads.latent.shape[1] > 1 or moved:
            self._begin_apart(playable, slots, controls, motion, beginning, leads)
        places = [] if leads.places is None else leads.places.tolist()
        self.places = {slot: (x, y) for slot, (x, y) in zip(slots.tolist(), places, strict=False)}
        chunk = travel(playable, voices, slots, motion, leads, pitches, beginning, start)
        tensors, held = modulate(chunk, self._cache, afresh)
        planned = rows.plan(chunk, held, cap)
        parts: list[Part] = []
        if planned.layers:
            samples = np.asarray(playable.evaluator.samples(rows.feeds(chunk, planned, tensors)), np.float32)
            if not np.abs(samples).max() <= LOUDEST:  # so that no gain or sum can overflow; what is no number fails, too
                raise FloatingPointError("the field gave values that are not finite, or far beyond full scale")
            parts = list(rows.gather(chunk, planned, samples))
        if not self._filter.is_off(motion.filter):
            parts = self._filtered(parts, chunk, motion, moved)
        width = controls.parameters["width"]
        panned = sides(keys, voices.spread[slots], width, moved.get("pan"))
        return {factor: self._mixed(factor, mono, used, chunk, motion, panned[..., used]) for factor, used, mono in parts}

    def _view(self, slots: Slots, motion: Motion, keys: Floats) -> View:
        voices = self._voices
        fingers, shape = voices.fingers, (len(motion.wheel), len(slots))
        if fingers.used:
            pressure, slide, bend = fingers.pressure[:, slots], fingers.slide[:, slots], fingers.wheel[:, slots]
        else:
            pressure = bend = np.zeros(shape)
            slide = np.full(shape, SLIDE_REST)
        return View(
            slots,
            voices.onset[slots],
            voices.released[slots],
            voices.velocity[slots],
            keys,
            voices.order[slots],
            pressure,
            (slide - SLIDE_REST) / SLIDE_REST,
            bend,
            motion.wheel,
        )

    def _begin_apart(
        self, playable: Playable, slots: Slots, controls: Controls, motion: Motion, beginning: Begun, leads: Leads
    ) -> None:
        """Let voices that begin in this chunk begin with the loop and at the time of their own place."""
        for column in np.flatnonzero(beginning.fresh & ~self._voices.audition[slots]).tolist():
            slot, border = int(slots[column]), int(beginning.first[column])
            scene = scene_at(motion, border + 1)
            spot = controls.spot_of(scene, places_at(scene, leads.moved, border, column), float(self._voices.note[slot]))
            time = leads.speed[border], leads.position[border]
            own = (float(each[min(column, len(each) - 1)]) for each in time)
            set_cursor(self._voices, slot, controls, playable, float(self._voices.pitch[slot]), spot, (next(own), next(own)))

    def _filtered(self, parts: list[Part], chunk: Chunk, motion: Motion, moved: Moved) -> list[Part]:
        octaves, resonance, tracking = (motion.tone[:, column, None] for column in range(3))
        cutoff = cutoff_hz(np.exp2(octaves), moved.get("filter_cutoff", np.zeros((1, 1))), tracking, chunk.pitch)
        resonance = np.clip(resonance + moved.get("filter_resonance", 0.0), 0.0, 1.0) + np.zeros_like(chunk.pitch)
        numbers = self._voices.order[chunk.slots]
        return self._filter.apply(parts, chunk.slots, numbers, cutoff, resonance, motion.filter, motion.idle)

    def _mixed(
        self, factor: int, mono: Samples, used: NDArray[np.intp], chunk: Chunk, motion: Motion, panned: Floats
    ) -> Samples:
        """Voices [v, N] under their gains, left and right [N, 2]; `panned` [2, Q + 1, v], or one row where it stays."""
        slots, moved = chunk.slots[used], chunk.leads.moved
        quanta = np.arange(mono.shape[1]) / (factor * QUANTUM)
        gains = self._voices.gains(slots, chunk.start + quanta * QUANTUM)
        gains = gains * np.interp(quanta, np.arange(len(motion.level)), motion.level)
        if "level" in moved:
            gains *= between(10.0 ** (moved["level"][:, used] / 20.0), factor)
        sound = mono * gains.astype(np.float32)
        if panned.shape[1] == 1:
            return np.asarray((panned[:, 0].astype(np.float32) @ sound).T)
        return np.stack([(between(side, factor).astype(np.float32) * sound).sum(0) for side in panned], axis=1)


def sides(keys: Floats, spread: Floats, width: float, pan: Floats | None) -> Floats:
    """Gains [2, Q + 1, V] of voices left and right, or [2, 1, V] where none moves: by their keys [Q + 1, V] (MIDI notes).

    In unison they are also by their places among the copies, `spread` [V], -1..1. `pan` [Q + 1, V] moves them from there.
    """
    if pan is None and np.array_equal(keys[1:], keys[:-1]):
        keys = keys[:1]
    place = np.clip((keys - CENTRE_NOTE) / PAN_NOTES + spread, -1.0, 1.0) * width + (0.0 if pan is None else pan)
    angle = (1.0 + np.clip(place, -1.0, 1.0)) * (np.pi / 4)
    gains: Floats = np.sqrt(2.0) * np.stack([np.cos(angle), np.sin(angle)])
    return gains


def between(borders: Floats, factor: int) -> Floats:
    """Straight lines from border to border: [Q + 1, V] to [V, Q * 64 * factor]."""
    frames = factor * QUANTUM
    share = np.arange(frames) / frames
    values = borders.T
    lines: Floats = values[:, :-1, None] + np.diff(values, axis=1)[..., None] * share
    return lines.reshape(len(values), -1)
