"""The comparison page: every instrument by every model, to listen to and to look at; small enough for the documents."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile
import soxr
from PIL import Image

from benchmarks.fields.plan import DECODERS, PHASE_MODELS, RATE, Plan, Samples, fitted
from benchmarks.fields.scores import SCORES, Scores, read_scores
from benchmarks.fields.takes import LEDGER, TAKES
from sirenade.errors import SirenadeError
from sirenade.files import replacing, write_text
from training.data import Sound
from training.evaluation.page import Card, Entry, listening_page
from training.evaluation.scoring import Scored
from training.metrics import mean
from training.pictures import strip
from training.report import HELD_OUT

SHOWN = (*(name for name in DECODERS if name != "film-4x128"), *PHASE_MODELS)
AUDIO_RATE, AUDIO_S = 32000, 1.5
QUALITY = 0.6
"""Of Vorbis, 0..1: hiss is what is compared, so it must not be the codec's."""
PICTURE = (320, 144)
COLOURS = 48
MEASURES = ("lsd_db", "multi_stft")
TRAINED_KEY, HELD_OUT_KEY = 60.0, 66.0
"""The notes shown of each instrument are those nearest to these: a trained one, and one nobody was trained on."""
ORIGINAL, TITLE = "original", "Fields side by side (means over all trained notes)"


def write_page(plan: Plan, out: Path) -> Path:
    """index.html with audio/ and pictures/ beside it; files of an earlier page are replaced, strays removed.

    Raises SirenadeError where nothing has been rendered yet.
    """
    rows = [row for row in SHOWN if row in plan.rows and (plan.folder(row) / LEDGER).exists()]
    if not rows:
        raise SirenadeError(f"nothing is rendered in {plan.work} yet; run the comparison first.")
    scores = {row: read_scores(plan.folder(row) / SCORES) for row in rows}
    entries, found, kept = [], {row: dict[str, Mapping[str, float]]() for row in rows}, set[Path]()
    for number, sound in enumerate(chosen(plan), 1):
        name = (HELD_OUT if sound.name in plan.held_out else "") + sound.name
        takes = {ORIGINAL: sound.samples, **{row: _take(plan, row, sound) for row in rows if _is_there(plan, row, sound)}}
        cards = [
            _card(out, f"{number:02}-{place}", takes[ORIGINAL], row, samples)
            for place, (row, samples) in enumerate(takes.items())
        ]
        kept |= {out / file for card in cards for file in (card.audio, card.picture)}
        entries.append(Entry(name, AUDIO_S, cards))
        for row in rows:
            found[row][name] = {each: scores[row].get(sound.name, {}).get(each, float("nan")) for each in MEASURES}
    for stray in {*out.glob("audio/*"), *out.glob("pictures/*")} - kept:
        stray.unlink()
    means = {row: mean(_trained(plan, values)) for row, values in scores.items() if values}
    page = listening_page(
        "Fields side by side (means over all trained notes)", entries, Scored(MEASURES, found, means), AUDIO_RATE
    )
    write_text(out / "index.html", page)
    return out / "index.html"


def chosen(plan: Plan) -> list[Sound]:
    """Of each instrument the trained note nearest to TRAINED_KEY and the held-out one nearest to HELD_OUT_KEY."""
    shown = []
    for instrument in dict.fromkeys(sound.instrument for sound in plan.sounds):
        mine = [sound for sound in plan.sounds if sound.instrument == instrument]
        for wanted, key in ((False, TRAINED_KEY), (True, HELD_OUT_KEY)):
            alike = [sound for sound in mine if (sound.name in plan.held_out) is wanted]
            shown += [min(alike, key=lambda sound, key=key: abs(sound.pitch - key))] if alike else []  # type: ignore[misc]
    return shown


def _trained(plan: Plan, scores: Scores) -> list[dict[str, float]]:
    """Scores of all trained notes."""
    return [{name: row[name] for name in MEASURES} for note, row in scores.items() if note not in plan.held_out]


def _is_there(plan: Plan, row: str, sound: Sound) -> bool:
    """Whether a row that was stopped half way came to this note."""
    return (plan.folder(row) / TAKES / f"{sound.name}.wav").exists()


def _take(plan: Plan, row: str, sound: Sound) -> Samples:
    samples: Samples = soundfile.read(plan.folder(row) / TAKES / f"{sound.name}.wav", dtype="float32")[0]
    return samples


def _card(out: Path, stem: str, reference: Samples, row: str, samples: Samples) -> Card:
    """Writes one take: audio at AUDIO_RATE, picture of the first AUDIO_S seconds."""
    card = Card(row, f"audio/{stem}.ogg", f"pictures/{stem}.png")
    heard, wanted = (_shortened(each) for each in (samples, reference))
    with replacing(out / card.audio) as beside:
        soundfile.write(
            beside, np.clip(heard, -1.0, 1.0), AUDIO_RATE, format="OGG", subtype="VORBIS", compression_level=1.0 - QUALITY
        )
    picture = Image.fromarray(strip(heard, wanted)).resize(PICTURE, Image.Resampling.LANCZOS).quantize(COLOURS)
    content = io.BytesIO()
    picture.save(content, "PNG", optimize=True)
    with replacing(out / card.picture) as beside:
        beside.write_bytes(content.getvalue())
    return card


def _shortened(samples: Samples) -> Samples:
    """The first AUDIO_S seconds at AUDIO_RATE, faded out over the last 20 ms."""
    part = fitted(soxr.resample(fitted(samples, round(AUDIO_S * RATE)), RATE, AUDIO_RATE), round(AUDIO_S * AUDIO_RATE))
    fade = round(0.02 * AUDIO_RATE)
    part[-fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return part
