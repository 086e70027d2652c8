"""What the pictures of the sound are made of: tints below a curve, a scrolling ring of pixels, and all of them each tick."""

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QImage, QPixmap

from synth.commands import NoteOn
from tests.ui.conftest import wait_for
from ui import theme
from ui.seeing import spectra
from ui.seeing.panel import SeeingPanel
from ui.seeing.spectrogram import COLUMNS, ROWS, Spectrogram
from ui.widgets.graph_fill import Fill
from ui.widgets.graphs import SpectrumView

QUIET, LOUD = np.full(ROWS, spectra.FLOOR_DB, np.float32), np.full(ROWS, -6.0, np.float32)


def pixels(image):
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width()).copy()


def ground(width, height, shade="#102030"):
    made = QPixmap(width, height)
    made.fill(QColor(shade))
    return made


def test_only_what_lies_below_the_curve_is_tinted(application):
    heights = np.array([0.0, 10.0, 20.0, 40.0])
    bare = ground(31, 40)
    seen = pixels(Fill().picture(bare, QColor("red"), heights))
    tinted = seen != pixels(bare.toImage())
    for column in range(31):
        edge = np.interp(column / 10.0, range(4), heights)
        assert tinted[:, column].sum() == pytest.approx(40 - edge, abs=0.6)
        assert not tinted[: int(edge), column].any()


def test_the_tint_fades_downwards_and_follows_colour_and_ground(application):
    fill, heights = Fill(), np.zeros(2)
    bare = ground(8, 60)
    red = fill.picture(bare, QColor("red"), heights).copy()
    assert red.pixelColor(4, 1).red() > red.pixelColor(4, 30).red() > red.pixelColor(4, 58).red()
    green = fill.picture(bare, QColor(0, 255, 0), heights).copy()
    assert green.pixelColor(4, 1).green() > 2 * green.pixelColor(4, 1).red()
    larger = fill.picture(ground(12, 70, "#ffffff"), QColor("red"), np.full(2, 69.0))
    assert (larger.width(), larger.height()) == (12, 70)
    assert larger.pixelColor(3, 3) == QColor("#ffffff")


@pytest.mark.parametrize("width", [150, 600, 900])
@pytest.mark.parametrize("age", [30, 200, 450])
def test_what_sounded_scrolls_to_the_left_pixel_by_pixel_and_stays_as_it_was(application, width, age):
    view = Spectrogram()
    view.resize(width, 100)
    view.grab()
    for column in range(700):
        view.write(LOUD if column == 700 - age else QUIET)
    scrolled = pixels(view.grab().toImage())
    view._pixels_for = ()
    made_anew = pixels(view.grab().toImage())
    silent = scrolled[50, width // 2 + 40 if age > 300 else 60]
    for picture in (scrolled, made_anew):
        loud = np.flatnonzero(picture[50] != silent)
        wanted = width * (1.0 - (age - 0.5) / COLUMNS)
        assert abs(loud.mean() - wanted) <= max(2.0, 1.5 * width / COLUMNS)
        assert 1 <= len(loud) <= 1 + width / COLUMNS
    view.deleteLater()


def test_the_newest_sound_is_at_the_right_edge_at_once(application):
    view = Spectrogram()
    view.resize(150, 100)
    before = pixels(view.grab().toImage())[:, -1]
    view.write(LOUD)
    after = pixels(view.grab().toImage())
    assert (after[:, -1] != before).all()
    assert (after[:, -2] == before).all()
    view.deleteLater()


def test_a_narrow_spectrum_still_shows_its_peaks(application):
    view = SpectrumView()
    shade = QColor(theme.color(theme.ACCENT))
    for width in (120, 500):
        view.resize(width, 120)
        view.levels = spectra.Falling(spectra.COLUMNS)
        levels = np.full(spectra.COLUMNS, spectra.FLOOR_DB, np.float32)
        levels[101] = -9.0
        view.levels.update(levels, 0.01)
        view._shade = shade
        picture = view.grab().toImage()
        x = round(101 / (spectra.COLUMNS - 1) * width)
        near = [picture.pixelColor(x + step, 20) for step in range(-3, 4)]
        assert min(sum(abs(a - b) for a, b in zip(theme.parts(one), theme.parts(shade), strict=True)) for one in near) < 0.9
        assert picture.pixelColor(x // 2 + 3, 62) == picture.pixelColor(x // 2 + 4, 62)
    view.deleteLater()


def test_scope_spectrum_and_spectrogram_are_painted_at_each_tick(session, client, monkeypatch):
    panel = SeeingPanel(session)
    panel.resize(650, 96)
    panel.show()
    client.send(NoteOn(69.0, 1.0))
    wait_for(lambda: panel.spectrogram.history().any())
    panel._timer.stop()
    graphs, painted = (panel.scope, panel.spectrum, panel.spectrogram), []
    for graph in graphs:
        monkeypatch.setattr(graph, "elapsed", lambda: 1.0 / 60.0)
        monkeypatch.setattr(graph, "draw", lambda painter, graph=graph, draw=graph.draw: (painted.append(graph), draw(painter)))
    QCoreApplication.processEvents()
    painted.clear()
    panel.pictures = 1  # the tuner hears nothing within these
    for _ in range(10):
        panel.tick()
        QCoreApplication.processEvents()
    assert [painted.count(graph) for graph in graphs] == [10, 10, 10]
    panel.hide()
    panel.deleteLater()
