"""The harmonic field as an Experiment: one latent per instrument, fitted to analysed levels in dB."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from typing_extensions import override

from sirenade.errors import TrainingError
from training.config import Config, InferenceConfig
from training.data import Sound
from training.experiments import Evaluation
from training.export.parts import InstrumentParts
from training.harmonic.field import render_note
from training.harmonic.finetune import Waveforms
from training.harmonic.lessons import Lesson, Lessons, distance_db, mean_levels, sum_of
from training.harmonic.modes import MOST_MODES
from training.harmonic.network import HarmonicConfig, Layout, SlowNetwork
from training.harmonic.notes import Notes, analyse_notes
from training.harmonic.pitch_motion import MotionNetwork, motion_distance, moves
from training.harmonic.tabled import Floats, TabledExperiment

_SHARES = {
    "tones_db": 1.0,
    "noise_db": 0.5,
    "place": 2.0,
    "tail_db_s": 0.02,
    "release_db": 0.1,
    "motion": 0.3,
    "stft": 10.0,
}
"""of the terms in the loss"""
_HARMONIC_PLACE = 0.2
_MOTION_MOMENTS = 4
_RELEASED = 70.0
"""dB below the level at note-off from where on it no longer counts how far"""


def build(config: Config, sounds: Sequence[Sound], device: torch.device) -> "HarmonicExperiment":
    """HarmonicExperiment for the registry: analyses the sounds first. Raises TrainingError where there are none."""
    network = config.network
    if not isinstance(network, HarmonicConfig):
        raise TrainingError("the harmonic field needs its own section [network].")
    if config.inference != InferenceConfig():
        raise TrainingError("the harmonic field keeps its latents in a table of its own; leave the section [inference] out.")
    if network.partials < 0:
        raise TrainingError(f"network.partials is {network.partials}; name how many, or 0 for as many as can be heard.")
    modes = MOST_MODES if network.modes else 0
    notes = analyse_notes(sounds, config.data.seconds, network.partials, network.bands, network.hold_out, modes)
    return HarmonicExperiment(config, network, sounds, notes, device)


class HarmonicExperiment(TabledExperiment):
    """Slow network, motion of the pitch, latents [I, D] (one an instrument) and analysed notes."""

    def __init__(
        self, config: Config, network: HarmonicConfig, sounds: Sequence[Sound], notes: Notes, device: torch.device
    ) -> None:
        super().__init__(config, sounds, notes, device)
        layout = Layout(notes.partials_db.shape[2], tuple(map(float, notes.mode_ratios)), tuple(map(float, notes.edges_hz)))
        releases = bool((notes.has_release & ~notes.held_out).any())
        self.network = SlowNetwork(network, layout, self.duration, self.span, self.generator, releases=releases)
        self.network.set_base(mean_levels(notes))
        self.network.to(device)
        self.latents = self.drawn_latents(network.latent, network.latent_deviation)
        learnt = network.latent, self.duration, self.span, self.generator
        self.motion = MotionNetwork(*learnt).to(device) if moves(notes) else None
        self._lessons = Lessons(notes, network, device)
        recorded = self.sounds, notes, self.rate, self.duration, self.bandwidth
        self._waveforms = Waveforms(*recorded) if network.waveforms > 0.0 else None

    @override
    def networks(self) -> dict[str, nn.Module]:
        """The slow network, and the motion's where the notes' pitches move."""
        return {"network": self.network, **({"motion": self.motion} if self.motion is not None else {})}

    def loss(self, generator: torch.Generator, progress: float = 0.0) -> dict[str, Tensor]:
        """Weighted L1 in dB of tones and noise bands; distances of the place among the series, tail, release and motion.

        Where the configuration asks for waveforms, their distance counts as well from a certain `progress` on.
        """
        lessons = self._lessons.draw(generator)
        parts = [self._taught(lesson) for lesson in lessons]
        shares = [len(lesson.share) / self.network.config.notes for lesson in lessons]
        terms = {name: sum_of(share * part[name] for share, part in zip(shares, parts, strict=True)) for name in parts[0]}
        if self.network.releases:
            terms["release_db"] = self._release(generator)
        if self._waveforms is not None:
            late = progress >= 1.0 - self.network.config.waveforms
            nothing = torch.zeros((), device=self.device)
            terms["stft"] = self._waveforms.distance(self.network, self.latents, generator) if late else nothing
        return {"total": sum_of(_SHARES[name] * term for name, term in terms.items()), **terms}

    def _taught(self, lesson: Lesson) -> dict[str, Tensor]:
        """The terms of one lesson."""
        network, latent = self.network, lesson.mixed(self.latents[lesson.instruments]) + lesson.jitter
        told = network.told(latent, lesson.pitch, lesson.velocity)
        found = network.levels(told, lesson.times, lesson.partials)
        tones, noise = distance_db(found, lesson.levels, lesson.present, network.layout.bands)
        place = network.places(latent, lesson.pitch)
        off = torch.where(lesson.place > 0.0, (place - lesson.place).abs(), torch.relu(place - _HARMONIC_PLACE)).mean()
        tail = (network.fall(told) - lesson.fall).abs().mean()
        terms = {"tones_db": tones, "noise_db": noise, "place": off, "tail_db_s": tail}
        if self.motion is not None:
            terms["motion"] = self._moved(self.motion, lesson, latent.detach())
        return terms

    def _release(self, generator: torch.Generator) -> Tensor:
        """Mean |difference| in dB of the levels after notes were let go, held where nobody hears them."""
        note, times, wanted, present = self._lessons.released(generator)
        notes = self._lessons
        pitch = notes.pitch[note]
        told = self.network.told(self.latents[notes.instrument[note]], pitch, notes.velocity[note])
        found = self.network.damping(told, pitch, times).clamp(max=_RELEASED)
        error = (found + wanted.clamp(-_RELEASED, 0.0)).abs() * present.unsqueeze(1)
        return error.sum() / (present.sum() * times.shape[1]).clamp(min=1.0)

    def _moved(self, motion: MotionNetwork, lesson: Lesson, latent: Tensor) -> Tensor:
        rows = [
            each.repeat_interleave(_MOTION_MOMENTS, 0) for each in (latent, lesson.pitch, lesson.velocity, lesson.vibrato_hz)
        ]
        times, drift, depth = (each[:, :_MOTION_MOMENTS].flatten() for each in (lesson.times, lesson.drift, lesson.vibrato))
        return motion_distance(motion(rows[0], rows[1], rows[2], times), (drift, depth, rows[3]))

    def evaluate(self) -> Evaluation:
        """Notes beside what the model makes of them, with their recorded pitch and level."""
        return self.scored(self.network.config.scored)

    @override
    def played(
        self, latent: Tensor, pitch: float, velocity: float, frames: int, cycles: Callable[[Floats], Floats]
    ) -> NDArray[np.float32]:
        note = latent.detach().cpu(), pitch, velocity
        return render_note(self.network.cpu(), *note, cycles, self.rate, frames, self.bandwidth)

    def parts(self) -> InstrumentParts:
        """The instrument's parts (training/harmonic/export.py)."""
        from training.harmonic.export import harmonic_parts  # both modules need each other

        return harmonic_parts(self)
