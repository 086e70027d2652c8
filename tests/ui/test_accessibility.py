"""The window for those who do not see it, do not use a mouse, or read another language."""

import re

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QWidget,
)

from synth.presets.bank import DEFAULT_BANK
from tests.ui.conftest import no_devices, wait_for
from ui.app import App, Options
from ui.dialogs.first_run import FirstRunDialog

Role = QAccessible.Role
SPEECHLESS = {Role.NoRole, Role.Client}
GROUPS = {
    *(Role.Window, Role.Pane, Role.Grouping, Role.Separator, Role.Border, Role.LayeredPane, Role.ToolBar, Role.Splitter),
    *(
        Role.StaticText,
        Role.ScrollBar,
        Role.Whitespace,
        Role.Grip,
        Role.Indicator,
        Role.PopupMenu,
        Role.ListItem,
        Role.Cell,
        Role.Client,
    ),
}
"""What needs no name: it holds others, is a part of something that has one, or says itself what it is."""
DIALOGS = ("ask_settings", "ask_preset", "ask_preferences", "show_shortcuts", "show_first_run", "show_about")


def nodes(interface, path=""):
    """Everything a screen reader finds under an interface, with the way to it."""
    for number in range(interface.childCount()):
        child = interface.child(number)
        if child is None or not child.isValid():
            continue
        here = f"{path}/{child.text(QAccessible.Text.Name) or child.role().name}"
        state = child.state()
        if not state.invisible:
            yield child, here
            yield from nodes(child, here)


def speechless(window):
    """What has no name or role of its own, named by where it is."""
    missing = []
    for node, path in nodes(QAccessible.queryAccessibleInterface(window)):
        widget = node.object()
        wants = node.state().focusable or node.role() not in GROUPS
        if isinstance(widget, QWidget) and (widget.objectName().startswith("qt_") or not widget.isVisible()):
            continue
        if wants and not node.text(QAccessible.Text.Name).strip() and not node.text(QAccessible.Text.Value).strip():
            missing.append(f"{path} ({type(widget).__name__}): no name")
        if node.state().focusable and node.role() in SPEECHLESS:
            missing.append(f"{path} ({type(widget).__name__}): no role")
    return missing


def turn_to_all_pages(window):
    for panel in (window.left, window.shaping):
        for number in range(len(panel.buttons)):
            panel.turn(number)
            QCoreApplication.processEvents()
            yield f"{panel.buttons[number].accessibleName()}"


def test_everything_in_the_window_has_a_name_and_a_role(app):
    window = app.window
    missing = {}
    for page in turn_to_all_pages(window):
        for line in speechless(window):
            missing.setdefault(line, page)
    assert not missing, "\n".join(f"{line} on {page}" for line, page in missing.items())


@pytest.mark.parametrize("name", DIALOGS)
def test_everything_in_a_dialog_has_a_name_and_a_role(app, name):
    getattr(app.window, name)()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, QDialog)
    QTest.qWait(20)
    missing = speechless(dialog)
    dialog.reject()
    assert not missing, "\n".join(missing)


def focusable(window):
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and widget.window() is window
        and not widget.objectName().startswith("qt_")
    ]


@pytest.mark.parametrize("page", range(7))
@pytest.mark.parametrize("left", range(2))
def test_tab_reaches_every_control_once_and_comes_round(app, page, left):
    if left and page:
        return  # the two sides are independent of each other
    window = app.window
    window.activateWindow()
    window.left.turn(left)
    window.shaping.turn(page)
    QTest.qWait(20)
    first = window.pad.pad
    first.setFocus()
    reached = [first]
    for _ in range(300):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        if now is first:
            break
        assert now not in reached, now.accessibleName()
        reached.append(now)
    missed = [widget for widget in focusable(window) if widget not in reached]
    exclusive = [widget for widget in missed if isinstance(widget, QAbstractButton) and widget.group() is not None]
    assert [widget.accessibleName() or widget for widget in missed if widget not in exclusive] == []
    assert all(any(other in reached for other in button.group().buttons()) for button in exclusive)


