"""Scope, spectrum, spectrogram and tuner show what sounds: on made sounds whose answer is known."""

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from synth.block_times import bin_of, no_counts
from synth.commands import NoteOn
from synth.units import note_to_hz
from tests.ui.conftest import wait_for
from ui import theme
from ui.seeing import colours, pitch, spectra
from ui.seeing.block_meter import BlockMeter
from ui.seeing.panel import SeeingPanel
from ui.seeing.spectrogram import COLUMNS, ROWS, Spectrogram
from ui.seeing.trigger import Trigger
from ui.seeing.tuner_view import UNKNOWN, TunerView
from ui.widgets import roles
from ui.widgets.status_line import LARGEST_BLOCK, StatusLine

RATE = 48000.0


def tone(hz, frames=spectra.FRAMES, partials=6, rate=RATE, start=0.0, seed=0):
    """A sound of partials that fall off, with phases of its own."""
    rng = np.random.default_rng(seed)
    time = start + np.arange(frames) / rate
    numbers = [number for number in range(1, partials + 1) if number * hz < 0.45 * rate]
    phases = rng.uniform(0.0, 2.0 * np.pi, partials)
    waves = (np.sin(2.0 * np.pi * number * hz * time + phases[number - 1]) / number for number in numbers)
    return (0.2 * sum(waves)).astype(np.float32)


def pictures(sound, count=30, width=960):
    """What a scope shows of `sound(start in s)` sixty times a second, [count, 100], between samples, too."""
    trigger, shown = Trigger(), []
    for number in range(count):
        mono = sound(number / 60.0)
        start = trigger.find(mono, width)
        shown.append(np.interp(start + np.linspace(0.0, width - 1.0, 100), np.arange(len(mono)), mono))
    return np.array(shown)


@pytest.mark.parametrize("hz", [61.7, 220.3, 997.0])
def test_the_scope_stands_still_on_a_steady_tone(hz):
    shown = pictures(lambda start: tone(hz, 4096, start=start))
    assert np.abs(shown[1:] - shown[0]).max() < 0.03 * np.abs(shown).max()


def test_the_scope_is_calmer_on_a_chord_than_at_any_crossing():
    def chord(start):
        return sum(tone(float(note_to_hz(note)), 4096, start=start, seed=note) for note in (57, 61, 64))

    def unrest(shown):
        return np.sqrt(np.mean(np.diff(shown, axis=0) ** 2) / np.mean(shown**2))

    free = np.array([chord(number / 60.0)[:960:10] for number in range(30)])
    assert unrest(pictures(chord)) < 0.35 * unrest(free)


def test_the_scope_finds_another_sound_and_takes_silence_and_what_is_short():
    trigger = Trigger()
    trigger.find(tone(220.0, 4096), 960)
    other = tone(311.0, 4096, partials=12, seed=4)
    start = trigger.find(other, 960)
    assert other[int(start)] < 0.0 <= other[int(start) + 1]
    assert trigger.find(np.zeros(4096, np.float32), 960) <= 4096 - 960
    assert trigger.find(np.zeros(10, np.float32), 960) == 0.0


@pytest.mark.parametrize("hz", [55.0, 440.0, 5000.0, 15000.0])
@pytest.mark.parametrize("frames", [spectra.FRAMES, spectra.QUICK_FRAMES])
def test_a_spectrum_shows_a_tone_where_it_is_and_as_loud_as_it_is(hz, frames):
    levels = spectra.levels_db(2.5 * tone(hz, partials=1), RATE, frames, spectra.COLUMNS)
    loudest = int(np.argmax(levels))
    assert abs(12 * np.log2(spectra.bands_hz(spectra.COLUMNS)[loudest] / hz)) < 2.5
    assert levels[loudest] == pytest.approx(-6.0, abs=1.6)  # a Hann window's scalloping is 1.4 dB
    assert np.median(levels) < -60


