"""Folder or .zip -> checked Instrument. Nothing in the file is trusted."""

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sirenade.errors import InstrumentError
from sirenade.files import read_at_most
from synth.instrument import contract
from synth.instrument.card import (
    CARD_FILE,
    FIELD_FILE,
    LATENTS_FILE,
    MAPPING_FILE,
    MAX_CARD_BYTES,
    PITCH_FILE,
    Card,
    read_card,
)
from synth.instrument.graph import MAX_GRAPH_BYTES, Graph, Tensors
from synth.instrument.latents import Latents

MAX_LATENTS_BYTES = 256 << 20
PROBE_VOICES, PROBE_FRAMES = 2, 16


@dataclass(frozen=True)
class Instrument:
    """A loaded instrument: its card, its anchors, and its graphs as bytes, known to keep the contract."""

    path: Path
    card: Card
    latents: Latents
    mapping: bytes
    field: bytes
    pitch: bytes | None = None
    """The graph of the pitch's own motion, where there is one"""


def load(path: Path) -> Instrument:
    """Load and check the instrument at `path` (a folder, or a .zip of one).

    Raises InstrumentError with one sentence that says what is wrong.
    """
    card = read_card(read_part(path, CARD_FILE, MAX_CARD_BYTES), path)
    contents = {
        MAPPING_FILE: read_part(path, MAPPING_FILE, MAX_GRAPH_BYTES),
        FIELD_FILE: read_part(path, FIELD_FILE, MAX_GRAPH_BYTES),
        LATENTS_FILE: read_part(path, LATENTS_FILE, MAX_LATENTS_BYTES),
    }
    if card.moves_pitch:
        contents[PITCH_FILE] = read_part(path, PITCH_FILE, MAX_GRAPH_BYTES)
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != card.files[name]:
            raise InstrumentError(f"{path / name} is not the file its card describes (sha256 differs); export it again.")
    latents = Latents.from_bytes(contents[LATENTS_FILE])
    if latents.latents.shape[1] != card.latent_size:
        raise InstrumentError(
            f"{path}: the anchors have {latents.latents.shape[1]} dimensions; the card says {card.latent_size}."
        )
    instrument = Instrument(path, card, latents, contents[MAPPING_FILE], contents[FIELD_FILE], contents.get(PITCH_FILE))
    probe(instrument)
    return instrument


def open_graphs(instrument: Instrument, threads: int = 1) -> tuple[Graph, Graph]:
    """The mapping and the field graph on the CPU, their inputs and outputs checked against the card."""
    card, place = instrument.card, instrument.path
    mapping = Graph(
        instrument.mapping,
        str(place / MAPPING_FILE),
        contract.mapping_inputs(card),
        contract.mapping_outputs(card),
        threads=threads,
    )
    field = Graph(
        instrument.field,
        str(place / FIELD_FILE),
        contract.field_inputs(card),
        contract.field_outputs(),
        threads=threads,
    )
    return mapping, field


def open_pitch(instrument: Instrument) -> Graph | None:
    """The graph of the pitch's own motion on the CPU, checked; None where the instrument has none."""
    if instrument.pitch is None:
        return None
    place = str(instrument.path / PITCH_FILE)
    return Graph(instrument.pitch, place, contract.pitch_inputs(instrument.card), contract.pitch_outputs())


def probe(instrument: Instrument) -> None:
    """Run the graphs once on the anchors' first latent. Raises InstrumentError where they break the contract."""
    mapping, field = open_graphs(instrument)
    sizes = {"V": PROBE_VOICES, "N": PROBE_FRAMES}
    latents = instrument.latents
    last = len(latents.latents) - 1
    conditions: Tensors = {
        "latent": latents.latents[[0, last]],
        "pitch": latents.pitches[[0, last]],
        "velocity": np.array([0.25, 1.0], np.float32),
        "time": np.array([0.0, instrument.card.duration / 2], np.float32),
        "release": np.array([0.0, instrument.card.release_seconds / 2], np.float32),
    }
    modulations = mapping.probe({spec.name: conditions[spec.name] for spec in mapping.inputs}, sizes)
    field.probe(_probe_feeds(instrument.card, modulations), sizes)
    if pitch := open_pitch(instrument):
        pitch.probe({spec.name: conditions[spec.name] for spec in pitch.inputs}, sizes)


def _probe_feeds(card: Card, modulations: Tensors) -> Tensors:
    offsets = np.tile(np.arange(PROBE_FRAMES, dtype=np.float32) / np.float32(card.training_rate), (PROBE_VOICES, 1))
    feeds: dict[str, NDArray[Any]] = {
        "phase_start": np.zeros(PROBE_VOICES),
        "phase_offset": offsets * np.float32(220.0),
        "bandlimit": np.full(PROBE_VOICES, card.training_rate / 440.0, np.float32),
        "time_start": np.array([0.0, card.duration / 2]),
        "time_offset": offsets,
        "noise": np.zeros((PROBE_VOICES, PROBE_FRAMES, len(card.noise_bands)), np.float32),
        "blend": np.tile(np.linspace(0, 1, PROBE_FRAMES, dtype=np.float32), (PROBE_VOICES, 1)),
    }
    for name, tensor in modulations.items():
        feeds |= {name: tensor, f"{name}_start": tensor, f"{name}_end": tensor}
    return {spec.name: feeds[spec.name] for spec in contract.field_inputs(card)}


def read_part(path: Path, name: str, limit: int) -> bytes:
    """Content of the file `name` of the instrument at `path`, of at most `limit` bytes. Raises InstrumentError."""
    if path.is_dir():
        return _read_file(path / name, limit)
    if path.is_file() and path.suffix.lower() == ".zip":
        return _read_member(path, name, limit)
    if path.exists():
        raise InstrumentError(f"{path} is neither an instrument folder nor a .zip of one.")
    raise InstrumentError(f"there is no instrument at {path}; `sirenade models` lists those there are.")


def _read_file(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as stream:
            content = read_at_most(stream, limit)
    except FileNotFoundError:
        raise InstrumentError(f"{path.parent} is not an instrument: it has no {path.name}.") from None
    except OSError as error:
        raise InstrumentError(f"{path} cannot be read: {error.strerror}.") from None
    return _whole(content, limit, path)


def _read_member(path: Path, name: str, limit: int) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            member = next((entry for entry in archive.namelist() if entry.split("/")[-1] == name), None)
            if member is None:
                raise InstrumentError(f"{path} is not an instrument: it has no {name}.")
            with archive.open(member) as stream:
                return _whole(read_at_most(stream, limit), limit, path / name)
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise InstrumentError(f"{path} cannot be read as a .zip: {error}.") from None


def _whole(content: bytes | None, limit: int, path: Path) -> bytes:
    if content is None:
        raise InstrumentError(f"{path} is larger than {limit >> 20} MB.")
    return content
