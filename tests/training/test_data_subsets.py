"""The study's subsets, made from small sets in the layouts of NSynth and Speech Commands."""

import gzip
import json
from itertools import product

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from sirenade.cli import build
from sirenade.errors import DatasetError
from training.data import card, load_sounds, nsynth, nsynth_subset, pairs, speech_commands
from training.data.nsynth_subset import RULES
from training.data.speech import DIGITS

from .test_data import example, write_nsynth

RATE = 16000


def note(family, pitch, instrument, tags=()):
    name = f"{family}_acoustic_{instrument:03d}"
    return f"{name}-{pitch:03d}-100", example(
        pitch=pitch,
        instrument_str=name,
        instrument_family_str=family,
        qualities_str=list(tags),
        qualities=[int(quality in tags) for quality in nsynth.QUALITIES],
    )


def many_notes():
    """Four instruments of four families from MIDI 22 to 86; every other one of the keyboards is tagged."""
    return dict(
        note(family, pitch, instrument, ("dark",) if family == "keyboard" and instrument % 2 else ())
        for family, pitch, instrument in product(("keyboard", "mallet", "guitar", "bass"), range(22, 87), range(4))
    )


@pytest.mark.parametrize(
    ("subset", "changes", "fits"),
    [
        ("keyboard", {"pitch": 60}, True),
        ("keyboard", {"pitch": 64}, True),
        ("keyboard", {"pitch": 59}, False),
        ("keyboard", {"pitch": 65}, False),
        ("keyboard", {"instrument_family_str": "mallet"}, False),
        ("keyboard", {"qualities_str": ["reverb"]}, False),
        ("keyboard", {"qualities": [0] * 9 + [1]}, False),
        ("diverse", {"pitch": 24, "instrument_family_str": "mallet"}, True),
        ("diverse", {"pitch": 84, "instrument_family_str": "guitar"}, True),
        ("diverse", {"pitch": 85}, False),
        ("diverse", {"pitch": 23}, False),
        ("diverse", {"instrument_family_str": "organ"}, False),
    ],
)
def test_the_rule_is_families_notes_and_no_tag(subset, changes, fits):
    assert RULES[subset].fits(example(**{"qualities_str": [], **changes})) is fits


def test_a_subset_is_balanced_and_keeps_the_rule():
    chosen = nsynth_subset.choose(iter(many_notes().items()), RULES["diverse"], 400)
    summary = nsynth_subset.summarise(chosen, RULES["diverse"])
    assert (summary.items, summary.unfit, summary.least, summary.most, summary.even) == (400, (), 2, 3, True)
    assert sorted(summary.families.values()) in ([122, 139, 139], [133, 133, 134])  # untagged keyboards: 2 a note, no more


def test_a_list_that_breaks_the_rule_is_told(tmp_path):
    notes = dict(list(many_notes().items())[:100])
    (tmp_path / "examples.json").write_text(json.dumps(notes))
    done = CliRunner().invoke(build(), ["dataset", "check", str(tmp_path / "examples.json")])
    assert done.exit_code == 1
    assert "do not fit the rule, keyboard_acoustic_000-022-100 first" in done.output
    kept = dict(note("keyboard", pitch, instrument) for pitch in range(60, 65) for instrument in range(3))
    with gzip.open(tmp_path / "kept.json.gz", "wt") as stream:
        json.dump(kept, stream)
    done = CliRunner().invoke(build(), ["dataset", "check", str(tmp_path / "kept.json.gz")])
    assert done.exit_code == 0
    assert "balanced: 3 to 3 notes" in done.output


def test_the_subset_folder_holds_the_first_second_sample_for_sample(tmp_path):
    kept = dict(note("keyboard", pitch, instrument) for pitch in range(60, 65) for instrument in range(3))
    source = write_nsynth(tmp_path / "nsynth-train", kept | dict([note("bass", 60, 0)]))
    long = np.random.default_rng(0).integers(-30000, 30000, 2 * RATE).astype(np.int16)
    for key in kept:
        soundfile.write(source / "audio" / f"{key}.wav", long, RATE)
    out = tmp_path / "out"
    order = nsynth_subset.Order(tmp_path, out, "keyboard", items=10)
    assert nsynth_subset.make(order).items == 10
    sounds = load_sounds(out, RATE)
    assert len(sounds) == 10
    assert len({sound.pitch for sound in sounds[:5]}) == 5
    copied, _ = soundfile.read(out / "audio" / f"{sounds[0].name}.wav", dtype="int16")
    assert (copied == long[:RATE]).all()
    assert "CC BY 4.0" in (out / "README.md").read_text()
    assert card.read(out).rendered is False
    (out / "audio" / f"{sounds[3].name}.wav").unlink()
    with pytest.raises(DatasetError, match="half there: 1 of 10 listed sounds are missing"):
        load_sounds(out, RATE)
    nsynth_subset.make(order)
    assert len(load_sounds(out, RATE)) == 10
    with pytest.raises(DatasetError, match="holds another set"):
        nsynth_subset.make(nsynth_subset.Order(tmp_path, out, "keyboard", items=5))


