"""Drive, chorus, delay and reverb: exact where they can be, the same in any blocks, gone when they are gone."""

import numpy as np
import pytest

from synth.effects.chain import Chain
from synth.effects.delay import seconds_of
from synth.effects.effect import FADE
from synth.parameters import DIVISIONS, PARAMETERS

RATE, TEMPO = 48000.0, 120.0
DEFAULTS = {name: parameter.default for name, parameter in PARAMETERS.items()}
ALL = {"drive": 18.0, "chorus_mix": 0.5, "delay_mix": 0.5, "delay_time": 0.05, "reverb_mix": 0.5, "reverb_time": 0.8}


def chain(rate=RATE, tempo=TEMPO, **changed):
    made = Chain(rate)
    made.aim(DEFAULTS | changed, tempo)
    return made


def process(effects, sound, block=256, frame=0, turns=()):
    """`turns`: (frame, parameters) of knobs that are turned on the way."""
    out = np.array(sound, np.float32)
    turns = list(turns)
    for begin in range(0, len(out), block):
        end = min(begin + block, len(out))
        while turns and turns[0][0] < end:
            at, changed = turns.pop(0)
            effects.aim(DEFAULTS | changed, TEMPO, (at - begin) // 64)
        effects.process(out[begin:end], frame + begin)
    return out


def noise(frames, seed=0, level=0.1):
    return (np.random.default_rng(seed).standard_normal((frames, 2)) * level).astype(np.float32)


def struck(frames, at=0):
    sound = np.zeros((frames, 2), np.float32)
    sound[at] = 1.0
    return sound


def test_nothing_is_changed_while_all_is_off():
    sound = noise(4096)
    np.testing.assert_array_equal(process(chain(), sound), sound)


@pytest.mark.parametrize("name", ["drive", "chorus_mix", "delay_mix", "reverb_mix"])
def test_an_effect_that_was_turned_off_leaves_the_sound_alone(name):
    sound = noise(32768)
    heard = process(effects := chain(**{name: ALL[name], "delay_time": 0.05}), sound, turns=[(8192, {})])
    assert np.abs(heard[:8192] - sound[:8192]).max() > 0.01
    np.testing.assert_array_equal(heard[20480:], sound[20480:])
    assert not effects.ringing


def test_blocks_of_any_size_give_the_same_samples():
    sound = np.zeros((49152, 2), np.float32)  # two notes, with silence between them in which the short effects fall asleep
    sound[3000:9000], sound[39000:42000] = noise(6000), noise(3000, 1)
    turns = [
        (0, {}),
        (4032, ALL),
        (6016, ALL | {"delay_time": 0.08, "reverb_size": 0.8, "chorus_rate": 3.0}),
        (40000 // 64 * 64, ALL | {"drive": 0.0, "reverb_damping": 1.0}),
    ]
    wanted = process(chain(), sound, 512, turns=turns)
    assert np.abs(wanted - sound).max() > 0.1
    for block in (64, 128, 256):
        np.testing.assert_array_equal(process(chain(), sound, block, turns=turns), wanted)


def test_it_rings_and_then_is_silent_and_begins_anew():
    effects = chain(**ALL)
    first = process(effects, struck(8192, 128))
    assert effects.ringing
    frames = 8192
    while effects.ringing:
        last = process(effects, np.zeros((8192, 2)), frame=frames)
        frames += 8192
        assert frames < 60 * RATE
    assert np.abs(last).max() < 1e-3
    assert not process(effects, np.zeros((512, 2)), frame=frames).any()
    np.testing.assert_array_equal(process(effects, struck(8192, 128), frame=frames + 512), first)


def test_hushed_tails_fade_out_at_once_and_later_sounds_have_theirs_again():
    sound = np.zeros((96000 // 512 * 512, 2))
    sound[512:5120], sound[60000:64000] = noise(4608), noise(4000)
    effects = chain(**ALL | {"reverb_time": 10.0, "drive": 0.0})
    heard = process(effects, sound[:12288])
    effects.hush()
    rest = process(effects, sound[12288:], frame=12288)
    assert np.abs(heard[-512:]).max() > 0.01
    assert np.abs(np.diff(rest[:8192], 2, axis=0)).max() < 1.2 * np.abs(np.diff(heard[-4096:], 2, axis=0)).max()
    assert not rest[9600 : 60000 - 12288].any()
    assert np.abs(rest[64000 - 12288 + 9600 :]).max() > 0.01
    for block in (64, 512):
        again = chain(**ALL | {"reverb_time": 10.0, "drive": 0.0})
        process(again, sound[:12288], block)
        again.hush()
        np.testing.assert_array_equal(process(again, sound[12288:], block, frame=12288), rest)


def test_knobs_that_are_turned_do_not_click():
    tone = np.sin(2.0 * np.pi * 300.0 * np.arange(48000) / RATE)[:, None] * [0.3, 0.3]
    turns = [(12032, ALL), (24000, ALL | {"delay_time": 0.2, "reverb_size": 0.1, "delay_feedback": 0.9}), (36032, {})]
    heard = process(chain(chorus_mix=0.2), tone, turns=[(place, {**change, "drive": 0.0}) for place, change in turns])
    # above 6 kHz there is nothing but what a jump would throw up
    spectra = [np.abs(np.fft.rfft(heard[at : at + 1024, 0] * np.hanning(1024)))[128:].max() for at in range(0, 46000, 512)]
    assert 20.0 * np.log10(max(spectra) / (0.3 * 256.0)) < -70.0


def test_echoes_come_at_the_very_frame_and_change_sides():
    sound = np.zeros((40960, 2), np.float32)
    sound[100, 0] = 1.0
    heard = process(chain(delay_mix=0.5, delay_time=0.2, delay_feedback=0.5, delay_tone=20000.0), sound)
    assert heard[100 + 9600, 0] > 0.9
    assert heard[100 + 19200, 1] > 0.4
    assert not heard[101 : 100 + 9600].any()
    assert not heard[: 100 + 19200, 1].any()


@pytest.mark.parametrize(
    ("division", "tempo", "seconds"), [("1/4", 120.0, 0.5), ("1/8t", 120.0, 1 / 6), ("1/1", 60.0, 4.0), ("4/1", 60.0, 8.0)]
)
def test_echoes_follow_the_tempo(division, tempo, seconds):
    assert seconds_of(DIVISIONS.index(division), tempo, 0.3) == pytest.approx(seconds)
    assert seconds_of(DIVISIONS.index("4/1"), 20.0, 0.3) == pytest.approx(6.0)  # 48 s, halved until it fits
    assert seconds_of(0, tempo, 0.3) == 0.3


def test_another_delay_time_is_reached_by_a_crossfade_without_a_change_of_pitch():
    hz = 1000.0
    tone = np.sin(2.0 * np.pi * hz * np.arange(48000) / RATE)[:, None] * [0.3, 0.3]
    setting = {"delay_mix": 1.0, "delay_feedback": 0.0, "delay_tone": 20000.0, "delay_time": 0.1}
    turned = process(chain(**setting), tone, turns=[(24000, setting | {"delay_time": 0.1503})])
    fade = turned[24000 : 24000 + FADE * 64, 0]
    after = turned[24000 + FADE * 64 + 64 :, 0]
    spectrum = np.abs(np.fft.rfft(fade * np.hanning(len(fade)), 1 << 16))
    assert abs(spectrum.argmax() * RATE / (1 << 16) - hz) < 10.0
    still = process(chain(**setting | {"delay_time": 0.1503}), tone)[24000 + FADE * 64 + 64 :, 0]
    np.testing.assert_allclose(after, still, atol=1e-6)


@pytest.mark.parametrize("size", [0.0, 1.0])
@pytest.mark.parametrize("seconds", [0.5, 3.0])
def test_the_reverb_loses_60_db_in_its_time(seconds, size):
    effects = chain(reverb_mix=1.0, reverb_time=seconds, reverb_size=size, reverb_damping=0.0)
    frames = int(seconds * RATE) // 64 * 64
    sound = np.zeros((frames + 6400, 2), np.float32)
    sound[:4800] = noise(4800)
    energy = np.cumsum((process(effects, sound, 512)[::-1].astype(float) ** 2).sum(1))[::-1]
    level = 10.0 * np.log10(energy / energy[9600] + 1e-12)
    used = np.flatnonzero((level < -3.0) & (level > -30.0))
    slope = np.polyfit(used / RATE, level[used], 1)[0]
    assert -60.0 / slope == pytest.approx(seconds, rel=0.05)


def test_damping_dulls_the_tail():
    def tail(damping):
        heard = process(
            chain(reverb_mix=1.0, reverb_time=2.0, reverb_damping=damping), np.r_[noise(4800), np.zeros((43200, 2))]
        )
        power = np.abs(np.fft.rfft(heard[24000:40384, 0])) ** 2
        bins = np.fft.rfftfreq(16384, 1.0 / RATE)
        return power[(bins > 5000) & (bins < 7000)].sum() / power[(bins > 100) & (bins < 500)].sum()

    assert tail(0.5) < 0.05 * tail(0.0)
    assert tail(1.0) < 0.05 * tail(0.5)


def test_a_steady_noise_is_about_as_loud_in_the_reverb():
    sound = noise(96000)
    heard = process(chain(reverb_mix=1.0, reverb_damping=0.0, reverb_time=1.0), sound)[48000:]
    assert abs(20.0 * np.log10(heard.std() / sound.std())) < 2.0
    assert abs(np.corrcoef(heard.T)[0, 1]) < 0.2


@pytest.mark.parametrize(("db", "limit"), [(12.0, -100.0), (24.0, -70.0)])
def test_drive_folds_little_back(db, limit):
    count = 1 << 14
    bin_ = round(4978.0 * count / RATE)
    tone = 0.5 * np.sin(2.0 * np.pi * bin_ * np.arange(2 * count) / count)[:, None] * [1.0, 1.0]
    spectrum = np.abs(np.fft.rfft(process(chain(drive=db), tone)[count:, 0]))
    harmonics = np.arange(0, count // 2, bin_)
    rest = np.delete(spectrum, harmonics)[: int(20000 * count / RATE)]
    assert 20.0 * np.log10(rest.max() / spectrum.max()) < limit
    assert 20.0 * np.log10(spectrum[3 * bin_] / spectrum.max()) > -35.0  # and it is a clipper


def test_drive_keeps_the_level():
    for db in (1.0, 12.0, 36.0):
        tone = 0.25 * np.sin(2.0 * np.pi * 220.0 * np.arange(24000) / RATE)[:, None] * [1.0, 1.0]
        heard = process(chain(drive=db), tone)[12000:]
        assert 0.2 < np.abs(heard).max() < 0.32


def test_the_chorus_detunes_by_as_much_as_its_depth_says():
    hz = 2000.0
    tone = 0.3 * np.sin(2.0 * np.pi * hz * np.arange(96000) / RATE)[:, None] * [1.0, 1.0]
    heard = process(chain(chorus_mix=1.0, chorus_depth=0.4, chorus_rate=0.6), tone)[4800:]
    spectrum = np.abs(np.fft.rfft(heard[:, 0] * np.hanning(len(heard))))
    bins = np.fft.rfftfreq(len(heard), 1.0 / RATE)
    loud = bins[spectrum > 0.1 * spectrum.max()]
    bend = 0.4 * 0.006 * 2.0 * np.pi * 0.6
    assert loud.max() == pytest.approx(hz * (1.0 + bend), rel=2e-3)
    assert loud.min() == pytest.approx(hz * (1.0 - bend), rel=2e-3)
    assert abs(np.corrcoef(heard.T)[0, 1]) < 0.9


def test_another_rate_keeps_what_rings():
    effects = chain(**ALL | {"delay_time": 0.4, "drive": 0.0})
    before = process(effects, np.r_[noise(4800), np.zeros((9536, 2), np.float32)])
    effects.set_rate(96000.0)
    after = process(effects, np.zeros((40960, 2)), frame=14336)
    assert np.abs(after[:512]).max() > 0.1 * np.abs(before[-512:]).max()
    # the echo of the noise, 0.4 s after it, now at twice the rate: its middle is 0.4 s + 0.05 s after the beginning
    power = np.convolve((after**2).sum(1), np.ones(960), "same")
    middle = 14336 / 48000.0 + power.argmax() / 96000.0
    assert 0.38 < middle < 0.52


def test_values_stay_finite_at_every_extreme():
    low = {name: PARAMETERS[name].low for name in DEFAULTS}
    high = {name: PARAMETERS[name].high for name in DEFAULTS}
    for rate in (22050.0, 192000.0):
        for extreme in (high, low | {"reverb_mix": 1.0, "delay_mix": 1.0, "chorus_mix": 1.0, "drive": 0.01}):
            effects = Chain(rate)
            effects.aim(extreme, 20.0)
            heard = process(effects, noise(16384, level=1.0), turns=[(8192, low), (12288, high)])
            assert np.isfinite(heard).all()
            assert np.abs(heard).max() < 100.0


def test_what_is_no_number_does_not_stay():
    effects = chain(**ALL)
    sound = noise(16384)
    sound[1000] = np.nan
    heard = process(effects, sound)
    assert np.isfinite(heard[2048:]).all()
    assert np.abs(heard[12288:]).max() > 0.1
