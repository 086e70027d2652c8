"""Oversampling: the filters, the choice of factors, and what is left of an image that would have aliased."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import signal

from synth.commands import Command, NoteOff, NoteOn, PitchBend, SetParameter
from synth.engine import oversampling
from synth.engine.governor import Shed
from synth.engine.oversampling import DELAY, FACTORS, PASSBAND, Buses, choose, half_band
from synth.engine.synth import Synth
from tests.helpers.closed_form import closed_form
from tests.synth.engine.test_synth import RATE, play

HIGH = (1.0, 5000.0, 7900.0)
"""Partials in Hz at the root pitch (note 60)."""


@pytest.mark.parametrize(("factor", "shape"), oversampling._FILTERS.items())
def test_half_bands_pass_and_stop(factor: int, shape: tuple[int, float]) -> None:
    taps = half_band(*shape)
    hz, gain = signal.freqz(taps, worN=1 << 14, fs=factor)  # in shares of the final rate
    assert np.abs(20 * np.log10(np.abs(gain[hz <= PASSBAND]))).max() < 0.001
    folds_into_band = hz >= (0.5 + (0.5 - PASSBAND) if factor == 2 else factor / 2 - PASSBAND)
    assert 20 * np.log10(np.abs(gain[folds_into_band]).max()) < -97
    assert np.count_nonzero(taps) == shape[0] + 2


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("cut", [512, 64, 192])
def test_every_bus_comes_out_after_the_same_delay(factor: int, cut: int) -> None:
    seconds = np.arange(1536 * factor) / factor / RATE
    sound = np.sin(2 * np.pi * 9000 * seconds) * np.exp(-(((seconds - 0.015) / 0.004) ** 2))
    stereo = np.stack([sound, -sound], 1).astype(np.float32)
    buses, heard = Buses(), []
    for at in range(0, 1536, cut):
        piece = stereo[at * factor : (at + cut) * factor]
        heard.append(buses.collect({factor: piece} if len(piece) else {}, cut))
    wanted = np.concatenate([np.zeros(DELAY), sound[::factor][:-DELAY]])
    for channel, sign in ((0, 1), (1, -1)):
        assert np.abs(np.concatenate(heard)[:, channel] - sign * wanted).max() < 2e-5  # -94 dB


def test_buses_fall_silent_once_they_have_run_out() -> None:
    buses = Buses()
    buses.collect({factor: np.ones((64 * factor, 2), np.float32) for factor in FACTORS}, 64)
    tail = np.concatenate([buses.collect({}, 64) for _ in range(8)])
    assert np.abs(tail[:64]).max() > 0.1
    assert (tail[256:] == 0.0).all()


def test_factors_follow_the_need_but_do_not_flutter() -> None:
    carried = oversampling.carried(1, 48000.0)
    highest = np.array([0.5, 1.01, 0.99, 1.01, 0.95, 0.85, 4.0, 99.0])[:, None] * carried
    chosen = choose(highest, np.array([1]), np.array([-1]), 48000.0, 8)[:, 0]
    assert chosen.tolist() == [1, 2, 2, 2, 2, 1, 4, 8]
    assert choose(highest, np.array([1]), np.array([-1]), 48000.0, 2)[:, 0].tolist() == [1, 2, 2, 2, 2, 1, 2, 2]
    fresh = choose(highest, np.array([8]), np.array([2]), 48000.0, 8)[:, 0]
    assert fresh[:4].tolist() == [1, 2, 1, 2]


QUIET = ((0, SetParameter("attack", 0.0)), (0, SetParameter("level", -12.0)))
"""Below the limiter, whose work would be taken for images."""


def render(events: Sequence[tuple[float, Command]], rate: int = RATE) -> np.ndarray:
    return play(closed_form(HIGH, bandwidth=7900.0, rate=rate), [*QUIET, *events], 0.5, rate=rate)


def images(sound: np.ndarray, rate: int, speed: float) -> float:
    """Loudest spectral line that is none of the partials', in dB of the loudest one, below PASSBAND."""
    inner = sound[rate // 8 : rate // 8 + (1 << 14), 0].astype(np.float64)
    power = np.abs(np.fft.rfft(inner * np.kaiser(len(inner), 20.0)))
    hz = np.fft.rfftfreq(len(inner), 1 / rate)
    own = np.min([np.abs(hz - partial * speed) for partial in HIGH], axis=0) < 60.0
    return 20 * np.log10(power[~own & (hz < PASSBAND * rate)].max() / power.max())


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
@pytest.mark.parametrize("note", [60.3, 79.1, 88.2, 100.4, 105.0])
def test_no_image_folds_into_the_band(rate: int, note: float) -> None:
    assert images(render([(0, NoteOn(note, 1.0))], rate), rate, 2 ** ((note - 60) / 12)) < -90


def test_without_oversampling_they_do() -> None:
    events = [(0, SetParameter("oversampling", 1.0)), (0, NoteOn(88.2, 1.0))]
    assert images(render(events), RATE, 2 ** (28.2 / 12)) > -20


def test_a_bend_through_the_factors_does_not_click() -> None:
    """The bend drives a voice from one factor to the next; a voice that is always at the highest has no such seams."""
    bend = [(0, SetParameter("bend_range", 24.0)), (100, NoteOn(72, 1.0)), (6000, PitchBend(1.0)), (14000, PitchBend(-1.0))]
    heard = {
        bandwidth: play(closed_form(HIGH, bandwidth=bandwidth), [*QUIET, *bend], 0.5)[:, 0].astype(np.float64)
        for bandwidth in (7900.0, 1e6)
    }
    sos = signal.butter(16, 15000, fs=RATE, output="sos")
    difference = signal.sosfiltfilt(sos, heard[7900.0] - heard[1e6])[600:]  # an onset at once is never band-limited
    assert 20 * np.log10(np.abs(difference).max() / np.abs(heard[1e6]).max()) < -80


def test_samples_do_not_depend_on_the_block_while_factors_change() -> None:
    playable = closed_form(HIGH, bandwidth=7900.0)
    events = [
        (77.7, NoteOn(84, 1.0)),
        (3000, PitchBend(1.0)),
        (5000, NoteOn(96, 0.7)),
        (9000, PitchBend(-1.0)),
        (9500, NoteOff(84)),
        (10000, SetParameter("oversampling", 2.0)),
    ]
    events = [(0, SetParameter("bend_range", 12.0)), *events]
    whole = play(playable, events, 0.4, block=4096)
    for block in (64, 100, 333):
        assert np.abs(play(playable, events, 0.4, block=block) - whole).max() < 3e-6


def test_the_load_may_lower_the_factor_while_it_sounds() -> None:
    synth = Synth(RATE)
    synth.set_instrument(closed_form(HIGH, bandwidth=7900.0))
    synth.schedule(NoteOn(103, 1.0), 0)
    out = np.zeros((4096, 2), np.float32)
    synth.render(out)
    assert synth.status().factor == 4
    synth.ease(1, Shed.NONE)
    synth.render(out)
    assert synth.status().factor == 1
