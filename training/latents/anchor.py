"""One more anchor for an instrument that is there already: described as the others are, written with card and hashes valid."""

import hashlib
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sirenade
from sirenade.errors import InstrumentError, TrainingError
from synth.instrument import Instrument, load
from synth.instrument.card import CARD_FILE, LATENTS_FILE, Card
from synth.instrument.loader import MAX_LATENTS_BYTES, read_part
from synth.instrument.places import Ground, apart
from training.export import anchors
from training.export.bandwidth import DENSITY, Sampler, Spread, bandwidth_hz, widest

Samples = NDArray[np.float32]

LONGEST_NAME = 80
TAG = "encoded"


def check_name(instrument: Instrument, name: str) -> None:
    """Raise TrainingError where an anchor cannot be called `name`."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise TrainingError(f"an anchor's name has 1 to {LONGEST_NAME} printable characters; choose one with --name.")
    if name in instrument.latents.names:
        raise TrainingError(f"{instrument.path} has an anchor {name!r} already; choose another name with --name.")


def with_anchor(instrument: Instrument, latent: Samples, name: str, pitch: float) -> Instrument:
    """The instrument with one more anchor that knows latent [D], name and root pitch (MIDI); `described` adds the rest."""
    old = instrument.latents
    ground = Ground(old.latents, old.map)
    place = apart(ground.dots, ground.place(latent.astype(np.float64))[None]).astype(np.float32)
    grown = replace(
        old,
        latents=np.concatenate([old.latents, latent[None].astype(np.float32)]),
        names=(*old.names, name),
        pitches=np.append(old.pitches, np.float32(pitch)),
        tags=(*old.tags, TAG),
        map=np.concatenate([old.map, place]),
        loops=np.concatenate([old.loops, [[0.0, instrument.card.duration]]]),
        durations=np.append(old.durations, instrument.card.duration),
        descriptors=np.concatenate([old.descriptors, old.descriptors.mean(0, keepdims=True)]),
    )
    return replace(instrument, latents=grown)


def described(instrument: Instrument, sound: Samples, heard: Samples, entry: dict[str, Any]) -> Instrument:
    """The instrument with what is known of its last anchor: loop, duration, descriptors, bandwidth, and `entry` in its recipe.

    `sound` and `heard` are the recording and the instrument's rendering of it, [T] at the training rate.
    """
    card, old = instrument.card, instrument.latents
    rate = round(card.training_rate)
    duration = anchors.sounding(sound, rate)
    known = anchors.describe(heard, rate)
    values = [known.get(name, float(old.descriptors[-1, place])) for place, name in enumerate(old.descriptor_names)]
    latents = replace(
        old,
        loops=_last_row(old.loops, anchors.find_loop(heard, rate, duration)),
        durations=_last_row(old.durations, duration),
        descriptors=_last_row(old.descriptors, values),
    )
    dense = Sampler(instrument).sample(len(old.names) - 1, card.duration, card.training_rate * DENSITY)
    spread = Spread(old.names[-1], bandwidth_hz(dense, card.training_rate * DENSITY), 0.0)
    changed = card.model_copy(
        update={
            "bandwidth": max(card.bandwidth, widest([spread])),
            "recipe": {
                **card.recipe,
                TAG: [*card.recipe.get(TAG, []), {**entry, "name": old.names[-1], "code": f"sirenade {sirenade.__version__}"}],
            },
        }
    )
    return replace(instrument, card=changed, latents=latents)


def check_place(source: Path, out: Path | None, *, in_place: bool) -> Path | None:
    """Where the grown instrument will be written, if anywhere. Raises TrainingError where it cannot be written there."""
    if in_place and out is not None:
        raise TrainingError("--replace changes the instrument itself and --out makes a copy; name one of them.")
    if in_place and not source.is_dir():
        raise TrainingError(f"{source} is not a folder; unpack it, or write a copy with --out.")
    if out is not None and out.exists():
        raise TrainingError(f"{out} exists already; name another folder or remove it.")
    return source if in_place else out


def write(instrument: Instrument, out: Path) -> Card:
    """Write the instrument with all other files of its source to the folder `out`, built and loaded beside, then renamed.

    Returns its card. Raises InstrumentError where the result would not load.
    """
    contents = {name: _content(instrument, name) for name in instrument.card.files}
    hashes = {**instrument.card.files, LATENTS_FILE: hashlib.sha256(contents[LATENTS_FILE]).hexdigest()}
    text = instrument.card.model_copy(update={"files": hashes}).to_json()
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        whole, former = beside / "new", beside / "old"
        whole.mkdir()
        for name, content in {**contents, CARD_FILE: text.encode()}.items():
            (whole / name).write_bytes(content)
        card = load(whole).card
        if out.exists():
            out.rename(former)
        try:
            whole.rename(out)
        except OSError:
            if former.exists():
                former.rename(out)
            raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return card


def _content(instrument: Instrument, name: str) -> bytes:
    if Path(name).name != name or "\\" in name:  # a card from anywhere must not choose where files are written
        raise InstrumentError(f"the card of {instrument.path} lists {name!r}, which is no file of its folder.")
    if name == LATENTS_FILE:
        return instrument.latents.to_bytes()
    content = read_part(instrument.path, name, MAX_LATENTS_BYTES)
    if hashlib.sha256(content).hexdigest() != instrument.card.files[name]:
        raise InstrumentError(f"{instrument.path / name} is not the file its card describes (sha256 differs); export it again.")
    return content


def _last_row(array: NDArray[Any], value: Any) -> NDArray[Any]:  # noqa: ANN401 (a number or a row of them)
    changed = array.copy()
    changed[-1] = value
    return changed
