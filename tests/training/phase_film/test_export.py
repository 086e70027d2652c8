"""The exported instrument: equal to the model, exact late in a note, and free of aliases where it is oversampled."""

import numpy as np
import pytest

from synth import evaluators
from synth.commands import MovePad, NoteOff, NoteOn
from synth.instrument import contract, load
from synth.instrument.loader import open_graphs
from synth.offline.render import Render
from synth.offline.score import timeline_score
from synth.offline.timeline import Timeline
from training.export.verify import TOLERANCE
from training.export.writer import About, write
from training.harmonic.notes import nominal_hz
from training.phase_film.aliasing import FACTORS, alias_db, table

ROWS, ROW, RATE = 40, 64, 48000


@pytest.fixture(scope="module")
def instrument(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("film") / "instrument"
    card = write(folder, trained.parts(), About("Made", license="MIT"))
    assert max(card.recipe["null_errors"].values()) < TOLERANCE
    return load(folder)


def play(instrument, hz, *, limit=1e9, start=0.0, moment=0.3):
    """A steady voice's samples from the field graph, slow time standing still."""
    mapping, field = open_graphs(instrument)
    told = {"pitch": 69 + 12 * np.log2(hz / 440.0), "velocity": 1.0, "time": moment}
    feeds = {name: np.full(1, value, np.float32) for name, value in told.items()}
    slow = mapping.run({"latent": instrument.latents.latents[:1], **feeds})
    given = {
        "phase_start": start + np.arange(ROWS) * (ROW * hz / RATE),
        "phase_offset": np.tile(np.arange(ROW, dtype=np.float32) * np.float32(hz / RATE), (ROWS, 1)),
        "bandlimit": np.full(ROWS, limit, np.float32),
        "time_start": np.full(ROWS, moment),
        "time_offset": np.zeros((ROWS, ROW), np.float32),
        "noise": np.zeros((ROWS, ROW, len(instrument.card.noise_bands)), np.float32),
        "blend": np.zeros((ROWS, ROW), np.float32),
    }
    for name, values in slow.items():
        given |= {f"{name}_{end}": np.repeat(values, ROWS, 0) for end in ("start", "end")}
    return field.run(given)[contract.SAMPLES].ravel()


def test_a_note_of_ten_minutes_is_as_exact_as_a_short_one(instrument):
    early, late = (play(instrument, 440.0, start=start) for start in (0.0, 600.0 * 440.0))
    assert np.abs(early).max() > 0.02
    assert np.abs(late - early).max() < 1e-5


def test_harmonics_above_the_band_limit_are_not_given(instrument):
    open_, closed, none = (play(instrument, 440.0, limit=limit) for limit in (1e9, 3.0, 0.9))
    assert np.std(open_ - closed) > 1e-3
    assert np.ptp(none) < 1e-5  # a film that is given nothing stands still


def test_oversampling_puts_aliases_away(trained):
    latents = trained.latents.detach()
    worst = [alias_db(trained.network, latents, 84.0, 48000.0, factor).max() for factor in FACTORS]
    assert worst == sorted(worst, reverse=True)
    assert worst[0] > -80.0
    assert worst[-1] < -140.0
    assert table(trained.network, latents, pitches=(84,)).splitlines()[-1].startswith("| 84 | -")


def test_the_engine_computes_it_oversampled(instrument):
    """A high note held by the engine: nothing but harmonics below the device's Nyquist frequency."""
    assert instrument.card.oversampling == 8
    key, seconds = 91, 1.0
    score = Timeline(((0.0, MovePad(0.0, 0.0)), (0.0, NoteOn(key, 1.0)), (seconds, NoteOff(key))), seconds)
    playable = evaluators.make_playable(instrument, RATE)
    heard = np.concatenate(list(Render(timeline_score(score, playable, RATE), RATE, block=256)))[:, 0]
    piece = heard[RATE // 2 : RATE // 2 + 16384] * np.blackman(16384)
    power = np.abs(np.fft.rfft(piece)) ** 2
    hz = np.fft.rfftfreq(16384, 1 / RATE)
    line = hz / nominal_hz(key)
    between = (np.abs(line - np.round(line)) > 0.1) & (hz > 200.0) & (hz < 20000.0)
    assert np.abs(heard).max() > 1e-2
    tone = power[np.abs(line - 1.0) < 0.02].sum()
    assert 10.0 * np.log10(power[between].sum() / tone) < -40.0
