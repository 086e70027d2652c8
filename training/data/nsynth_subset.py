"""NSynth's two subsets of the study (thesis section 5.5): the rule, the choice, the check, the folder."""

import gzip
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soundfile

from sirenade.errors import DatasetError
from sirenade.files import write_bytes, write_text
from training.data import card, nsynth
from training.data.balance import balanced
from training.data.card import Card
from training.data.pairs import json_pairs

Example = Mapping[str, Any]
LICENSE = "CC BY 4.0 (NSynth by Google Inc.; Engel et al. 2017)"


@dataclass(frozen=True)
class Rule:
    """Which notes a subset may hold: no quality tag, of these families, from `low` to `high` (MIDI notes)."""

    families: tuple[str, ...]
    low: int
    high: int

    @property
    def cells(self) -> int:
        """How many combinations of family and note there are."""
        return len(self.families) * (self.high - self.low + 1)

    def fits(self, example: Example) -> bool:
        """Whether the subset may hold this note."""
        return (
            example["instrument_family_str"] in self.families
            and self.low <= example["pitch"] <= self.high
            and not example["qualities_str"]
            and not any(example["qualities"])
        )


RULES = {"keyboard": Rule(("keyboard",), 60, 64), "diverse": Rule(("keyboard", "mallet", "guitar"), 24, 84)}


@dataclass(frozen=True)
class Summary:
    """What a list of notes holds. `least` and `most` notes of one family at one pitch; `even`: as many as there must be."""

    items: int
    unfit: tuple[str, ...]
    least: int
    most: int
    even: bool
    families: dict[str, int]
    instruments: int

    def lines(self) -> list[str]:
        """The summary for people."""
        unfit = f"{len(self.unfit)} do not fit the rule, {self.unfit[0]} first" if self.unfit else "all fit the rule"
        families = ", ".join(f"{name} {count}" for name, count in self.families.items())
        even = "balanced" if self.even else "not balanced"
        return [
            f"{self.items} notes of {self.instruments} instruments: {unfit}.",
            f"{even}: {self.least} to {self.most} notes of each family at each pitch ({families}).",
        ]


def rule_of(subset: str) -> Rule:
    """The rule called `subset`. Raises DatasetError."""
    if subset not in RULES:
        raise DatasetError(f"there is no subset {subset}; choose one of {', '.join(RULES)}.")
    return RULES[subset]


def choose(pairs: Iterable[tuple[str, Example]], rule: Rule, items: int = 1024, seed: int = 0) -> dict[str, Example]:
    """`items` notes that fit, balanced per family and note: key -> example, in the order of choosing.

    `pairs` may be a stream; only what fits is kept. Raises DatasetError where too few fit.
    """
    return dict(
        balanced(
            (pair for pair in pairs if rule.fits(pair[1])),
            items,
            key=lambda pair: pair[0],
            traits=lambda pair: (pair[1]["pitch"], pair[1]["instrument_family_str"]),
            seed=seed,
        )
    )


def summarise(examples: Mapping[str, Example], rule: Rule) -> Summary:
    """How a list of notes keeps the rule. Even: no combination of family and note has fewer than items // combinations.

    The study filled that many of each and drew the rest from what was left, so its fullest combinations have a few more.
    """
    cells = Counter((example["instrument_family_str"], example["pitch"]) for example in examples.values())
    counts = [cells[family, pitch] for family in rule.families for pitch in range(rule.low, rule.high + 1)]
    return Summary(
        items=len(examples),
        unfit=tuple(key for key, example in examples.items() if not rule.fits(example)),
        least=min(counts),
        most=max(counts),
        even=min(counts) >= len(examples) // rule.cells,
        families=dict(Counter(example["instrument_family_str"] for example in examples.values()).most_common()),
        instruments=len({example["instrument_str"] for example in examples.values()}),
    )


def read_ids(path: Path) -> list[str]:
    """Keys of a list of notes: lines of a .txt file, or the keys of a JSON object (.json, .json.gz). Raises DatasetError."""
    if ".txt" not in path.suffixes:
        return list(dict.fromkeys(key for key, _ in json_pairs(path)))
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as stream:
            return list(dict.fromkeys(line.strip() for line in stream if line.strip()))
    except (OSError, EOFError, UnicodeDecodeError):
        raise DatasetError(f"{path} cannot be read as a list of names, one a line.") from None


@dataclass(frozen=True)
class Order:
    """A subset to make: from NSynth's folder, a name of RULES or exact keys, seconds of each note (0: whole)."""

    source: Path
    out: Path
    subset: str
    ids: Path | None = None
    items: int = 1024
    seconds: float = 1.0
    seed: int = 0


