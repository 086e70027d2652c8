"""The style sheet of the app: what Qt's own widgets look like. Colours stand in it by their tokens, `@panel`."""

import re

from ui.palettes import Palette


def style_sheet(colors: Palette) -> str:
    """The sheet in these colours. Raises KeyError for a colour that the palette lacks."""
    return re.sub(r"@(\w+)", lambda token: colors[token[1]], SHEET)


SHEET = """
QWidget { color: @text; }
QMainWindow, QDialog { background: @ground; }
QToolTip { background: @raised; color: @text; border: 1px solid @line; padding: 4px 6px; }

QFrame[role="panel"] { background: @panel; border: 1px solid @line; border-radius: 8px; }
QFrame[role="screen"] { background: @sunken; border: 1px solid @line; border-radius: 8px; }
QFrame[role="screen"]:focus { border-color: @accent; }
QLabel[role="heading"], QLabel[role="muted"] { color: @muted; }
QLabel[role="empty"] { color: @muted; padding: 12px; }
QLabel[tone="warning"] { color: @warning; }
QLabel[tone="danger"] { color: @danger; }

QPushButton, QToolButton { background: @raised; border: 1px solid @line; border-radius: 6px; padding: 5px 12px; }
QPushButton:hover, QToolButton:hover { background: @hover; }
QPushButton:pressed, QToolButton:pressed { background: @line; }
QPushButton:checked, QToolButton:checked { border-color: @accent; }
QPushButton:focus, QToolButton:focus { border: 1px solid @accent; }
QPushButton:disabled, QToolButton:disabled { color: @faint; background: @panel; }
QPushButton:default { background: @accent; color: @on_accent; border-color: @accent; }
QPushButton:default:focus { border: 1px solid @text; }
QPushButton[role="danger"] { color: @danger; border-color: @danger_line; }
QPushButton[role="danger"]:hover { background: @danger_ground; }
QPushButton[role="danger"]:focus { border-color: @danger; }
QPushButton[role="record"]:checked { background: @recording; border-color: @danger; }
QPushButton[role="segment"] { background: @sunken; color: @muted; padding: 4px 8px; }
QPushButton[role="segment"]:checked { background: @raised; color: @text; border-color: @accent; }
QPushButton[role="segment"]:focus { color: @text; border: 1px solid @text; }
QPushButton[role="page"] { background: transparent; border: none; border-radius: 0; color: @faint; padding: 0 0 1px 0; }
QPushButton[role="page"]:hover { color: @text; }
QPushButton[role="page"]:checked { color: @muted; border-bottom: 1px solid @accent; }
QPushButton[role="page"]:focus { color: @text; border-bottom: 1px solid @text; }
QPushButton[role="quiet"], QToolButton[role="quiet"] { background: transparent; border-color: transparent; }
QPushButton[role="quiet"]:hover, QToolButton[role="quiet"]:hover { background: @hover; }
QPushButton[role="quiet"]:focus, QToolButton[role="quiet"]:focus { border-color: @accent; }
QPushButton[role="lamp"] { background: transparent; border-color: transparent; color: @muted; padding: 1px 6px; }
QPushButton[role="lamp"][tone="warning"] { background: @warning_ground; border-color: @warning; color: @warning; }
QPushButton[role="lamp"]:focus { border-color: @accent; }
QPushButton[role="tool"], QToolButton[role="tool"] { padding: 4px 0; }
QToolButton::menu-indicator { image: none; }

QListView, QTreeView, QTableView { background: transparent; border: 1px solid transparent; border-radius: 6px; outline: none; }
QListView:focus, QTreeView:focus, QTableView:focus { border-color: @accent; }
QListView::item { border-radius: 5px; padding: 5px 8px; }
QListView::item:hover { background: @raised; }
QListView::item:selected { background: @hover; color: @text; }
QTableView::item { padding: 0 8px; }
QTableView { gridline-color: @line; selection-background-color: @hover; selection-color: @text; }
QHeaderView { background: transparent; }
QHeaderView::section { background: @raised; color: @muted; border: none; border-right: 1px solid @line; padding: 4px 8px; }
QTableCornerButton::section { background: @raised; border: none; }

QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QTextEdit, QTextBrowser {
  background: @sunken; border: 1px solid @line; border-radius: 6px; padding: 5px 8px; min-height: 20px;
  selection-background-color: @accent;
  selection-color: @on_accent; }
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus, QPlainTextEdit:focus, QTextEdit:focus { border: 1px solid @accent; }
QLineEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled { color: @faint; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox QAbstractItemView { background: @panel; border: 1px solid @line; selection-background-color: @hover;
  selection-color: @text; outline: none; padding: 4px; }
QCheckBox, QRadioButton { spacing: 8px; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid @faint; border-radius: 4px; background: @sunken; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; }
QCheckBox::indicator:focus { border-color: @text; }
QCheckBox:focus, QRadioButton:focus { color: @accent; }
QProgressBar { background: @sunken; border: 1px solid @line; border-radius: 5px; text-align: center; }
QProgressBar::chunk { background: @accent; border-radius: 4px; }

QMenuBar { background: @ground; color: @muted; }
QMenuBar::item { background: transparent; padding: 4px 9px; border-radius: 4px; }
QMenuBar::item:selected { background: @hover; color: @text; }
QMenu { background: @panel; border: 1px solid @line; padding: 5px; }
QMenu::item { padding: 5px 22px 5px 24px; border-radius: 4px; }
QMenu::item:selected { background: @hover; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }

QTabWidget::pane { border: none; }
QTabBar::tab { background: transparent; color: @faint; padding: 3px 10px; border-bottom: 1px solid transparent; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @muted; border-bottom: 1px solid @accent; }
QTabBar::tab:focus { color: @text; border-bottom: 1px solid @text; }

QScrollArea, QScrollArea > QWidget > QWidget[role="scrolled"] { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 8px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 8px; margin: 0; }
QScrollBar::handle { background: @line; border-radius: 4px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: @faint; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
  background: none; height: 0; width: 0; }
QSplitter::handle { background: transparent; }
QSplitter::handle:hover { background: @line; }

QFrame[role="banner"] { border-radius: 8px; border: 1px solid @line; background: @raised; }
QFrame[role="banner"][level="warning"] { border-color: @warning; background: @warning_ground; }
QFrame[role="banner"][level="error"] { border-color: @danger; background: @danger_ground; }
QFrame[role="banner"] QLabel { background: transparent; }
"""