def test_levels_fall_gently_and_peaks_stay_for_a_while():
    falling = spectra.Falling(4)
    falling.update(np.array([-6.0, -20.0, -90.0, -90.0], np.float32), 0.02)
    silence = np.full(4, spectra.FLOOR_DB, np.float32)
    for _ in range(25):
        falling.update(silence, 0.02)
    assert falling.levels[:2] == pytest.approx([-51.0, -65.0], abs=0.1)
    assert falling.peaks[:2] == pytest.approx([-6.0, -20.0])
    for _ in range(100):
        falling.update(silence, 0.02)
    assert -50.0 < falling.peaks[0] < -35.0
    for _ in range(200):
        falling.update(silence, 0.02)
    assert falling.still


@pytest.mark.parametrize("rate", [44100.0, 48000.0, 96000.0])
def test_the_tuner_is_right_to_a_cent(rate):
    for note in np.arange(24.0, 104.0, 3.37):
        for partials in (1, 5, 12):
            hz = float(note_to_hz(float(note)))
            found = pitch.find_hz(tone(hz, partials=partials, rate=rate, seed=partials), rate)
            assert found is not None and abs(1200.0 * np.log2(found / hz)) < 1.0, (note, partials, found)


def test_the_tuner_bears_a_little_noise_and_a_weak_fundamental():
    rng = np.random.default_rng(1)
    sound = tone(110.0, partials=8) + 0.01 * rng.normal(size=spectra.FRAMES).astype(np.float32)
    fundamental = 0.19 * np.sin(2.0 * np.pi * 110.0 * np.arange(spectra.FRAMES) / RATE + np.random.default_rng(0).uniform(0, 6))
    for heard in (sound, sound - fundamental.astype(np.float32)):
        found = pitch.find_hz(heard, RATE)
        assert found is not None and abs(1200.0 * np.log2(found / 110.0)) < 1.0


@pytest.mark.parametrize("notes", [(60, 64, 67), (48, 55), (60, 63, 66, 69), (57, 61, 64)])
def test_the_tuner_says_nothing_of_chords(notes):
    chord = sum(tone(float(note_to_hz(note)), seed=note) for note in notes)
    assert pitch.find_hz(chord, RATE) is None


def test_the_tuner_says_nothing_of_noise_and_silence_and_waits_until_it_is_sure():
    rng = np.random.default_rng(2)
    assert pitch.find_hz(0.1 * rng.normal(size=spectra.FRAMES).astype(np.float32), RATE) is None
    assert pitch.find_hz(np.zeros(spectra.FRAMES, np.float32), RATE) is None
    assert pitch.find_hz(1e-3 * tone(220.0), RATE) is None
    tuner = pitch.Tuner()
    assert tuner.hear(tone(440.0 * 2 ** (20 / 1200)), RATE) is None
    reading = tuner.hear(tone(440.0 * 2 ** (20 / 1200)), RATE)
    assert reading is not None and reading.name == "A4" and reading.cents == pytest.approx(20.0, abs=0.5)
    assert tuner.hear(tone(330.0), RATE) is None


def test_the_spectrogram_places_a_tone_at_its_row_and_scrolls(application):
    view = Spectrogram()
    rows = spectra.bands_hz(ROWS)[::-1]
    for hz in (100.0, 1000.0, 8000.0):
        view.write(spectra.levels_db(tone(hz, partials=1), RATE, spectra.QUICK_FRAMES, ROWS), 3)
    history = view.history()
    for column, hz in ((-7, 100.0), (-4, 1000.0), (-1, 8000.0)):
        assert abs(12 * np.log2(rows[int(history[:, column].argmax())] / hz)) < 3.0
    assert not history[:, : COLUMNS - 9].any()
    for _ in range(COLUMNS):
        view.write(np.full(ROWS, spectra.FLOOR_DB, np.float32))
    assert not view.history().any()


def test_the_spectrogram_is_drawn_where_the_scale_says_in_the_look_that_is_shown(application):
    view = Spectrogram()
    view.resize(300, 160)
    view.write(spectra.levels_db(2.5 * tone(1000.0, partials=1), RATE, spectra.QUICK_FRAMES, ROWS), COLUMNS)
    try:
        for look in ("dark", "light"):
            theme.use(look)
            picture = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
            ground = theme.color(theme.SUNKEN)
            off = [_apart(picture.pixelColor(200, y), ground) for y in range(160)]
            assert abs(int(np.argmax(off)) - view.y_of(1000.0)) < 4.0
            assert _apart(picture.pixelColor(200, 5), ground) < 0.1
    finally:
        theme.use("dark")