def make(order: Order, progress: Callable[[int, int], None] | None = None) -> Summary:
    """Copy the subset, each note cut, into `order.out` in NSynth's layout with a card; says what it holds.

    What is there is kept, so a stopped run goes on where it was. Raises DatasetError: too few notes that fit, ids that
    NSynth does not have, audio that is not there.
    """
    rule = rule_of(order.subset)
    places = _places(order.source)
    pairs = ((key, example) for place in places for key, example in nsynth.stream_examples(place / nsynth.EXAMPLES_FILE))
    chosen = choose(pairs, rule, order.items, order.seed) if order.ids is None else _exactly(pairs, read_ids(order.ids), order)
    found = _audio(chosen, places, order.source)
    summary = summarise(chosen, rule)
    card.claim(order.out, card.descended(_card(order, summary), order.source))
    write_text(order.out / nsynth.EXAMPLES_FILE, json.dumps(chosen, indent=1) + "\n")
    for done, (key, path) in enumerate(found.items()):
        target = order.out / nsynth.AUDIO_FOLDER / f"{key}.wav"
        if not target.is_file():
            write_bytes(target, cut(path, order.seconds))
        if progress:
            progress(done + 1, len(found))
    return summary


def cut(path: Path, seconds: float) -> bytes:
    """A WAV file's first `seconds` (0: all of it), sample for sample. Raises DatasetError."""
    try:
        with soundfile.SoundFile(path) as source:
            kind = "int16" if source.subtype == "PCM_16" else "float64"
            samples = source.read(round(seconds * source.samplerate) or -1, dtype=kind, always_2d=True)
            stream = io.BytesIO()
            soundfile.write(stream, samples, source.samplerate, format="WAV", subtype=source.subtype)
    except (soundfile.LibsndfileError, OSError) as error:
        raise DatasetError(f"{path} cannot be read as a sound file ({error}); unpack the set again.") from None
    return stream.getvalue()


def _places(source: Path) -> list[Path]:
    """The folder with examples.json, or those of its parts nsynth-train, nsynth-valid and nsynth-test that are there."""
    if (source / nsynth.EXAMPLES_FILE).is_file():
        return [source]
    places = sorted(path.parent for path in source.glob(f"nsynth-*/{nsynth.EXAMPLES_FILE}"))
    if not places:
        raise DatasetError(
            f"there is no {nsynth.EXAMPLES_FILE} in {source}; name the unpacked nsynth-train folder "
            "(docs/datasets.md says where it comes from)."
        )
    return places


def _exactly(pairs: Iterable[tuple[str, Example]], ids: Sequence[str], order: Order) -> dict[str, Example]:
    wanted = set(ids)
    found = {key: example for key, example in pairs if key in wanted}
    missing = [key for key in ids if key not in found]
    if missing or not ids:
        raise DatasetError(
            f"{len(missing)} of the {len(ids)} notes of {order.ids} are not in {order.source}, {missing[0]} first; "
            "the study's notes are those of nsynth-train."
            if ids
            else f"{order.ids} lists no notes."
        )
    return {key: found[key] for key in ids}


def _audio(chosen: Mapping[str, Example], places: Sequence[Path], source: Path) -> dict[str, Path]:
    found = {}
    for key in chosen:
        paths = (place / nsynth.AUDIO_FOLDER / f"{key}.wav" for place in places)
        path = next((path for path in paths if path.is_file()), None)
        if path is not None:
            found[key] = path
    missing = [key for key in chosen if key not in found]
    if missing:
        raise DatasetError(
            f"{source} is only half there: the audio of {len(missing)} of {len(chosen)} notes is missing, {missing[0]} first; "
            "unpack the archive again (`sirenade dataset verify ARCHIVE` checks it)."
        )
    return found


def _card(order: Order, summary: Summary) -> Card:
    exact = f" --ids {order.ids.name}" if order.ids else f" --items {order.items} --seed {order.seed}"
    return Card(
        name=f"NSynth {order.subset}" + (f" ({order.ids.name})" if order.ids else ""),
        rendered=False,
        description=f"A subset of NSynth (thesis section 5.5). {' '.join(summary.lines())}",
        license=LICENSE,
        items=summary.items,
        rate=16000,
        seconds=order.seconds or 4.0,
        seed=order.seed,
        made_with=f"sirenade dataset nsynth --from NSYNTH --subset {order.subset}{exact} --seconds {order.seconds:g}",
    )
