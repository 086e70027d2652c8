"""The exported instrument: equal to the model, exact late in a note, and free of aliases where it is oversampled."""

import numpy as np
import pytest
import torch

from synth import evaluators
from synth.commands import MovePad, NoteOff, NoteOn
from synth.instrument import contract, load
from synth.instrument.loader import open_graphs
from synth.offline.render import Render
from synth.offline.score import timeline_score
from synth.offline.timeline import Timeline
from tests.helpers.phase_film import make_experiment
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
    worst = alias_db(trained.network, latents, 84.0).max((1, 2)).tolist()
    assert len(worst) == len(FACTORS)
    assert worst == sorted(worst, reverse=True)
    assert worst[0] > -80.0
    assert worst[-1] < -140.0
    assert table(trained.network, latents, pitches=(84,)).splitlines()[-1].startswith("| 84 | -")


def test_the_engine_computes_it_oversampled(tmp_path):
    """A high key of a film that nothing has tamed yet: what folds at the device's rate is gone at the card's."""
    folded = {}
    for factor in (1, 4):
        wild = make_experiment(oversampling=factor)
        with torch.no_grad():
            wild.network.base_db[1:] = -300.0  # no noise, and nothing that moves: both would hide it
            wild.network.clock.weight.zero_()
        card = write(tmp_path / str(factor), wild.parts(), About("Made"))
        assert (card.oversampling, card.version) == (factor, 2)
        folded[factor] = beside_partials_db(load(tmp_path / str(factor)), 91)
    assert folded[1] > -60.0
    assert folded[4] < -100.0


def beside_partials_db(instrument, key):
    """Energy between 200 Hz and 20 kHz that lies at no harmonic of `key`, below all of it, as the engine plays it."""
    score = Timeline(((0.0, MovePad(0.0, 0.0)), (0.0, NoteOn(key, 1.0)), (0.8, NoteOff(key))), 0.8)
    playable = evaluators.make_playable(instrument, RATE)
    heard = np.concatenate(list(Render(timeline_score(score, playable, RATE), RATE, block=256)))[:, 0]
    assert np.abs(heard).max() > 1e-2
    power = np.abs(np.fft.rfft(heard[RATE // 3 : RATE // 3 + 16384] * np.blackman(16384))) ** 2
    hz = np.fft.rfftfreq(16384, 1 / RATE)
    line, heard_at = hz / nominal_hz(key), (hz > 200.0) & (hz < 20000.0)
    between = heard_at & (np.abs(line - np.round(line)) > 0.1)
    return 10.0 * np.log10(power[between].sum() / power[heard_at].sum())
