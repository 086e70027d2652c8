"""Writes an evaluation: tables, FLAC files, pictures and the listening page."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from sirenade.files import replacing, write_text
from training.evaluation.page import Card, Entry, listening_page
from training.evaluation.scoring import Scored
from training.evaluation.sources import REFERENCE, Takes
from training.pictures import save_strip, save_takes

Samples = NDArray[np.float32]

PAGE_FILE, REPORT_FILE, MEANS_FILE, SOUNDS_FILE = "index.html", "report.md", "means.csv", "scores.csv"


def write_evaluation(
    out: Path,
    takes: Sequence[Takes],
    scored: Scored,
    shown: int,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Path:
    """Write everything into the folder `out` and return the page's path.

    report.md and means.csv (a row per model), scores.csv (every sound) and, of at most `shown` sounds, spread evenly, audio/
    (the reference and every model's) and pictures/ (waveforms above spectrograms, and strips/ for the page). `progress` is
    told how many sounds are written, of how many. Raises OSError where the folder cannot be written.
    """
    names = _spread(list(takes[0].pairs), shown)
    write_text(out / REPORT_FILE, f"# {_title(takes)}\n\n{len(takes[0].pairs)} sounds.\n\n{scored.to_markdown()}")
    write_text(out / MEANS_FILE, scored.to_csv())
    write_text(out / SOUNDS_FILE, scored.sounds_csv())
    entries = []
    for done, name in enumerate(names, 1):
        entries.append(_write_sound(out, f"{done:04}-{_slug(name)}", name, takes))
        progress(done, len(names))
    write_text(out / PAGE_FILE, listening_page(_title(takes), entries, scored, takes[0].rate))
    return out / PAGE_FILE


def _write_sound(out: Path, stem: str, name: str, takes: Sequence[Takes]) -> Entry:
    """The files of one sound."""
    rate, reference = takes[0].rate, takes[0].pairs[name].reference
    sounds = [(REFERENCE, reference), *((each.name, each.pairs[name].estimate) for each in takes)]
    cards = []
    for index, (model, samples) in enumerate(sounds):
        file = f"{stem}-{index}-{_slug(model)}"
        card = Card(model, f"audio/{file}.flac", f"pictures/strips/{file}.png")
        _write_flac(out / card.audio, samples, rate)
        save_strip(out / card.picture, samples, reference)
        cards.append(card)
    save_takes(out / "pictures" / f"{stem}.png", name, sounds, rate)
    return Entry(name, len(reference) / rate, cards)


def _write_flac(path: Path, samples: Samples, rate: int) -> None:
    """16 bit, which every browser plays, at half of a WAV file's size; beyond full scale it is clipped."""
    with replacing(path) as beside:
        soundfile.write(beside, np.clip(samples, -1.0, 1.0), rate, format="FLAC", subtype="PCM_16")


def _title(takes: Sequence[Takes]) -> str:
    return " beside ".join(each.name for each in takes)


def _slug(name: str) -> str:
    """A name as part of a file's name that no system or address minds."""
    return re.sub(r"[^A-Za-z0-9_.]+", "-", name).strip("-.")[:60] or "sound"


def _spread(names: Sequence[str], count: int) -> list[str]:
    """At most `count` names, evenly spread."""
    if len(names) <= count:
        return list(names)
    return [names[index] for index in np.linspace(0, len(names) - 1, max(count, 0)).round().astype(int)]
