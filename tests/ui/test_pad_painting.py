"""What a moving pad looks like: its light, the finger's way, its glow, at any scale and in any look."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtTest import QTest

from ui import theme
from ui.pads import map_look
from ui.pads.atlas import Atlas
from ui.pads.looks import CornersLook
from ui.pads.map_look import MapLook
from ui.widgets import pad_painter, pad_trail
from ui.widgets.pieces import Pieces
from ui.widgets.polyline import curve, polygon
from ui.widgets.xy_pad import XYPad

SIDE = 200


def canvas(ratio=1.0, side=SIDE):
    made = QPixmap(round(side * ratio), round(side * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(QColor(0, 0, 0))
    return made


def light(picture):
    """Lightness of its device pixels, [height, width] in 0..255."""
    image = picture.toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].astype(float)


def trail(points, ages, ratio=1.0):
    picture = canvas(ratio)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pad_trail.paint(painter, np.array(points, float), np.array(ages, float), QColor(255, 255, 255), ratio)
    return light(picture)


@pytest.fixture
def pad(application):
    made = XYPad()
    made.resize(664, 400)
    made.show()
    QTest.qWait(20)
    yield made
    made.close()
    made.deleteLater()


def test_polygons_are_made_of_arrays(application):
    points = np.random.default_rng(0).uniform(0, 500, (37, 2))
    assert [(point.x(), point.y()) for point in polygon(points)] == [tuple(point) for point in points.tolist()]
    assert [point.toTuple() for point in polygon(points[::-3])] == [tuple(point) for point in points[::-3].tolist()]
    assert curve(points[:, 0], points[:, 1]) == polygon(points)
    assert polygon(points[:0]).isEmpty()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_the_way_is_as_broad_in_all_directions_and_at_all_scales(application, ratio):
    ages = np.linspace(0.3, 0.0, 60)  # the younger part
    broad = []
    for turn in (0.0, 0.4, math.pi / 4, 1.3, math.pi / 2, 2.4):
        along = np.linspace(-80, 80, 60)[:, None] * [math.cos(turn), math.sin(turn)]
        seen = trail(100 + along, ages, ratio)
        broad.append(float((seen > 0.3 * seen.max()).sum()) / (160 * ratio * ratio))
    assert min(broad) > 1.3
    assert max(broad) < 1.7 * min(broad)


def test_the_way_fades_and_thins_with_age(application):
    across = np.linspace(10, 190, 90)
    seen = trail(np.column_stack([across, np.full(90, 100.0)]), np.linspace(1.0, 0.0, 90))
    strength = seen[:, 15:185].sum(0)
    assert strength[-20:].mean() > 2 * strength[60:80].mean() > 4 * strength[:20].mean()
    assert (seen[:, 100:185] > 0).any(0).all()  # no gaps between its pieces


def test_a_place_alone_and_places_upon_one_another_are_no_way(application):
    assert not trail([(50, 50)], [0.0]).any()
    trail([(50, 50)] * 5, [0.2] * 5)
    assert not trail(np.zeros((0, 2)), []).any()


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
def test_dots_light_up_near_the_hand_only_and_stay_where_they_are(application, ratio):
    backdrop, frame, hand = pad_painter.Backdrop(), QRectF(0.5, 0.5, 399, 399), QPointF(110, 130)
    dark, lit = canvas(ratio, 400), canvas(ratio, 400)
    for picture in (dark, lit):
        with QPainter(picture) as painter:
            backdrop.paint(painter, CornersLook(), frame, frame, ratio)
            if picture is lit:
                backdrop.paint_light(painter, hand, 1.0)
    more = np.abs(light(lit) - light(dark))
    rows, columns = np.nonzero(more > 2)
    away = np.hypot(columns / ratio - hand.x(), rows / ratio - hand.y())
    assert away.max() < backdrop.reach_px
    assert more[:, round(400 * ratio) // 2 :].max() < 3
    side = frame.width() / round(frame.width() / 30.0)
    places = np.column_stack([columns, rows]) / ratio - 0.5
    off = np.abs((places / side) % 1.0 - 0.5) * side  # from the middle of the lattice's cell
    assert off.max() < 6.5
    strong = more[rows, columns]
    assert strong[away < 40].mean() > 1.5 * strong[(away > 60)].mean()


def test_pieces_are_drawn_where_they_are_as_opaque_as_is_said(application):
    sheet = QPixmap(60, 20)
    sheet.fill(QColor(255, 255, 255))
    corners = np.array([[0.0, 0.0], [20.0, 0.0], [40.0, 0.0]])
    pieces, picture = Pieces(corners, 20, 1.0), canvas(1.0, 60)
    with QPainter(picture) as painter:
        pieces.draw(painter, sheet, np.array([0.5, 0.01, 1.0]), 0.02)
    seen = light(picture)
    assert [seen[10, x] for x in (10, 30, 50)] == [pytest.approx(128, abs=2), 0, 255]
    assert not seen[20:].any()


def test_a_glow_is_round_in_its_colour_and_nothing_around_it_is_touched(application):
    picture = canvas()
    with QPainter(picture) as painter:
        painter.fillRect(0, 0, SIDE, SIDE, QColor(40, 40, 40))
        pad_painter.paint_glow(painter, QPointF(100, 100), QColor(200, 40, 40), 50.0, 0.8, 1.0)
    image = picture.toImage()
    middle, edge, outside = (image.pixelColor(100 + step, 100) for step in (0, 30, 60))
    assert middle.red() > edge.red() > 40 and middle.red() > 2 * middle.green()
    assert outside == QColor(40, 40, 40)
    assert image.pixelColor(100 - 48, 100 - 48) == QColor(40, 40, 40)


def test_a_louder_sound_brightens_the_surroundings_of_a_hand_at_rest(pad):
    painted = []
    usual = pad.paintEvent
    pad.paintEvent = lambda event: (painted.append(QRect(event.rect())), usual(event))
    pad.show_place(0.25, 0.5)
    pad._trail.clear()
    pad.show_glow(0.0)
    QTest.qWait(30)
    painted.clear()
    before = pad.grab().toImage()
    painted.clear()
    pad.show_glow(0.9)
    QTest.qWait(30)
    spot = pad._to_point(0.25, 0.5).toPoint()
    assert painted and all(rect.width() < 0.6 * pad.width() and rect.contains(spot) for rect in painted)
    after = pad.grab().toImage()
    beside = spot + QPoint(24, 0)
    assert after.pixelColor(beside).lightnessF() > before.pixelColor(beside).lightnessF() + 0.02
    assert after.pixelColor(600, 50) == before.pixelColor(600, 50)


def test_another_look_colours_all_that_moves(pad):
    pad.show_notes(((0.8, 0.8, 60.0),))
    spot, puck = pad._to_point(0.8, 0.8).toPoint(), pad._to_point(*pad.place).toPoint()
    try:
        shades = []
        for look, safe in (("dark", False), ("light", False), ("dark", True)):
            theme.use(look, safe=safe)
            picture = pad.grab().toImage()
            assert picture.pixelColor(spot) == theme.color(theme.DATA[60 % len(theme.DATA)])
            shades.append(picture.pixelColor(puck).name())
        assert len(set(shades)) == 3
    finally:
        theme.use("dark")


def test_the_contours_figures_lie_on_no_dot(application, monkeypatch):
    random = np.random.default_rng(7)
    places, frame = random.random((80, 2)), QRectF(0.0, 0.0, 900.0, 520.0)
    brightness = 300.0 + 900.0 * places[:, 0] * places[:, 1] + random.uniform(0.0, 400.0, 80)
    columns = {"centroid_hz": brightness.astype(np.float32)}
    look = MapLook(Atlas(places, places, ("sound",) * 80, ("",) * 80, columns), contour="centroid_hz")
    figures = []
    monkeypatch.setattr(map_look, "write", lambda _, box, __, text, *___: figures.append((box, text)))
    picture = canvas()
    with QPainter(picture) as painter:
        look.paint_back(painter, frame, frame)
    boxes = [box for box, text in figures if text.endswith("Hz")]
    assert len(boxes) >= 3
    dots = [look.point(frame, *place) for place in places]
    assert not [dot for box in boxes for dot in dots if box.adjusted(-4, -4, 4, 4).contains(dot)]
