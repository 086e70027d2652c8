"""What becomes of files that are dropped on the window: kinds, copies, and commands of the laboratory. No Qt here."""

import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sirenade.errors import InstrumentError, SirenadeError
from synth.instrument.card import CARD_FILE, LATENTS_FILE, REQUIRED_FILES
from synth.instrument.latents import Latents
from synth.instrument.loader import MAX_LATENTS_BYTES, load, read_part
from synth.presets.bank import file_name
from synth.presets.patch import Tuning, UserAnchor
from synth.presets.preset import SUFFIX
from synth.tuning import key_notes

SOUNDS = {".wav", ".flac", ".ogg", ".aif", ".aiff", ".mp3"}
MIDI_FILES = {".mid", ".midi"}
TUNINGS = {".scl", ".kbm"}
MANY = 8
"""From so many sounds on they are taken for a new instrument."""
MAX_TUNING_BYTES = 65536


@dataclass
class Dropped:
    """Files by what they are."""

    sounds: list[Path] = field(default_factory=list)
    recordings: list[Path] = field(default_factory=list)
    """Folders of sounds"""
    instruments: list[Path] = field(default_factory=list)
    presets: list[Path] = field(default_factory=list)
    midi_files: list[Path] = field(default_factory=list)
    tunings: list[Path] = field(default_factory=list)
    unknown: list[Path] = field(default_factory=list)


def sorted_out(paths: Iterable[Path]) -> Dropped:
    """What each file is, by its name; of folders and .zip files by what is in them."""
    found = Dropped()
    for path in paths:
        kind = path.suffix.lower()
        if path.is_dir():
            is_instrument = (path / CARD_FILE).is_file()
            has_sounds = not is_instrument and any(inner.suffix.lower() in SOUNDS for inner in path.rglob("*"))
            (found.instruments if is_instrument else found.recordings if has_sounds else found.unknown).append(path)
        elif kind == ".zip":
            found.instruments.append(path)
        elif kind == SUFFIX:
            found.presets.append(path)
        elif kind in MIDI_FILES:
            found.midi_files.append(path)
        elif kind in TUNINGS:
            found.tunings.append(path)
        else:
            (found.sounds if kind in SOUNDS else found.unknown).append(path)
    return found


def take_instrument(source: Path, into: Path) -> Path:
    """Copy an instrument that plays into the user's folder; where it is then. Raises InstrumentError, OSError.

    Of a folder only what its card names is copied. One that is there already is left alone: the copy gets a number.
    """
    instrument = load(source)
    into.mkdir(parents=True, exist_ok=True)
    zipped = source.is_file()
    target = _free(into, file_name(source.stem if zipped else source.name), ".zip" if zipped else "")
    with tempfile.TemporaryDirectory(prefix=".taking-", dir=into) as beside:
        copy = Path(beside) / target.name
        if zipped:
            shutil.copyfile(source, copy)
        else:
            copy.mkdir()
            for name in {CARD_FILE, *REQUIRED_FILES, *instrument.card.files}:
                if Path(name).name != name:
                    raise InstrumentError(f"{source}: the card names the file {name!r}, which lies elsewhere.")
                shutil.copyfile(source / name, copy / name)
        load(copy)
        copy.rename(target)
    return target


def gather(paths: Sequence[Path], into: Path) -> None:
    """Copy sounds, and those in folders, side by side into a folder, which is made. Raises OSError."""
    into.mkdir(parents=True)
    for path in paths:
        inside = sorted(inner for inner in path.rglob("*") if inner.suffix.lower() in SOUNDS) if path.is_dir() else [path]
        for sound in inside:
            shutil.copyfile(sound, _free(into, sound.stem, sound.suffix))


def last_anchor(instrument: Path) -> UserAnchor:
    """The anchor that was added to an instrument last. Raises InstrumentError."""
    latents = Latents.from_bytes(read_part(instrument, LATENTS_FILE, MAX_LATENTS_BYTES))
    start, end = latents.loops[-1]
    return UserAnchor(
        name=latents.names[-1],
        latent=tuple(float(value) for value in latents.latents[-1]),
        pitch=min(127.0, max(0.0, float(latents.pitches[-1]))),
        duration=float(latents.durations[-1]),
        loop=(float(start), float(end)),
    )


def read_tuning(paths: Sequence[Path], before: Tuning) -> Tuning:
    """The tuning of a .scl and a .kbm file; where one is missing, that of `before` stays. Raises SirenadeError."""
    texts = {"scl": before.scl, "kbm": before.kbm}
    name = before.name
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise SirenadeError(f"{path} cannot be read: {error.strerror}.") from None
        if len(content) > MAX_TUNING_BYTES:
            raise SirenadeError(f"{path.name} is too large for a tuning; choose a Scala file.")
        kind = path.suffix.lower()[1:]
        texts[kind] = content.decode("latin-1")
        name = path.stem if kind == "scl" or not name else name
    key_notes(texts["scl"], texts["kbm"])
    return Tuning(name=name, **texts)


def encode_command(instrument: Path, sound: Path, name: str, out: Path) -> list[str]:
    """Find a sound in the latent space of an instrument, and write a copy that has it."""
    return ["encode", str(instrument), str(sound), "--name", name, "--out", str(out)]


def train_command(recordings: Path, run: Path, seconds: float) -> list[str]:
    """Train a new instrument on recordings."""
    return ["train", "auto", "--data", str(recordings), "--out", str(run), "--set", f"max_seconds={seconds:g}"]


def export_command(run: Path, out: Path, name: str) -> list[str]:
    """Make an instrument of a run; of one with a part for each kind of sound, of that with more of them."""
    parts = [part for part in (run / "pitched", run / "unpitched") if part.is_dir()]
    sounds = {part: len(list((run / "sounds" / part.name).glob("*"))) for part in parts}
    chosen = max(parts, key=lambda part: sounds[part]) if parts else run
    return ["export", str(chosen), str(out), "--name", name]


def free_name(name: str, taken: Iterable[str]) -> str:
    """`name`, with a number where it is taken."""
    known, count, free = set(taken), 1, name
    while free in known:
        count += 1
        free = f"{name} {count}"
    return free


def _free(folder: Path, stem: str, suffix: str) -> Path:
    path, count = folder / f"{stem}{suffix}", 1
    while path.exists():
        count += 1
        path = folder / f"{stem} {count}{suffix}"
    return path