def test_exact_notes_are_taken_in_their_order_or_the_missing_ones_are_counted(tmp_path):
    kept = dict(note("keyboard", 60, instrument) for instrument in range(4))
    source = write_nsynth(tmp_path / "nsynth", kept)
    ids = list(kept)[:2][::-1]
    (tmp_path / "ids.txt").write_text("\n".join(ids) + "\n")
    nsynth_subset.make(nsynth_subset.Order(source, tmp_path / "out", "keyboard", tmp_path / "ids.txt"))
    assert [sound.name for sound in load_sounds(tmp_path / "out", RATE)] == ids
    (tmp_path / "more.json").write_text(json.dumps(dict.fromkeys([*ids, "x", "y"])))
    with pytest.raises(DatasetError, match=r"2 of the 4 notes of .*, x first"):
        nsynth_subset.make(nsynth_subset.Order(source, tmp_path / "other", "keyboard", tmp_path / "more.json"))
    (source / "audio" / f"{ids[0]}.wav").unlink()
    with pytest.raises(DatasetError, match="the audio of 1 of 2 notes is missing"):
        nsynth_subset.make(nsynth_subset.Order(source, tmp_path / "other", "keyboard", tmp_path / "ids.txt"))
    assert not (tmp_path / "other").exists()


def test_a_folder_that_is_not_nsynth_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="name the unpacked nsynth-train folder"):
        nsynth_subset.make(nsynth_subset.Order(tmp_path, tmp_path / "out", "keyboard"))
    with pytest.raises(DatasetError, match="choose one of keyboard, diverse"):
        nsynth_subset.rule_of("organ")


@pytest.mark.parametrize("chunk", [1, 3, 7, 1 << 20])
@pytest.mark.parametrize("text", ["{}", ' {"a" : 12, "b":{"c": [1, "}\\""]} , "d" :3.25}\n', '{"a":true}'])
def test_pairs_of_a_stream_are_those_of_the_whole(tmp_path, monkeypatch, chunk, text):
    monkeypatch.setattr(pairs, "CHUNK", chunk)
    (tmp_path / "list.json").write_text(text)
    assert dict(pairs.json_pairs(tmp_path / "list.json")) == json.loads(text)


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', "{1:1}", '{"a" 1}', "\x80"])
def test_damaged_lists_are_one_sentence(tmp_path, text):
    (tmp_path / "list.json").write_text(text, encoding="latin-1")
    with pytest.raises(DatasetError, match="cannot be read as JSON"):
        list(pairs.json_pairs(tmp_path / "list.json"))


def test_a_key_that_is_listed_twice_is_refused(tmp_path):
    key, content = note("keyboard", 60, 0)
    (tmp_path / "examples.json").write_text(f'{{"{key}": {json.dumps(content)}, "{key}": {json.dumps(content)}}}')
    with pytest.raises(DatasetError, match=f"lists {key} twice"):
        nsynth.read_examples(tmp_path)


def write_commands(folder, speakers=3, takes=2, words=DIGITS):
    tone = 0.3 * np.sin(np.arange(800) / 9)
    for word, speaker, take in product((*words, "bird", "_background_noise_"), range(speakers), range(takes)):
        path = folder / word / f"{speaker:08x}_nohash_{take}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, tone * (1 + speaker) / 4, RATE)
    return folder


def test_digits_are_balanced_per_word_and_then_over_speakers(tmp_path):
    source = write_commands(tmp_path / "speech")
    assert speech_commands.make(speech_commands.Order(source, tmp_path / "out", 30)) == 30
    sounds = load_sounds(tmp_path / "out", RATE)
    assert sorted({sound.family for sound in sounds[:10]}) == sorted(DIGITS)
    assert {(sound.family, sound.instrument) for sound in sounds} == set(product(DIGITS, (f"{n:08x}" for n in range(3))))
    assert card.read(tmp_path / "out").items == 30
    next((tmp_path / "out" / "six").iterdir()).unlink()
    with pytest.raises(DatasetError, match="29 of 30 sounds of Speech Commands digits; finish it with `sirenade dataset"):
        load_sounds(tmp_path / "out", RATE)
    assert speech_commands.make(speech_commands.Order(source, tmp_path / "out", 30)) == len(load_sounds(tmp_path / "out", RATE))


def test_speech_commands_that_are_half_there_are_refused(tmp_path):
    write_commands(tmp_path / "some", words=DIGITS[2:])
    with pytest.raises(DatasetError, match="has no recordings of zero, one;"):
        speech_commands.choose(tmp_path / "some")
    write_commands(tmp_path / "few")
    with pytest.raises(DatasetError, match="want 102 of each digit"):
        speech_commands.choose(tmp_path / "few")


def test_a_subset_of_a_rendered_set_stays_a_rendered_set(tmp_path):
    source = write_commands(tmp_path / "spoken")
    own = card.Card(
        name="digits (spoken by espeak-ng)", rendered=True, description="Not Speech Commands.", license="free", items=60,
        rate=RATE, seconds=1.0, seed=0, made_with="sirenade dataset digits",
    )  # fmt: skip
    card.write(source, own)
    speech_commands.make(speech_commands.Order(source, tmp_path / "out", 20))
    found = card.read(tmp_path / "out")
    assert found.rendered
    assert card.name_of(tmp_path / "out") == "digits (spoken by espeak-ng), subset"
    assert card.name_of(tmp_path) == tmp_path.name
    (tmp_path / "out" / card.CARD_FILE).write_text('{"name": "of another program"}')
    assert card.name_of(tmp_path / "out") == "out"
    assert len(load_sounds(tmp_path / "out", RATE)) == 20
