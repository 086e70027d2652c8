"""The preset browser: searched as one types, heard as one goes through it, and never overwriting without asking."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from sirenade import paths
from synth.commands import SetParameter
from synth.presets.patch import Patch
from synth.presets.preset import SUFFIX, Preset, write_preset
from tests.ui.conftest import wait_for
from ui.browser.rows import star_box
from ui.browser.save import SaveDialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def banks(tmp_path, monkeypatch):
    """Two banks with three presets of different releases, and a damaged one."""
    factory, own = tmp_path / "factory", tmp_path / "own"
    monkeypatch.setattr(paths, "bundled_presets", lambda: factory)
    monkeypatch.setattr(paths, "user_presets", lambda: own)
    for folder, name, author, tags, release in (
        (factory / "Basics", "Slow strings", "House", ("pad", "slow"), 1.5),
        (factory / "Basics", "Glass bells", "House", ("bells", "bright"), 3.0),
        (own / "Mine", "Dark pad", "Me", ("pad",), 0.75),
    ):
        patch = Patch(parameters={"release": release})
        write_preset(Preset(name=name, author=author, tags=tags, patch=patch), folder / f"{name}{SUFFIX}")
    (own / "Mine" / f"Torn{SUFFIX}").write_text('{"format": "sirenade-preset", "na')
    return own


@pytest.fixture
def browser(banks, app):
    for listing in app.session.bank.listings:
        assert listing
    app.session.find_presets()
    app.window.activateWindow()
    app.window.show_browser()
    return app.window.left.browser


def names(browser):
    return [listing.name for listing in browser.list.rows.listings]


def with_instrument(app, banks):
    """Presets that play on the instrument that is loaded."""
    for path in (*paths.bundled_presets().glob(f"*/*{SUFFIX}"), *banks.glob(f"*/*{SUFFIX}")):
        if path.stem != "Torn":
            preset = Preset.model_validate_json(path.read_bytes())
            patch = preset.patch.model_copy(update={"instrument": app.session.patch.instrument})
            write_preset(preset.model_copy(update={"patch": patch}), path)
    app.session.find_presets()


def test_words_find_presets_as_they_are_typed(browser):
    assert set(names(browser)) == {"Slow strings", "Glass bells", "Dark pad", "Torn"}
    QTest.keyClicks(browser.search, "pad")
    assert set(names(browser)) == {"Slow strings", "Dark pad"}
    QTest.keyClicks(browser.search, " mine")
    assert names(browser) == ["Dark pad"]
    QTest.keyClick(browser.search, Qt.Key.Key_Escape)
    assert len(names(browser)) == 4
    assert QApplication.focusWidget() is browser.search


def test_bank_tag_and_favourites_narrow_the_list_together(app, browser):
    browser.bank.setCurrentText("Basics")
    browser.bank.activated.emit(browser.bank.currentIndex())
    assert set(names(browser)) == {"Slow strings", "Glass bells"}
    browser.tag.setCurrentText("slow")
    browser.tag.activated.emit(browser.tag.currentIndex())
    assert names(browser) == ["Slow strings"]
    QTest.mouseClick(browser.favourites, LEFT)
    assert names(browser) == []
    assert browser.empty.isVisible() and browser.clear.isVisible()
    QTest.mouseClick(browser.clear, LEFT)
    assert len(names(browser)) == 4


def test_arrow_keys_load_presets_and_enter_goes_to_the_pad(app, client, browser, banks):
    with_instrument(app, banks)
    rows = names(browser)
    QTest.keyClick(browser.search, Qt.Key.Key_Down)
    assert app.session.preset.name == rows[0]
    QTest.keyClick(browser.list, Qt.Key.Key_Down)
    assert app.session.preset.name == rows[1]
    releases = [command.value for command in client.of_type(SetParameter) if command.name == "release"]
    assert releases[-1] == app.session.patch.parameter("release") != releases[-2]
    assert app.window.header.title.preset.name == rows[1]
    QTest.keyClick(browser.list, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is app.window.pad.pad
    app.session.undo()
    assert app.session.preset.name == rows[0]
    assert browser.list.row == 0


def test_letters_in_the_list_are_the_pianos(app, client, browser):
    browser.list.setFocus()
    before = len(client.sent)
    QTest.keyPress(browser.list, Qt.Key.Key_A)
    wait_for(lambda: any(type(command).__name__ == "NoteOn" for command in client.sent[before:]))
    QTest.keyRelease(browser.list, Qt.Key.Key_A)


def test_tab_loads_nothing(app, browser, banks):
    with_instrument(app, banks)
    before = app.session.patch
    for _ in range(8):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert app.session.patch == before


def test_a_click_on_the_star_marks_a_favourite_and_loads_nothing(app, browser):
    row = names(browser).index("Glass bells")
    box = star_box(browser.list.visualRect(browser.list.rows.index(row)))
    QTest.mouseClick(browser.list.viewport(), LEFT, pos=QPoint(round(box.center().x()), round(box.center().y())))
    assert [listing.name for listing in browser.list.rows.listings if listing.favourite] == ["Glass bells"]
    assert app.session.preset is None
    browser.list.setFocus()
    browser.list.select(names(browser).index("Glass bells"))
    QTest.keyClick(browser.list, Qt.Key.Key_Space)
    assert not any(listing.favourite for listing in browser.list.rows.listings)


def test_a_damaged_preset_says_why_and_changes_nothing(app, browser):
    row = names(browser).index("Torn")
    tip = browser.list.rows.index(row).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("Damaged") and "Torn" in tip
    before = app.session.patch
    browser.list.setCurrentIndex(browser.list.rows.index(row))
    assert app.session.patch == before
    assert "Torn" in app.window.banner.text()


def test_without_presets_the_list_says_what_to_do(app, tmp_path, monkeypatch):
    for folder in ("bundled_presets", "user_presets"):
        monkeypatch.setattr(paths, folder, lambda: tmp_path / "nowhere")
    app.session.find_presets()
    app.window.show_browser()
    browser = app.window.left.browser
    assert "Ctrl+S" in browser.empty.text() and browser.empty.isVisible()
    assert not browser.list.isVisible() and not browser.clear.isVisible()


def test_saving_asks_before_it_replaces(app, browser, banks):
    app.session.set_parameter("release", 2.5)
    dialog = SaveDialog(app.session, app.window)
    dialog.name.setText("Dark pad")
    dialog.bank.setCurrentText("Mine")
    dialog.open()
    QTest.mouseClick(dialog.save, LEFT)
    assert dialog.isVisible() and "Dark pad" in dialog.warning.text()
    path = banks / "Mine" / f"Dark pad{SUFFIX}"
    assert Preset.model_validate_json(path.read_bytes()).patch.parameter("release") == 0.75
    dialog.name.setText("Darker pad")
    assert not dialog.warning.isVisible()
    dialog.name.setText("Dark pad")
    QTest.mouseClick(dialog.save, LEFT)
    QTest.mouseClick(dialog.save, LEFT)
    assert not dialog.isVisible()
    assert Preset.model_validate_json(path.read_bytes()).patch.parameter("release") == 2.5
    assert app.session.preset.name == "Dark pad" and not app.session.modified
    dialog.deleteLater()


def test_what_is_saved_is_what_was_typed(app, browser, banks):
    dialog = SaveDialog(app.session, app.window)
    assert not dialog.save.isEnabled()
    for field, text in ((dialog.name, "New one"), (dialog.author, "Ann"), (dialog.tags, "pad, slow , pad")):
        field.setText(text)
    dialog.bank.setCurrentText("Sketches")
    dialog.comment.setPlainText("For the bridge.")
    dialog.accept()
    found = next(listing for listing in app.session.bank.listings if listing.name == "New one")
    assert (found.bank, found.author, found.tags, found.comment) == ("Sketches", "Ann", ("pad", "slow"), "For the bridge.")
    assert SaveDialog(app.session, app.window).author.text() == "Ann"
