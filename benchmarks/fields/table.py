"""The table: one row a model, from what was measured so far."""

import csv
import io
from pathlib import Path
from typing import Any

from benchmarks.fields.measure import SIZE
from benchmarks.fields.plan import DECODERS, NOISE, ROWS, SILENCE, Plan
from benchmarks.fields.played import ALIAS, PITCH, VOICES, read_json
from benchmarks.fields.players import INSTRUMENT
from benchmarks.fields.scores import CDPAM, GAP, GAPS, RECORDING, RECORDING_GAP, SCORES, mean, read_scores
from benchmarks.fields.takes import LEDGER, held_out_way
from benchmarks.table import cell
from sirenade.files import write_text

COLUMNS = (
    *("model", "parameters", "macs_per_sample", "snr_db", "lsd_db", "mstft", "cdpam", "hiss_db", "recording_hiss_db"),
    *("alias_db", "pitch_cents", "heldout_lsd_db", "voices_per_core"),
)
MORE = (
    *(
        "model",
        "quiet_db",
        "recording_quiet_db",
        "heldout_mstft",
        "heldout_cdpam",
        "heldout_hiss_db",
        "heldout_quiet_db",
        "heldout_by",
    ),
    *("instrument_mb", "training_s", "steps", "voices_onnx", "voices_native", "keys_without_pitch"),
)
BY_INSTRUMENT = ("model", "instrument", "lsd_db", "heldout_lsd_db", "mstft", "heldout_mstft", "quiet_db", "recording_quiet_db")
SCORED_BY_PHASE = (*DECODERS, SILENCE, NOISE)
"""Rows whose phases are learnt, or trivially known: only there does SNR say anything."""

Values = dict[str, Any]


def table(plan: Plan) -> tuple[list[Values], list[Values]]:
    """Rows of both tables, None where a figure is not there or means nothing."""
    there = [row for row in ROWS if row in plan.rows and (plan.folder(row) / LEDGER).exists()]
    return [_row(plan, name) for name in there], [_more(plan, name) for name in there]


def write_tables(plan: Plan, folder: Path) -> None:
    """fields.csv, fields-more.csv, fields-instruments.csv and fields-alias.csv (the worst instrument's levels) in `folder`.

    Where fields.md is there, the tables in it, between its markers, are replaced.
    """
    rows, more = table(plan)
    write_text(folder / "fields.csv", to_csv(COLUMNS, rows))
    write_text(folder / "fields-more.csv", to_csv(MORE, more))
    aliases = [found for row in rows for found in _aliases(plan, row["model"])]
    instruments = [found for row in rows for found in _instruments(plan, row["model"])]
    write_text(folder / "fields-instruments.csv", to_csv(BY_INSTRUMENT, instruments))
    alias_columns = ("model", "key", *(str(rate) for rate in plan.rates))
    write_text(folder / "fields-alias.csv", to_csv(alias_columns, aliases))
    page = folder / "fields.md"
    if page.exists():
        text = page.read_text(encoding="utf-8")
        for name, columns, found in (("fields", COLUMNS, rows), ("more", MORE, more), ("alias", alias_columns, aliases)):
            text = _between_markers(text, name, to_markdown(columns, found))
        write_text(page, text)