def _apart(one, other):
    return sum(abs(a - b) for a, b in zip(theme.parts(one), theme.parts(other), strict=True))


@pytest.mark.parametrize("look", ["dark", "light"])
def test_louder_is_farther_from_the_ground_in_lightness(application, look):
    try:
        theme.use(look)
        light = [0.2126 * (c >> 16 & 255) + 0.7152 * (c >> 8 & 255) + 0.0722 * (c & 255) for c in colours.table()]
    finally:
        theme.use("dark")
    steps = np.diff(light) * (1.0 if look == "dark" else -1.0)
    assert (steps > -1.5).all() and steps.sum() > 150.0


def test_the_tuner_shows_notes_and_a_dash(application):
    view = TunerView()
    assert view.text() == (UNKNOWN, "")
    view.show_reading(pitch.Reading.of(442.0))
    assert view.text()[0] == "A4" and "+7.9" in view.text()[1]
    assert "A4" in view.accessibleDescription()


def test_the_panel_shows_the_engine_s_sound_and_rests_while_it_is_hidden(session, client):
    panel = SeeingPanel(session)
    panel.resize(900, 200)
    panel.show()
    client.send(NoteOn(69.0, 1.0))
    wait_for(lambda: panel.tuner.reading is not None)
    assert panel.tuner.reading.name == "A4"
    wait_for(lambda: panel.spectrum.levels.levels.max() > -40.0 and panel.spectrogram.history().any())
    panel.hide()
    QCoreApplication.processEvents()
    before = panel.spectrogram.history()
    QTest.qWait(120)
    assert np.array_equal(before, panel.spectrogram.history())
    panel.deleteLater()


def test_the_panel_s_tiles_stand_in_a_row_or_two_by_two(session):
    panel = SeeingPanel(session)
    tiles = (panel.scope, panel.spectrum, panel.spectrogram, panel.tuner)
    panel.show()
    for size, rows in (((1100, 180), 1), ((600, 400), 2)):
        panel.resize(*size)
        QTest.qWait(30)
        tops = {tile.mapTo(panel, tile.rect().topLeft()).y() for tile in tiles}
        assert len(tops) == rows
        assert all(tile.width() >= tile.minimumSizeHint().width() for tile in tiles)
    panel.hide()
    panel.deleteLater()


def test_the_block_meter_tells_of_the_last_seconds_and_bears_another_engine():
    meter = BlockMeter()
    counts = no_counts()
    assert meter.take(counts.copy(), 0.0) == 0.0
    counts[bin_of(0.9)] += 5
    counts[bin_of(0.2)] += 95
    assert meter.take(counts.copy(), 1.0) == pytest.approx(0.9, rel=0.03)
    for second in range(2, 30):
        counts[bin_of(0.3)] += 100
        slow = meter.take(counts.copy(), float(second))
    assert slow == pytest.approx(0.3, rel=0.03)
    fresh = no_counts()
    fresh[bin_of(0.5)] += 10
    meter.take(fresh.copy(), 31.0)
    fresh[bin_of(0.1)] += 100
    assert meter.take(fresh, 32.0) == pytest.approx(0.1, rel=0.03)


@pytest.fixture
def status(session):
    line = StatusLine()
    line.watch(session)
    session.measured.connect(line.show_telemetry)
    line.show()
    yield line
    line.hide()
    line.deleteLater()


def test_lamps_flash_for_what_comes_in_and_lights_for_what_sounds(status, client):
    client.figures |= {"osc_port": 9000, "midi_events": 3}
    wait_for(status.osc_lamp.isVisible)
    wait_for(lambda: not status.midi_lamp.lit)  # what came before the line was there may flash it
    client.figures |= {"midi_events": 4}
    wait_for(lambda: status.midi_lamp.lit)
    assert not status.osc_lamp.lit
    client.figures |= {"osc_events": 1}
    wait_for(lambda: status.osc_lamp.lit)
    wait_for(lambda: not status.midi_lamp.lit and not status.osc_lamp.lit)
    client.figures |= {"voices": 5}
    wait_for(lambda: status.lights.lit == 5)
    assert "5" in status.lights.accessibleDescription()