def picture(widget):
    """The widget as it is drawn, with a little of what is round it."""
    QCoreApplication.processEvents()
    return (widget.parentWidget() or widget).grab(widget.geometry().adjusted(-4, -4, 4, 4)).toImage()


def test_focus_is_seen_wherever_it_is(app):
    window = app.window
    window.activateWindow()
    unseen = set()
    for page in turn_to_all_pages(window):
        for widget in focusable(window):
            widget.clearFocus()
            before = picture(widget)
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            if QApplication.focusWidget() is widget and picture(widget) == before:
                unseen.add(f"{widget.accessibleName()} ({type(widget).__name__}) on {page}")
    assert not unseen, "\n".join(sorted(unseen))


class Pseudo(QTranslator):
    """Every text in brackets: what has none was not asked for."""

    def translate(self, context, text, disambiguation=None, count=-1):
        return f"\u2039{text}\u203a" if text else text


@pytest.fixture
def translated(application, client, instruments, tmp_path):
    translator = Pseudo()
    application.installTranslator(translator)
    made = App(Options(session_file=tmp_path / "session.json"), lambda settings: client, no_devices)
    made.start()
    wait_for(lambda: made.session.loaded)
    yield made
    made.window.close()
    made.window.deleteLater()
    made.deleteLater()
    application.removeTranslator(translator)


def texts(widget):
    """What a widget shows or says."""
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    if isinstance(widget, QComboBox):
        yield from (widget.itemText(number) for number in range(widget.count()))
    if isinstance(widget, QLineEdit):
        yield widget.placeholderText()
    if isinstance(widget, QMenu):
        yield from (action.text() for action in widget.actions())
    yield from (widget.toolTip(), widget.accessibleName(), widget.accessibleDescription())


def is_data(text, names):
    """Names, numbers with units, keys: the same in every language."""
    if text.startswith("/"):  # a folder
        return True
    rest = text
    for name in sorted(names, key=len, reverse=True):
        rest = rest.replace(name, "")
    rest = re.sub(r"[-\u2212+]?[\d.,]+\s?(%|ms|s|dB|Hz|kHz|st|cents|x|bpm)?", "", rest)
    return not re.search(r"[^\W\d_]{3,}", rest)


def untranslated(window, names):
    found = {}
    for widget in (window, *window.findChildren(QWidget)):
        if widget.objectName().startswith("qt_") or (isinstance(widget, QAbstractScrollArea) and not widget.accessibleName()):
            continue
        for text in texts(widget):
            if text and "\u2039" not in text and not is_data(text, names):
                found.setdefault(text, type(widget).__name__)
    return found


def test_every_text_is_asked_of_the_translator(translated):
    app, window = translated, translated.window
    sounds = app.session.sounds
    names = {"Sirenade", "Fake device", sounds.card.name, *sounds.titles, *sounds.names, sounds.card.description, "MIDI", "MPE"}
    names |= {listing.name for listing in app.session.listings}
    bank = app.session.bank
    app.session.find_presets()
    names |= {*bank.banks, *bank.authors, *bank.tags, *(listing.name for listing in bank.listings), DEFAULT_BANK, "JACK"}
    names |= {listing.card.description for listing in app.session.listings if listing.card}
    missing = {}
    for page in turn_to_all_pages(window):
        for text, kind in untranslated(window, names).items():
            missing.setdefault(text, f"{kind} on {page}")
    for name in DIALOGS:
        getattr(window, name)()
        dialog = QApplication.activeModalWidget()
        if not name.endswith("about"):  # a table of names and licences
            for text, kind in untranslated(dialog, {*names, str(app.session.settings.block)}).items():
                missing.setdefault(text, f"{kind} in {name}")
        dialog.reject()
    assert not missing, "\n".join(f"{text!r}: {place}" for text, place in sorted(missing.items()))


def test_the_first_steps_are_shown_once(app):
    dialog = FirstRunDialog(app.session, app.window, no_devices)
    dialog.open()
    assert not app.session.preferences.now.first_run_done
    dialog.reject()
    assert app.session.preferences.now.first_run_done
