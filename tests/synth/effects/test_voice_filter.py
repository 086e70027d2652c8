"""The voices' filter is the analogue one, at any rate, in any blocks, and falls silent and changes over without a trace."""

import numpy as np
import pytest

from synth.effects.voice_filter import RAMP, VoiceFilter, cutoff_hz, damping

RATE, SPAN = 48000.0, 64
LOW, HIGH, BAND, NOTCH = 1, 2, 3, 4


def filtered(sound, kind=LOW, cutoff=1000.0, resonance=0.0, *, blocks=None, factor=1, rate=RATE):
    """Filter one voice's `sound` [N] in chunks of `blocks` quanta; cutoff and resonance may be curves at the borders."""
    voice_filter = VoiceFilter(1, rate)
    quanta = len(sound) // (SPAN * factor)
    curves = [np.broadcast_to(np.asarray(each, float), quanta + 1)[:, None] for each in (cutoff, resonance)]
    out, place = [], 0
    while place < quanta:
        end = min(place + (blocks or quanta), quanta)
        piece = sound[place * SPAN * factor : end * SPAN * factor].astype(np.float32)[None].copy()
        borders = [curve[place : end + 1] for curve in curves]
        part = voice_filter.apply(
            [(factor, np.array([0]), piece)], np.array([0]), np.array([7]), *borders, np.full(end - place, kind)
        )
        out.append(part[0][2][0])
        place = end
    return np.concatenate(out)


@pytest.mark.parametrize("factor", [1, 4])
@pytest.mark.parametrize("kind", [LOW, HIGH, BAND, NOTCH])
def test_the_response_is_the_analogue_filters(kind, factor):
    cutoff, resonance, count = 2000.0, 0.6, 1 << 15
    sound = np.zeros(count)
    start = RAMP * SPAN * factor  # until then it takes over from the dry sound
    sound[start] = 1.0
    heard = filtered(sound, kind, cutoff, resonance, factor=factor)[start:]
    hz = np.fft.rfftfreq(count, 1.0 / (RATE * factor))[1:-1]
    found = np.fft.rfft(heard, count)[1:-1]
    s = 1j * np.tan(np.pi * hz / RATE / factor) / np.tan(np.pi * cutoff / RATE / factor)
    k = float(damping(np.array(resonance)))
    wanted = {LOW: 1.0, HIGH: s * s, BAND: k * s, NOTCH: s * s + 1.0}[kind] / (s * s + k * s + 1.0)
    assert np.abs(found - wanted).max() < 1e-4


def test_blocks_of_any_size_agree_while_it_sweeps():
    sound = np.random.default_rng(0).standard_normal(64 * SPAN)
    sweep = 200.0 * 2.0 ** (6.0 * np.abs(np.sin(np.arange(65) / 9.0)))
    resonance = 0.5 + 0.4 * np.sin(np.arange(65) / 5.0)
    whole = filtered(sound, LOW, sweep, resonance)
    for blocks in (1, 3, 8):
        np.testing.assert_array_equal(filtered(sound, LOW, sweep, resonance, blocks=blocks), whole)


def test_a_sweep_moves_within_the_quantum_without_steps():
    hz = 3000.0
    tone = np.sin(2.0 * np.pi * hz * np.arange(200 * SPAN) / RATE)
    cutoffs = 300.0 * 2.0 ** (3.0 * np.sin(np.arange(201) / 40.0))
    heard = filtered(tone, LOW, cutoffs)[50 * SPAN :]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard)))) ** 2
    bins = np.fft.rfftfreq(len(heard), 1.0 / RATE)
    stepped = spectrum[np.abs(bins - hz - RATE / SPAN) < 100.0].sum()  # where coefficients that jump each quantum are heard
    assert 10.0 * np.log10(stepped / spectrum.max()) < -80.0


def test_off_returns_the_very_sound():
    voice_filter = VoiceFilter(2, RATE)
    sound = np.random.default_rng(1).standard_normal((2, 4 * SPAN)).astype(np.float32)
    borders = np.full((5, 2), 100.0)
    parts = [(1, np.arange(2), sound)]
    assert voice_filter.apply(parts, np.arange(2), np.arange(2), borders, borders * 0, np.zeros(4, int))[0][2] is sound


