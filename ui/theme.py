"""The look: colours, spacing and type in one place. Dark, quiet, with one colour for each corner of the pad."""

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QWidget

GROUND = "#0e1116"
PANEL = "#161b22"
RAISED = "#212a35"
HOVER = "#2a3542"
SUNKEN = "#0a0d11"
LINE = "#2b3541"
TEXT = "#e8eef4"
MUTED = "#9ba8b6"
FAINT = "#66727f"
ACCENT = "#45d6c5"
WARNING = "#f5b94c"
DANGER = "#ff6b6b"

CORNERS = ("#3ad9c4", "#4fa3ff", "#a07cff", "#ff70a6")
"""Colours of the pad's corners: lower left, lower right, upper left, upper right."""

GAP = 10
"""Space in pixels between panels and round them."""
PAD = 12
"""Space in pixels between a panel's edge and what it holds."""
RADIUS = 8

FAMILIES = ("Inter", "Noto Sans", "Cantarell", "Ubuntu", "Segoe UI", "Helvetica Neue", "DejaVu Sans")
SMALLEST_POINTS = 10.0


def color(name: str, opacity: float = 1.0) -> QColor:
    """A colour of this theme with an opacity in 0..1."""
    shade = QColor(name)
    shade.setAlphaF(opacity)
    return shade


def font(scale: float = 1.0, weight: QFont.Weight = QFont.Weight.Normal, spacing: float = 0.0) -> QFont:
    """The application's font at `scale` times its size; `spacing` widens the gaps between letters, in per cent."""
    made = QFont(QApplication.font())
    made.setPointSizeF(made.pointSizeF() * scale)
    made.setWeight(weight)
    if spacing:
        made.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 100.0 + spacing)
    return made


def blend(weights: tuple[float, float, float, float], colors: tuple[str, ...] = CORNERS) -> QColor:
    """Mixture of the corners' colours; the weights add up to one."""
    shades = [QColor(name) for name in colors]
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
    app.setPalette(_palette())
    app.setStyleSheet(STYLE)


def restyle(widget: QWidget) -> None:
    """Let a widget take up a style that depends on a dynamic property it has just changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def _palette() -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: GROUND,
        QPalette.ColorRole.WindowText: TEXT,
        QPalette.ColorRole.Base: SUNKEN,
        QPalette.ColorRole.AlternateBase: PANEL,
        QPalette.ColorRole.Text: TEXT,
        QPalette.ColorRole.PlaceholderText: FAINT,
        QPalette.ColorRole.Button: RAISED,
        QPalette.ColorRole.ButtonText: TEXT,
        QPalette.ColorRole.BrightText: TEXT,
        QPalette.ColorRole.Highlight: ACCENT,
        QPalette.ColorRole.HighlightedText: GROUND,
        QPalette.ColorRole.ToolTipBase: RAISED,
        QPalette.ColorRole.ToolTipText: TEXT,
        QPalette.ColorRole.Link: ACCENT,
    }
    for role, name in roles.items():
        palette.setColor(role, QColor(name))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(FAINT))
    return palette


STYLE = f"""
QWidget {{ color: {TEXT}; }}
QMainWindow, QDialog {{ background: {GROUND}; }}
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; padding: 4px 6px; }}

QFrame[role="panel"] {{ background: {PANEL}; border: 1px solid {LINE}; border-radius: {RADIUS}px; }}
QFrame[role="screen"] {{ background: {SUNKEN}; border: 1px solid {LINE}; border-radius: {RADIUS}px; }}
QLabel[role="heading"] {{ color: {MUTED}; }}
QLabel[role="muted"] {{ color: {MUTED}; }}
QLabel[role="empty"] {{ color: {MUTED}; padding: 12px; }}