def test_the_slowest_blocks_are_shown_in_milliseconds(status, client):
    client.figures |= {"block": 480}
    wait_for(lambda: "p99" in status.load.text())
    client.blocks[bin_of(0.5)] += 1000
    wait_for(lambda: "p99 5.1 ms" in status.load.text())  # half of 10 ms, to the histogram's 1.1 %


def test_a_click_on_drop_outs_takes_larger_blocks_and_puts_the_lamp_out(status, session, client):
    wait_for(status.xruns.isVisible)
    assert not status.xruns.isEnabled()
    client.figures |= {"xruns": 2, "block": 256}
    wait_for(status.xruns.isEnabled)
    assert status.xruns.property("tone") == "warning" and "512" in status.xruns.toolTip()
    QTest.mouseClick(status.xruns, Qt.MouseButton.LeftButton)
    wait_for(lambda: client.settings.block == 512)
    client.figures |= {"block": 512}
    wait_for(lambda: not status.xruns.isEnabled() and status.xruns.text().startswith("2 xruns"))
    client.figures |= {"late_blocks": 1}
    wait_for(status.xruns.isEnabled)
    client.figures |= {"block": LARGEST_BLOCK}
    wait_for(lambda: not status.xruns.isEnabled())


def test_what_is_missed_least_leaves_a_narrow_status_line_and_nothing_is_cut_off(status, client):
    client.figures |= {"device": "A sound card with quite a name", "osc_port": 9000}
    wait_for(lambda: "quite" in status.output.text())
    for width in (1600, 900, 700):
        status.resize(width, 24)
        QTest.qWait(50)
        shown = [label for label in status.findChildren(QLabel) if label.isVisible()]
        assert all(label.width() >= label.sizeHint().width() for label in shown), width
        assert status.realtime.isVisible() == (width == 1600)
        assert status.output.isVisible() and status.xruns.isVisible() and status.lights.isVisible()


def test_a_tile_is_shown_alone_and_with_the_others_again_by_mouse_and_keys(session):
    panel = SeeingPanel(session)
    panel.resize(1000, 140)
    panel.show()
    QTest.qWait(30)
    QTest.mouseClick(panel.scope, Qt.MouseButton.LeftButton)
    QTest.qWait(30)
    assert panel.scope.width() > 900 and not panel.tuner.isVisible()
    panel.tiles[0].setFocus()
    QTest.keyClick(panel.tiles[0], Qt.Key.Key_Return)
    QTest.qWait(30)
    assert all(tile.isVisible() for tile in panel.tiles) and panel.scope.width() < 300
    panel.hide()
    panel.deleteLater()


def test_pictures_rest_in_silence_and_wake_with_the_sound(session, client, monkeypatch):
    panel = SeeingPanel(session)
    panel.show()
    drawn = []
    monkeypatch.setattr(client, "scope", lambda frames, scope=client.scope: drawn.append(1) or scope(frames))
    wait_for(lambda: drawn and not panel._timer.isActive())
    drawn.clear()
    QTest.qWait(100)
    assert not drawn
    client.send(NoteOn(69.0, 1.0))
    wait_for(lambda: panel.tuner.reading is not None)
    panel.hide()
    panel.deleteLater()


def test_screen_readers_are_told_what_is_seen(session, status):
    roles.install()
    panel = SeeingPanel(session)
    panel.show()
    panel.tuner.show_reading(pitch.Reading.of(442.0))
    role, text = QAccessible.Role, QAccessible.Text
    expected = [(tile, role.Button) for tile in panel.tiles]
    expected += [(panel.spectrogram, role.Graphic), (panel.tuner, role.Indicator), (status.lights, role.Indicator)]
    for widget, wanted in expected:
        interface = QAccessible.queryAccessibleInterface(widget)
        assert interface.role() == wanted and interface.text(text.Name), widget
    assert "A4" in QAccessible.queryAccessibleInterface(panel.tuner).text(text.Description)
    panel.hide()
    panel.deleteLater()
