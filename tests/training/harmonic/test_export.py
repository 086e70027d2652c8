"""The exported instrument: equal to the model, in tune, free of aliases, clean where it morphs."""

import numpy as np
import pytest

from synth.instrument import contract, load
from synth.instrument.loader import open_graphs
from tests.helpers.harmonic import ORGAN, STRING
from training.export.verify import null
from training.export.writer import About, write

ROW = 64


@pytest.fixture(scope="module")
def instrument(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("field") / "instrument"
    write(folder, trained.parts(), About("Made", license="MIT"))
    return load(folder)


@pytest.fixture(scope="module")
def graphs(instrument):
    return open_graphs(instrument)


def play(instrument, graphs, latents, hz, rate, rows, start_cycles=0.0, noise=0.0, pitch=None, moment=None):
    """Samples of one voice from `rows` rows in a chain; latents [D] or [rows + 1, D]; `moment` freezes slow time."""
    mapping, field = graphs
    latents = np.broadcast_to(latents, (rows + 1, instrument.card.latent_size)).astype(np.float32)
    times = np.minimum(np.arange(rows + 1) * ROW / rate, instrument.card.duration)
    times = times if moment is None else np.full(rows + 1, moment)
    note = 69 + 12 * np.log2(hz / 440.0) if pitch is None else pitch
    slow = mapping.run(
        {
            "latent": latents,
            "pitch": np.full(rows + 1, note, np.float32),
            "velocity": np.ones(rows + 1, np.float32),
            "time": times.astype(np.float32),
        }
    )
    bands = len(instrument.card.noise_bands)
    feeds = {
        "phase_start": start_cycles + np.arange(rows) * (ROW * hz / rate),
        "phase_offset": np.tile(np.arange(ROW, dtype=np.float32) * np.float32(hz / rate), (rows, 1)),
        "bandlimit": np.full(rows, 0.5 * rate / hz, np.float32),
        "time_start": times[:-1],
        "time_offset": np.zeros((rows, ROW), np.float32),
        "noise": noise * np.random.default_rng(0).standard_normal((rows, ROW, bands)).astype(np.float32),
        "blend": np.tile(np.arange(ROW, dtype=np.float32) / ROW, (rows, 1)),
    }
    for name, values in slow.items():
        feeds |= {f"{name}_start": values[:-1], f"{name}_end": values[1:]}
    assert set(feeds) == {spec.name for spec in contract.field_inputs(instrument.card)}
    return field.run(feeds)[contract.SAMPLES].ravel()


def spectrum_db(samples, rate):
    power = np.abs(np.fft.rfft(samples * np.blackman(len(samples)))) ** 2
    return np.fft.rfftfreq(len(samples), 1 / rate), 10 * np.log10(power / power.sum() + 1e-20)


def test_both_graphs_null_against_the_model(trained, instrument):
    errors = null(trained.parts(), instrument.card)
    assert max(errors.values()) < 1e-5


@pytest.mark.parametrize("anchor", [ORGAN, STRING])
@pytest.mark.parametrize("hz", [110.0, 277.18, 523.25])
def test_a_key_is_in_tune_though_the_recordings_were_not(instrument, graphs, anchor, hz):
    rate = 48000.0
    samples = play(instrument, graphs, instrument.latents.latents[anchor], hz, rate, 600)
    t = np.arange(len(samples)) / rate
    window = np.hanning(len(samples) // 2)
    halves = [samples[: len(window)], samples[len(window) : 2 * len(window)]]
    turns = [np.angle(np.sum(window * half * np.exp(-2j * np.pi * hz * t[: len(window)]))) for half in halves]
    advance = (turns[1] - turns[0] - 2 * np.pi * hz * t[len(window)] + np.pi) % (2 * np.pi) - np.pi
    assert abs(1200 * np.log2(1 + advance / (2 * np.pi * hz * t[len(window)]))) < 2.0


@pytest.mark.parametrize("anchor", [ORGAN, STRING])
@pytest.mark.parametrize("hz", [440.0, 1318.5, 2093.0])
def test_nothing_folds_at_a_low_rate(instrument, graphs, anchor, hz):
    """What is played at 8 kHz is what is left of 64 kHz below 4 kHz: no partial may come back mirrored."""
    rate = 8000.0
    samples = play(instrument, graphs, instrument.latents.latents[anchor], hz, rate, 64, pitch=60.0, moment=0.2)
    hz_axis, level = spectrum_db(samples, rate)
    folded = np.ones(len(hz_axis), bool)
    wide = play(instrument, graphs, instrument.latents.latents[anchor], hz, 8 * rate, 512, pitch=60.0, moment=0.2)
    wide_axis, wide_level = spectrum_db(wide, 8 * rate)
    for peak in wide_axis[(wide_level > -100) & (wide_axis < rate / 2)]:
        folded &= np.abs(hz_axis - peak) > 30.0
    folded &= hz_axis > 30.0
    assert 10 * np.log10(np.sum(10 ** (level[folded] / 10)) + 1e-20) < -90.0


def test_partials_fade_before_the_limit_and_are_gone_at_it(instrument, graphs):
    rate, latent = 48000.0, instrument.latents.latents[ORGAN]
    levels = []
    for limit in (0.80, 0.95, 1.0):
        hz = limit * 0.5 * rate / 2  # the second partial lies at `limit` of the Nyquist frequency
        axis, level = spectrum_db(play(instrument, graphs, latent, hz, rate, 64, pitch=60.0), rate)
        levels.append(level[np.argmin(np.abs(axis - min(2 * hz, axis[-1])))])
    assert levels[0] > levels[1] > levels[2]
    assert levels[2] < -90.0


def test_a_held_note_has_no_steps_after_minutes(instrument, graphs):
    early, late = (
        play(instrument, graphs, instrument.latents.latents[STRING], 440.0, 48000.0, 32, start_cycles=start)
        for start in (0.0, 440.0 * 600)
    )
    assert np.abs(np.diff(late)).max() < 1.5 * np.abs(np.diff(early)).max()


def test_morphing_between_any_two_anchors_is_smooth(instrument, graphs):
    """The pad sweeps from the even to the stiff instrument and back within a second: no click, no hole."""
    rate, rows = 48000.0, 750
    share = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(rows + 1) / rows)
    anchors = instrument.latents.latents
    path = anchors[ORGAN] * (1 - share[:, None]) + anchors[STRING] * share[:, None]
    samples = play(instrument, graphs, path, 220.0, rate, rows)
    rough = np.abs(np.diff(samples, 3))
    seams = rough.reshape(-1)[ROW - 3 :: ROW]
    assert seams.max() < 1.5 * np.percentile(rough, 99.9)
    level = np.sqrt(np.mean(samples[: rows // 10 * ROW * 10].reshape(-1, ROW * 10) ** 2, axis=1))
    assert level.min() > 0.02 * level.max()


def test_velocity_is_loudness_and_zero_is_silence(instrument, graphs):
    mapping, _ = graphs
    feeds = {
        "latent": np.repeat(instrument.latents.latents[:1], 3, 0),
        "pitch": np.full(3, 60, np.float32),
        "velocity": np.array([0.0, 0.5, 1.0], np.float32),
        "time": np.full(3, 0.3, np.float32),
    }
    level = np.sqrt((mapping.run(feeds)["partials"] ** 2).sum(1))
    assert level[0] == 0.0
    assert 6.0 < 20 * np.log10(level[2] / level[1]) < 18.0


def test_noise_passes_through_its_gains(instrument, graphs):
    latent = instrument.latents.latents[STRING]
    quiet, noisy = (play(instrument, graphs, latent, 220.0, 48000.0, 64, noise=level) for level in (0.0, 1.0))
    difference = np.sqrt(np.mean((noisy - quiet) ** 2))
    assert 0.0 < difference < 0.1 * np.sqrt(np.mean(quiet**2))
