"""The look: colours by what they are for, spacing and type in one place. Dark or light, and safe for the colour-blind.

A token (`theme.ACCENT`) is the name of a colour, not the colour: painters ask `theme.color(theme.ACCENT)` whenever they paint,
because `use` changes all of them at run time. Whoever keeps a drawn picture asks `key`, too: it changes with the look.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from ui.palettes import RAMP, palette
from ui.style_sheet import style_sheet

GROUND, PANEL, RAISED, HOVER, SUNKEN, LINE = "ground", "panel", "raised", "hover", "sunken", "line"
TEXT, MUTED, FAINT = "text", "muted", "faint"
ACCENT, ON_ACCENT, WARNING, DANGER = "accent", "on_accent", "warning", "danger"
KEY_WHITE, KEY_WHITE_EDGE, KEY_BLACK, KEY_BLACK_TOP = "key_white", "key_white_edge", "key_black", "key_black_top"
KEY_EDGE, KEY_INK = "key_edge", "key_ink"
"""What is written on a white or a lit key."""

CORNERS = ("corner1", "corner2", "corner3", "corner4")
"""Of the pad: lower left, lower right, upper left, upper right."""
DATA = tuple(f"data{number}" for number in range(1, 9))
"""Colours that tell kinds of things apart, families of sounds say."""

GAP = 10
"""Space in pixels between panels and round them."""
PAD = 12
"""Space in pixels between a panel's edge and what it holds."""
RADIUS = 8

FAMILIES = ("Inter", "Noto Sans", "Cantarell", "Ubuntu", "Segoe UI", "Helvetica Neue", "DejaVu Sans")
SMALLEST_POINTS = 10.0

LOOKS = ("dark", "light", "system")
"""`system`: as the desktop says."""


class _Shown:
    """The look that is shown now."""

    light = False
    safe = False
    colors = palette(light=False, safe=False)


def use(look: str, *, safe: bool = False) -> None:
    """Show this look from now on, one of LOOKS; `safe`: data colours that the colour-blind can tell apart."""
    _Shown.light = _system_is_light() if look == "system" else look == "light"
    _Shown.safe = safe
    _Shown.colors = palette(light=_Shown.light, safe=safe)
    app, sheet = QApplication.instance(), style_sheet(_Shown.colors)
    if isinstance(app, QApplication) and app.styleSheet() != sheet:  # which every widget would take up anew
        app.setPalette(_palette())
        app.setStyleSheet(sheet)


def key() -> tuple[bool, bool]:
    """Which look is shown: whoever keeps a drawn picture draws it anew when this changes."""
    return _Shown.light, _Shown.safe


def is_light() -> bool:
    """Whether dark is written on light."""
    return _Shown.light


def color(token: str, opacity: float = 1.0) -> QColor:
    """The present colour of a token with an opacity in 0..1."""
    shade = QColor(_Shown.colors[token])
    shade.setAlphaF(opacity)
    return shade


def ramp(share: float, opacity: float = 1.0) -> QColor:
    """Colour of a quantity, 0..1, whose lightness rises evenly."""
    place = min(1.0, max(0.0, share)) * (len(RAMP) - 1)
    low = min(int(place), len(RAMP) - 2)
    mix = [a + (place - low) * (b - a) for a, b in zip(parts(QColor(RAMP[low])), parts(QColor(RAMP[low + 1])), strict=True)]
    return QColor.fromRgbF(mix[0], mix[1], mix[2], opacity)


def font(scale: float = 1.0, weight: QFont.Weight = QFont.Weight.Normal, spacing: float = 0.0) -> QFont:
    """The application's font at `scale` times its size; `spacing` widens the gaps between letters, in per cent."""
    made = QFont(QApplication.font())
    made.setPointSizeF(made.pointSizeF() * scale)
    made.setWeight(weight)
    if spacing:
        made.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 100.0 + spacing)
    return made


def blend(weights: tuple[float, float, float, float], tokens: tuple[str, ...] = CORNERS) -> QColor:
    """Mixture of the corners' colours; the weights add up to one."""
    shades = [color(token) for token in tokens]
    mix = [sum(w * part for w, part in zip(weights, channel, strict=True)) for channel in zip(*map(parts, shades), strict=True)]
    return QColor.fromRgbF(*(min(1.0, max(0.0, part)) for part in mix))


def parts(shade: QColor) -> tuple[float, float, float]:
    """Red, green and blue in 0..1."""
    return shade.redF(), shade.greenF(), shade.blueF()


def apply(app: QApplication) -> None:
    """Dress the application: style, palette, font and style sheet."""
    app.setStyle("Fusion")
    base = QFont(app.font())
    base.setFamilies(list(FAMILIES))
    base.setPointSizeF(max(SMALLEST_POINTS, base.pointSizeF()))
    app.setFont(base)
    use("light" if _Shown.light else "dark", safe=_Shown.safe)


def restyle(widget: QWidget) -> None:
    """Let a widget take up a style that depends on a dynamic property it has just changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def tint(widget: QWidget, tone: str) -> None:
    """Write a label in the colour of `warning` or `danger`; empty: as it was."""
    if widget.property("tone") != tone:
        widget.setProperty("tone", tone)
        restyle(widget)


def _system_is_light() -> bool:
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light


def _palette() -> QPalette:
    made = QPalette()
    role = QPalette.ColorRole
    for what, token in (
        (role.Window, GROUND),
        (role.WindowText, TEXT),
        (role.Base, SUNKEN),
        (role.AlternateBase, PANEL),
        (role.Text, TEXT),
        (role.PlaceholderText, FAINT),
        (role.Button, RAISED),
        (role.ButtonText, TEXT),
        (role.BrightText, TEXT),
        (role.Highlight, ACCENT),
        (role.HighlightedText, ON_ACCENT),
        (role.ToolTipBase, RAISED),
        (role.ToolTipText, TEXT),
        (role.Link, ACCENT),
    ):
        made.setColor(what, color(token))
    for what in (role.Text, role.ButtonText, role.WindowText):
        made.setColor(QPalette.ColorGroup.Disabled, what, color(FAINT))
    return made