def to_csv(columns: tuple[str, ...], rows: list[Values]) -> str:
    """Four digits are more than any of the figures holds."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue()


def to_markdown(columns: tuple[str, ...], rows: list[Values]) -> str:
    """The same for people."""
    lines = [f"| {' | '.join(columns)} |", "|---|" + "--:|" * (len(columns) - 1)]
    lines += ["| " + " | ".join(cell(row.get(column)) for column in columns) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _between_markers(text: str, name: str, content: str) -> str:
    """`text` with what stands between the comments "NAME table" and "end" replaced; as it is where there are none."""
    begin, end = f"<!-- {name} table -->\n", "<!-- end -->"
    before, found, after = text.partition(begin)
    _, ended, rest = after.partition(end)
    return f"{before}{begin}{content}{end}{rest}" if found and ended else text


def _row(plan: Plan, name: str) -> Values:
    folder, kept = plan.folder(name), plan.held_out
    scores, cdpam, gaps = read_scores(folder / SCORES), _heard(plan, folder), read_scores(folder / GAPS)
    size, voices = read_json(folder / SIZE), _numbers(read_json(folder / VOICES))
    levels, cents = _figures(read_json(folder / ALIAS)), _figures(read_json(folder / PITCH))
    return {
        "model": name,
        "parameters": size.get("parameters"),
        "macs_per_sample": size.get("macs_per_sample"),
        "snr_db": mean(scores, "snr_db", kept, inside=False) if name in SCORED_BY_PHASE else None,
        "lsd_db": mean(scores, "lsd_db", kept, inside=False),
        "mstft": mean(scores, "multi_stft", kept, inside=False),
        "cdpam": mean(cdpam, "cdpam", kept, inside=False),
        "hiss_db": mean(gaps, GAP, kept, inside=False),
        "recording_hiss_db": mean(gaps, RECORDING_GAP, kept, inside=False),
        "alias_db": max(levels, default=None),
        "pitch_cents": max((abs(each) for each in cents), default=None),
        "heldout_lsd_db": mean(scores, "lsd_db", kept, inside=True),
        "voices_per_core": max(voices.values()) if voices else None,
    }


def _more(plan: Plan, name: str) -> Values:
    folder, kept = plan.folder(name), plan.held_out
    scores, cdpam = read_scores(folder / SCORES), _heard(plan, folder)
    size, voices = read_json(folder / SIZE), _numbers(read_json(folder / VOICES))
    gaps = read_scores(folder / GAPS)
    files = [path.stat().st_size for path in (folder / INSTRUMENT).iterdir()] if (folder / INSTRUMENT).exists() else []
    pitches = [cents for keys in read_json(folder / PITCH).values() if isinstance(keys, dict) for cents in keys.values()]
    return {
        "model": name,
        "quiet_db": mean(scores, "hiss_db", kept, inside=False),
        "recording_quiet_db": mean(scores, RECORDING, kept, inside=False),
        "heldout_mstft": mean(scores, "multi_stft", kept, inside=True),
        "heldout_cdpam": mean(cdpam, "cdpam", kept, inside=True),
        "heldout_hiss_db": mean(gaps, GAP, kept, inside=True),
        "heldout_quiet_db": mean(scores, "hiss_db", kept, inside=True),
        "heldout_by": held_out_way(folder),
        "instrument_mb": sum(files) / 1e6 if files else None,
        "training_s": size.get("training_s"),
        "steps": size.get("steps"),
        "voices_onnx": voices.get("onnx"),
        "voices_native": voices.get("native"),
        "keys_without_pitch": sum(cents is None for cents in pitches) if pitches else None,
    }


def _heard(plan: Plan, folder: Path) -> dict[str, dict[str, float]]:
    """What CDPAM says of the notes that it hears of every row."""
    chosen = {name for names in plan.heard_names() for name in names}
    return {note: row for note, row in read_scores(folder / CDPAM).items() if note in chosen}


def _instruments(plan: Plan, name: str) -> list[Values]:
    """A row for each instrument of the data."""
    scores, rows = read_scores(plan.folder(name) / SCORES), []
    for instrument in dict.fromkeys(sound.instrument for sound in plan.sounds):
        mine = {sound.name for sound in plan.sounds if sound.instrument == instrument}
        own = {note: values for note, values in scores.items() if note in mine}
        rows.append(
            {
                "model": name,
                "instrument": instrument,
                "lsd_db": mean(own, "lsd_db", plan.held_out, inside=False),
                "heldout_lsd_db": mean(own, "lsd_db", plan.held_out, inside=True),
                "mstft": mean(own, "multi_stft", plan.held_out, inside=False),
                "heldout_mstft": mean(own, "multi_stft", plan.held_out, inside=True),
                "quiet_db": mean(own, "hiss_db", plan.held_out, inside=False),
                "recording_quiet_db": mean(own, RECORDING, plan.held_out, inside=False),
            }
        )
    return rows


def _figures(found: dict[str, object]) -> list[float]:
    """All figures by case, those that are None left out."""
    return [value for values in found.values() if isinstance(values, dict) for value in values.values() if value is not None]


def _aliases(plan: Plan, name: str) -> list[Values]:
    """The worst instrument's levels, a row for each key."""
    rows: dict[str, Values] = {}
    for case, levels in read_json(plan.folder(name) / ALIAS).items():
        row = rows.setdefault(case.rsplit(" ", 1)[1], {"model": name, "key": case.rsplit(" ", 1)[1]})
        for rate, level in (levels if isinstance(levels, dict) else {}).items():
            row[rate] = max(level, row.get(rate, level))
    return list(rows.values())


def _numbers(found: dict[str, object]) -> dict[str, float]:
    return {name: float(value) for name, value in found.items() if isinstance(value, int | float)}