QPushButton, QToolButton {{ background: {RAISED}; border: 1px solid {LINE}; border-radius: 6px; padding: 5px 12px; }}
QPushButton:hover, QToolButton:hover {{ background: {HOVER}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {LINE}; }}
QPushButton:focus, QToolButton:focus {{ border: 1px solid {ACCENT}; }}
QPushButton:disabled {{ color: {FAINT}; background: {PANEL}; }}
QPushButton:default {{ background: {ACCENT}; color: {GROUND}; border-color: {ACCENT}; }}
QPushButton:default:focus {{ border: 1px solid {TEXT}; }}
QPushButton[role="danger"] {{ color: {DANGER}; border-color: #6b3338; }}
QPushButton[role="danger"]:hover {{ background: #3a1f24; }}
QPushButton[role="danger"]:focus {{ border-color: {DANGER}; }}
QPushButton[role="record"]:checked {{ background: #a8323a; border-color: {DANGER}; }}
QPushButton[role="segment"] {{ background: {SUNKEN}; color: {MUTED}; padding: 4px 8px; }}
QPushButton[role="segment"]:checked {{ background: {RAISED}; color: {TEXT}; border-color: {ACCENT}; }}
QPushButton[role="segment"]:focus {{ color: {TEXT}; border: 1px solid {TEXT}; }}
QPushButton[role="page"] {{ background: transparent; border: none; border-radius: 0; color: {FAINT}; padding: 0 0 1px 0; }}
QPushButton[role="page"]:hover {{ color: {TEXT}; }}
QPushButton[role="page"]:checked {{ color: {MUTED}; border-bottom: 1px solid {ACCENT}; }}
QPushButton[role="page"]:focus {{ color: {TEXT}; border-bottom: 1px solid {TEXT}; }}
QPushButton[role="quiet"] {{ background: transparent; border-color: transparent; }}
QPushButton[role="quiet"]:hover {{ background: {HOVER}; }}
QPushButton[role="quiet"]:focus {{ border-color: {ACCENT}; }}

QListView {{ background: transparent; border: none; outline: none; }}
QListView::item {{ border-radius: 5px; padding: 5px 8px; }}
QListView::item:hover {{ background: {RAISED}; }}
QListView::item:selected {{ background: {HOVER}; color: {TEXT}; }}

QLineEdit, QComboBox {{
  background: {SUNKEN}; border: 1px solid {LINE}; border-radius: 6px; padding: 5px 8px; min-height: 20px;
  selection-background-color: {ACCENT};
  selection-color: {GROUND}; }}
QLineEdit:focus, QComboBox:focus {{ border: 1px solid {ACCENT}; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox QAbstractItemView {{ background: {PANEL}; border: 1px solid {LINE}; selection-background-color: {HOVER};
  selection-color: {TEXT}; outline: none; padding: 4px; }}
QCheckBox {{ spacing: 8px; }}
QCheckBox::indicator {{ width: 14px; height: 14px; border: 1px solid {FAINT}; border-radius: 4px;
  background: {SUNKEN}; }}
QCheckBox::indicator:checked {{ background: {ACCENT}; border-color: {ACCENT}; }}
QCheckBox::indicator:focus {{ border-color: {TEXT}; }}
QCheckBox:focus {{ color: {ACCENT}; }}

QMenu {{ background: {PANEL}; border: 1px solid {LINE}; padding: 5px; }}
QMenu::item {{ padding: 5px 22px 5px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {HOVER}; }}
QMenu::separator {{ height: 1px; background: {LINE}; margin: 4px 8px; }}

QScrollBar:vertical {{ background: transparent; width: 8px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {LINE}; border-radius: 4px; min-height: 24px; }}
QScrollBar::handle:vertical:hover {{ background: {FAINT}; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{ background: none; height: 0; }}

QFrame[role="banner"] {{ border-radius: {RADIUS}px; border: 1px solid {LINE}; background: {RAISED}; }}
QFrame[role="banner"][level="warning"] {{ border-color: {WARNING}; background: #2b2415; }}
QFrame[role="banner"][level="error"] {{ border-color: {DANGER}; background: #2e191c; }}
QFrame[role="banner"] QLabel {{ background: transparent; }}
"""