def test_switching_it_on_and_off_does_not_click():
    tone = np.sin(2.0 * np.pi * 220.0 * np.arange(64 * SPAN) / RATE).astype(np.float32)
    voice_filter, out = VoiceFilter(1, RATE), []
    for quantum in range(64):
        piece = tone[quantum * SPAN : (quantum + 1) * SPAN][None].copy()
        kind = np.array([HIGH if 20 <= quantum < 40 else 0])
        borders = np.full((2, 1), 2000.0)
        out.append(
            voice_filter.apply([(1, np.array([0]), piece)], np.array([0]), np.array([0]), borders, borders * 0, kind)[0][2][0]
        )
    heard = np.concatenate(out)
    assert np.abs(heard[(20 + RAMP) * SPAN : 40 * SPAN]).max() < 0.3
    assert np.abs(np.diff(heard, 2)).max() < 3.0 * np.abs(np.diff(tone, 2)).max()
    np.testing.assert_array_equal(heard[(40 + RAMP) * SPAN :], tone[(40 + RAMP) * SPAN :])


def test_a_voice_that_changes_its_oversampling_rings_on():
    """As rows.gather hands it over: both factors in one quantum, one of them fading in."""
    count, change = 40, 20
    one = np.zeros((1, count * SPAN), np.float32)
    two = np.zeros((1, count * SPAN * 2), np.float32)
    hz, rise = 500.0, np.clip(np.arange(count * SPAN * 2) / (2 * SPAN) - change, 0.0, 1.0)
    rise = rise**3 * (10.0 + rise * (6.0 * rise - 15.0))
    one[0] = np.sin(2.0 * np.pi * hz * np.arange(count * SPAN) / RATE) * (1.0 - rise[::2])
    two[0] = np.sin(2.0 * np.pi * hz * np.arange(2 * count * SPAN) / (2.0 * RATE)) * rise
    steady = filtered(np.sin(2.0 * np.pi * hz * np.arange(count * SPAN) / RATE), LOW, 500.0, 0.9)

    def heard(blocks):
        voice_filter, out, place = VoiceFilter(1, RATE), np.zeros(count * SPAN), 0
        while place < count:
            end = min(place + blocks, count)
            parts = []
            for factor, row in ((1, one), (2, two)):
                piece = row[:, place * SPAN * factor : end * SPAN * factor].copy()
                if piece.any():
                    parts.append((factor, np.array([0]), piece))
            borders = np.full((end - place + 1, 1), 500.0)
            for factor, _, sound in voice_filter.apply(
                parts, np.array([0]), np.array([0]), borders, np.full_like(borders, 0.9), np.ones(end - place, int)
            ):
                out[place * SPAN : end * SPAN] += sound[0, ::factor]
            place = end
        return out

    assert np.abs(heard(8) - steady).max() < 0.01 * np.abs(steady).max()
    np.testing.assert_allclose(heard(1), heard(8), atol=1e-6)


def test_it_rings_on_when_its_voice_is_silent_and_a_new_note_begins_in_silence():
    voice_filter = VoiceFilter(4, RATE)
    slots, borders, kinds = np.array([2]), np.full((9, 1), 400.0), np.full(8, BAND)
    noise = np.random.default_rng(2).standard_normal((1, 8 * SPAN)).astype(np.float32)
    voice_filter.apply([(1, np.array([0]), noise)], slots, np.array([5]), borders, np.ones((9, 1)), kinds)
    (factor, used, sound) = voice_filter.apply([], slots, np.array([5]), borders, np.ones((9, 1)), kinds)[0]
    assert factor == 1
    assert used.tolist() == [0]
    assert np.abs(sound).max() > 0.01
    fresh = np.zeros((1, 8 * SPAN), np.float32)
    again = voice_filter.apply([(1, np.array([0]), fresh)], slots, np.array([6]), borders, np.ones((9, 1)), kinds)
    assert not again[0][2].any()


def test_another_rate_goes_on_with_the_same_filter():
    voice_filter, slots = VoiceFilter(1, RATE), np.array([0])
    kinds, borders = np.full(32, LOW), np.full((33, 1), 300.0)
    for rate, frames in ((48000.0, 2048), (96000.0, 2048)):
        if rate != RATE:
            voice_filter.set_rate(rate)
        time = np.arange(frames) / rate + (0.0 if rate == RATE else 2048 / 48000.0)
        tone = np.sin(2.0 * np.pi * 300.0 * time).astype(np.float32)[None]
        parts = voice_filter.apply([(1, np.array([0]), tone)], slots, slots, borders, np.full((33, 1), 0.8), kinds)
        heard = parts[0][2][0]
        if rate == RATE:
            last = heard[-1]
    assert abs(heard[0] - last) < 0.15 * np.abs(heard).max()  # half a frame further on a tone of 300 Hz, no jump


def test_key_tracking_follows_the_key():
    pitch = np.array([48.0, 60.0, 72.0])
    np.testing.assert_allclose(cutoff_hz(np.array(1000.0), np.array(1.0), np.array(1.0), pitch), [1000.0, 2000.0, 4000.0])
    np.testing.assert_allclose(cutoff_hz(np.array(1000.0), np.array(0.0), np.array(0.0), pitch), 1000.0)
