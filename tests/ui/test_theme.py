"""The look: what can be read, what the colour-blind can tell apart, and that it changes while the window is shown."""

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QPushButton

from ui import palettes, theme

# Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision deficiency" (2009), severity 1.
DEFICIENCIES = {
    "none": np.eye(3),
    "protan": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deutan": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritan": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
LOOKS = [(light, safe) for light in (False, True) for safe in (False, True)]


def linear(name):
    shade = QColor(name)
    channels = np.array([shade.redF(), shade.greenF(), shade.blueF()])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    light, dark = sorted((float(linear(name) @ (0.2126, 0.7152, 0.0722)) for name in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb):
    """CIELAB of linear sRGB."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb / (0.9505, 1.0, 1.089)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def nearest(names, matrix):
    seen = [lab(np.clip(matrix @ linear(name), 0, 1)) for name in names]
    return min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2))


@pytest.fixture
def look():
    yield
    theme.use("dark")


@pytest.mark.parametrize(("light", "safe"), LOOKS)
def test_everything_that_is_written_can_be_read(light, safe):
    colors = palettes.palette(light=light, safe=safe)
    for ground in ("ground", "panel", "raised", "sunken", "hover"):
        assert contrast(colors["text"], colors[ground]) >= 7.0, ground
    for ink in ("muted", "warning", "danger", "accent"):
        for ground in ("ground", "panel", "sunken"):
            assert contrast(colors[ink], colors[ground]) >= 4.5, (ink, ground)
    assert contrast(colors["on_accent"], colors["accent"]) >= 4.5
    assert contrast(colors["faint"], colors["panel"]) >= 3.0
    assert contrast(colors["text"], colors["warning_ground"]) >= 7.0
    assert contrast(colors["text"], colors["danger_ground"]) >= 7.0


@pytest.mark.parametrize("light", [False, True])
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_safe_colours_are_told_apart_by_everyone(light, deficiency):
    colors = palettes.palette(light=light, safe=True)
    matrix = DEFICIENCIES[deficiency]
    assert nearest([colors[token] for token in theme.DATA], matrix) > 12.0
    assert nearest([colors[token] for token in theme.CORNERS], matrix) > 18.0
    assert nearest([colors[token] for token in ("accent", "warning", "danger")], matrix) > 18.0


@pytest.mark.parametrize(("light", "safe"), LOOKS)
def test_data_is_seen_on_its_ground(light, safe):
    colors = palettes.palette(light=light, safe=safe)
    assert all(contrast(colors[token], colors["sunken"]) >= 2.0 for token in (*theme.DATA, *theme.CORNERS))


def test_the_lightness_of_the_ramp_rises_evenly():
    steps = np.diff([lab(linear(theme.ramp(share).name()))[0] for share in np.linspace(0, 1, 13)])
    assert steps.min() > 0.4 * steps.max()


@pytest.mark.usefixtures("look")
def test_another_look_reaches_a_window_that_is_shown(application, qtbot):
    button, label = QPushButton("One"), QLabel("Two")
    qtbot.addWidget(button)
    qtbot.addWidget(label)
    theme.tint(label, theme.WARNING)
    button.show()
    label.show()
    shades = []
    for name in ("dark", "light"):
        theme.use(name)
        application.processEvents()
        picture = button.grab().toImage()
        inks = {label.grab().toImage().pixelColor(x, y).name() for x in range(label.width()) for y in range(label.height())}
        assert theme.color(theme.WARNING).name() in inks
        shades.append(picture.pixelColor(button.width() // 2, 3).lightnessF())
    assert shades[0] < 0.3
    assert shades[1] > 0.7
    assert theme.is_light()
