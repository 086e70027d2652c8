"""A run as an instrument that the engine plays."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.fields.plan import Plan, spread
from synth.engine.noise import band_noise
from synth.engine.playable import Playable
from synth.evaluators import OnnxEvaluator
from synth.instrument import Card, Instrument, Latents, load
from synth.instrument.card import FIELD_FILE, LATENTS_FILE, MAPPING_FILE
from synth.instrument.loader import open_pitch
from training.experiments import Experiment
from training.export.bandwidth import measure, widest
from training.export.decoder import decoder_export, float32
from training.export.writer import About, write
from training.models.experiment import DecoderExperiment

INSTRUMENT = "instrument"
MEASURED = 6
"""Anchors whose bandwidth is measured, the highest notes: an export would take all."""


def instrument_of(plan: Plan, row: str, experiment: Experiment) -> Instrument:
    """The run as an instrument: exported into the row's folder, or, a decoder of time, put together in memory.

    A decoder has an anchor for each note, and describing them all would render them all; what is measured here asks for no
    descriptions.
    """
    if isinstance(experiment, DecoderExperiment):
        return _decoder(row, experiment)
    folder = plan.folder(row) / INSTRUMENT
    if not folder.exists():
        write(folder, experiment.parts(), About(name=row))
    return load(folder)


def playable(instrument: Instrument, rate: float) -> Playable:
    """Ready for `rate` Hz, evaluated by ONNX Runtime; seams are as they are written, since nothing here passes one."""
    card = instrument.card
    noise = band_noise(card.noise_bands, rate)
    return Playable(card, instrument.latents, OnnxEvaluator(instrument), noise, None, open_pitch(instrument))


def anchor_for(plan: Plan, instrument: Instrument, sound_of: str, key: float) -> int:
    """The anchor that a key plays with the sound of an instrument of the data: of its notes the nearest.

    Models with a phase have one anchor an instrument, in the data's order.
    """
    if "phase" in instrument.card.coordinates:
        return list(dict.fromkeys(sound.instrument for sound in plan.sounds)).index(sound_of)
    names = instrument.latents.names
    known = {sound.name: sound for sound in plan.sounds}
    mine = [place for place, name in enumerate(names) if name in known and known[name].instrument == sound_of]
    return min(mine, key=lambda place: abs(known[names[place]].pitch - key))


def played_instruments(plan: Plan, instrument: Instrument) -> list[str]:
    """Names of the data's instruments that are played, spread evenly; half as many by models of time, which take long."""
    count = plan.instruments if "phase" in instrument.card.coordinates else max(1, plan.instruments // 2)
    return spread(list(dict.fromkeys(sound.instrument for sound in plan.sounds)), count)


def _decoder(row: str, experiment: DecoderExperiment) -> Instrument:
    config, export = experiment.config, decoder_export(experiment)
    table, sounds = float32(experiment.latents), experiment.sounds
    latents = _latents(table, experiment, list(range(len(sounds))))
    files = {MAPPING_FILE: export.mapping_graph(), FIELD_FILE: export.field_graph(), LATENTS_FILE: latents.to_bytes()}
    card = Card(
        name=row,
        training_rate=float(config.data.rate),
        duration=experiment.frames / config.data.rate,
        bandwidth=config.data.rate / 2.0,
        coordinates=("time",),
        conditions=("latent", *config.conditions),
        modulation="held",
        modulations=export.modulations,
        latent_size=table.shape[1],
        files={file: hashlib.sha256(content).hexdigest() for file, content in files.items()},
    )
    whole = Instrument(Path(row), card, latents, files[MAPPING_FILE], files[FIELD_FILE])
    highest = np.argsort([sound.pitch for sound in sounds])[-MEASURED:]
    few = replace(whole, latents=_latents(table, experiment, [int(place) for place in highest]))
    return replace(whole, card=card.model_copy(update={"bandwidth": widest(measure(few))}))


def _latents(table: np.ndarray, experiment: DecoderExperiment, chosen: list[int]) -> Latents:
    duration = experiment.frames / experiment.config.data.rate
    count = len(chosen)
    return Latents(
        latents=table[[experiment.anchor_of[index] for index in chosen]],
        names=tuple(experiment.sounds[index].name for index in chosen),
        pitches=np.array([experiment.sounds[index].pitch for index in chosen], np.float32),
        tags=("",) * count,
        map=np.full((count, 2), 0.5, np.float32),
        loops=np.tile([0.5 * duration, 0.9 * duration], (count, 1)),
        durations=np.full(count, duration),
        descriptors=np.zeros((count, 0), np.float32),
        descriptor_names=(),
    )
