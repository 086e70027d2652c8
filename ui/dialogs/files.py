"""Files that a player opens: presets and MIDI files."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from synth.presets.preset import SUFFIX
from ui.state.messages import Message
from ui.state.session import Session
from ui.text import tr

MIDI = (".mid", ".midi")


def ask(parent: QWidget) -> list[Path]:
    """Files that the player chooses; none where the dialog is cancelled."""
    kinds = " ".join(f"*{suffix}" for suffix in (SUFFIX, *MIDI))
    chosen, _ = QFileDialog.getOpenFileNames(parent, tr("Open"), "", tr("Presets and MIDI files ({kinds})").format(kinds=kinds))
    return [Path(name) for name in chosen]


def take(session: Session, paths: Iterable[Path]) -> None:
    """Open each file as what it is."""
    for path in paths:
        if path.suffix.lower() in MIDI:
            session.open_midi_file(path)
        elif path.name.endswith(SUFFIX):
            session.load_preset_file(path)
        else:
            text = tr("{name} is neither a preset nor a MIDI file.")
            session.said.emit(Message(text.format(name=path.name), "warning"))
