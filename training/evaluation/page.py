"""The listening page: one static index.html with players side by side. It needs no network and works from a folder."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources

from training.evaluation.scoring import Scored, direction, heading, times
from training.metrics.table import number

SEEN = 6
"""Scores under each take that are seen at once; the others unfold."""


@dataclass(frozen=True)
class Card:
    """One take of a sound: whose it is, and its files relative to the page."""

    model: str
    audio: str
    picture: str


@dataclass(frozen=True)
class Entry:
    """One sound: its takes, the reference first, and its length in seconds."""

    name: str
    seconds: float
    cards: Sequence[Card]


def listening_page(title: str, entries: Sequence[Entry], scored: Scored, rate: int) -> str:
    """The page as HTML with its style and script inside. `rate` in Hz labels the spectrograms."""
    hidden = len(next(iter(scored.sounds.values()), {})) - len(entries)
    more = f" {hidden} more sounds were scored; --sounds shows more." if hidden > 0 else ""
    notes = escape(" ".join(scored.footnotes().split()))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f"<style>\n{_part('listening.css')}</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n"
        "<p><kbd>1</kbd> to <kbd>9</kbd> switch between takes at the same moment, <kbd>space</kbd> plays and pauses, "
        "<kbd>j</kbd> and <kbd>k</kbd> go to the next and the previous sound, <kbd>r</kbd> starts again, <kbd>l</kbd> loops. "
        'A click on a picture plays from there. <label><input type="checkbox" id="loop" checked> loop</label></p>\n'
        f'<div class="wide">{_means(scored)}</div>\n<p class="notes">{notes}{more} Bold: best '
        "model. Levels are as rendered; samples beyond full scale are clipped.</p>\n"
        + "".join(_section(entry, scored, rate) for entry in entries)
        + f"<script>\n{_part('listening.js')}</script>\n</body>\n</html>\n"
    )


def _part(name: str) -> str:
    return resources.files("training.evaluation").joinpath(name).read_text(encoding="utf-8")


def _means(scored: Scored) -> str:
    """A row per measure, since there are more of these than of models."""
    names = list(dict.fromkeys(name for row in scored.means.values() for name in row))
    head = "".join(f"<th>{escape(model)}</th>" for model in scored.means)
    rows = ""
    for name in names:
        best = _best({model: scored.means[model] for model in scored.sounds}, name)
        cells = "".join(_cell(row.get(name), name, model in best) for model, row in scored.means.items())
        rows += f"<tr><td>{escape(heading(name))}</td><td>{direction(name)}</td>{cells}</tr>\n"
    return f"<table>\n<thead><tr><th>mean</th><th>better</th>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>"


def _section(entry: Entry, scored: Scored, rate: int) -> str:
    rows = {model: sounds[entry.name] for model, sounds in scored.sounds.items()}
    cards = "".join(_card(card, index, entry, rows, rate) for index, card in enumerate(entry.cards, 1))
    return f'<section>\n<h2>{escape(entry.name)}</h2>\n<div class="takes">\n{cards}</div>\n</section>\n'


def _card(card: Card, index: int, entry: Entry, rows: Mapping[str, Mapping[str, float]], rate: int) -> str:
    spoken = escape(f"{card.model}: waveform and spectrogram of {entry.name}")
    scores = [
        f"<tr><td>{escape(heading(name))}</td>{_cell(value, name, card.model in _best(rows, name))}</tr>"
        for name, value in rows.get(card.model, {}).items()
    ]
    table = f"<table><tbody>{''.join(scores[:SEEN])}</tbody></table>\n" if scores else ""
    if scores[SEEN:]:
        table += f"<details><summary>more</summary><table><tbody>{''.join(scores[SEEN:])}</tbody></table></details>\n"
    return (
        f'<div class="take">\n<h3><kbd>{index}</kbd> {escape(card.model)}</h3>\n'
        f'<audio controls preload="auto" src="{escape(card.audio)}"></audio>\n'
        f'<div class="picture"><img src="{escape(card.picture)}" alt="{spoken}" loading="lazy"><div class="now"></div></div>\n'
        f'<div class="axis"><span>0 to {rate / 2000.0:g} kHz, 90 dB</span><span>{entry.seconds:.2f} s</span></div>\n'
        f"{table}</div>\n"
    )


def _cell(value: float | None, name: str, best: bool) -> str:
    mark = ' class="best"' if best else ""
    return f"<td{mark}>{'' if value is None else number(value * times(name))}</td>"


def _best(rows: Mapping[str, Mapping[str, float]], name: str) -> set[str]:
    """The models with the best value of a metric; none where there is one model only."""
    values = {model: row[name] for model, row in rows.items() if name in row and not math.isnan(row[name])}
    if len(rows) < 2 or not values:
        return set()
    wanted = max(values.values()) if direction(name) == "higher" else min(values.values())
    return {model for model, value in values.items() if value == wanted}
