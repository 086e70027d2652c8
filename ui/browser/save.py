"""Saving a preset: what it is called, where it is kept, and what is said of it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLineEdit, QPlainTextEdit, QWidget
from typing_extensions import override

from synth.presets.bank import DEFAULT_BANK
from ui import theme
from ui.dialogs.frame import Button, Dialog, note
from ui.state.session import Session
from ui.text import tr
from ui.widgets.choice import Choice


class SaveDialog(Dialog):
    """Asks before it replaces another preset."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(tr("Save preset"), parent)
        self.setMinimumWidth(420)
        self._session = session
        known = session.bank.at(session.preset.path) if session.preset else None
        own = list(dict.fromkeys(listing.bank for listing in session.bank.listings if not listing.factory))
        self.name = self._line(tr("Name"), session.preset.name if session.preset else "")
        self.bank = Choice(tr("Bank"), own or [DEFAULT_BANK], editable=True)
        self.bank.setCurrentText(known.bank if known and not known.factory else DEFAULT_BANK)
        self.author = self._line(tr("Author"), session.preferences.now.author)
        self.tags = self._line(tr("Tags"), ", ".join(known.tags) if known else "")
        self.tags.setPlaceholderText(tr("pad, bright, \u2026"))
        self.comment = QPlainTextEdit(known.comment if known else "")
        self.comment.setAccessibleName(tr("Comment"))
        self.comment.setTabChangesFocus(True)
        self.comment.setFixedHeight(72)
        self.warning = note(tone=theme.WARNING)
        self._replace = False
        self._lay_out()
        self.name.textChanged.connect(self._changed)
        self.bank.currentTextChanged.connect(self._changed)
        self._changed()
        self.name.selectAll()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(18)
        form.setVerticalSpacing(9)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        fields: tuple[tuple[str, QWidget], ...] = (
            (tr("Name"), self.name),
            (tr("Bank"), self.bank),
            (tr("Author"), self.author),
            (tr("Tags"), self.tags),
            (tr("Comment"), self.comment),
        )
        for label, field in fields:
            form.addRow(label, field)
        self.body.addLayout(form)
        self.body.addWidget(self.warning)
        box = self.finish(Button.Save, Button.Cancel, words=[tr("Save"), tr("Cancel")])
        self.save = box.button(Button.Save)

    def _line(self, name: str, text: str) -> QLineEdit:
        line = QLineEdit(text)
        line.setAccessibleName(name)
        return line

    def _changed(self) -> None:
        self._replace = False
        self.warning.hide()
        self.save.setText(tr("Save"))
        self.save.setAccessibleName(tr("Save"))
        self.save.setEnabled(bool(self.name.text().strip()))

    @override
    def accept(self) -> None:
        name, bank = self.name.text().strip(), self.bank.currentText().strip()
        if not self._replace and self._session.overwrites(name, bank) is not None:
            self._replace = True
            text = tr("{bank} has a preset called {name} already. Replace it, or choose another name.")
            self.warning.setText(text.format(bank=bank or DEFAULT_BANK, name=name))
            self.warning.show()
            self.save.setText(tr("Replace"))
            self.save.setAccessibleName(tr("Replace"))
            return
        tags = tuple(dict.fromkeys(tag.strip() for tag in self.tags.text().split(",") if tag.strip()))
        words = self.comment.toPlainText().strip()
        if self._session.save_preset(name, bank, self.author.text().strip(), tags, words, overwrite=self._replace):
            super().accept()
