"""Files over the window: where they would go, and what is seen of the work on them."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from tests.helpers.hands import LEFT, carry_over, drop
from ui.panels.drops import DropLayer
from ui.state.jobs import Job


@pytest.fixture
def window(session):
    made = QWidget()
    made.resize(1000, 600)
    made.layer = DropLayer(session, made)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def carry(paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


@pytest.mark.parametrize(("x", "new"), [(200, False), (800, True)])
def test_sounds_go_to_this_instrument_or_a_new_one(window, session, monkeypatch, tmp_path, x, new):
    taken = []
    monkeypatch.setattr(session, "take_files", lambda files, as_instrument: taken.append((files, as_instrument)))
    data = carry([tmp_path / "bell.wav"])
    assert carry_over(window, data, QPoint(x, 300))
    assert window.layer.isVisible() and len(window.layer.places()) == 2
    assert window.layer.places()[int(new)][0].contains(QPoint(x, 300))
    drop(window, data, QPoint(x, 300))
    assert taken == [([tmp_path / "bell.wav"], new)]
    assert not window.layer.isVisible()


def test_other_files_have_one_place_and_nonsense_none(window, session, monkeypatch, tmp_path):
    taken = []
    monkeypatch.setattr(session, "take_files", lambda files, as_instrument: taken.append(as_instrument))
    data = carry([tmp_path / "piece.mid"])
    assert carry_over(window, data, QPoint(900, 300))
    assert len(window.layer.places()) == 1
    drop(window, data, QPoint(900, 300))
    assert taken == [False]
    text = QMimeData()
    text.setText("words")
    assert not carry_over(window, text, QPoint(500, 300))
    assert not window.layer.isVisible()


def test_work_is_shown_with_how_far_it_is_and_can_be_stopped(window, session):
    strip, taking = window.layer.jobs, session.taking
    job = Job("Looking for bell.wav in Orchestra")
    stopped = []
    job.cancel = lambda: stopped.append(True)
    taking.jobs.append(job)
    taking.jobs_changed.emit()
    assert strip.isVisible() and strip.bar.maximum() == 0
    job.share = 0.25
    taking.jobs_changed.emit()
    assert strip.bar.value() == strip.bar.maximum() // 4
    assert "bell.wav" in strip.title.toolTip()
    QTest.mouseClick(strip.stop, LEFT)
    assert stopped
    taking.jobs.clear()
    taking.jobs_changed.emit()
    assert not strip.isVisible()
