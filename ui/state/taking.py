"""Takes what is dropped on the window: sounds become anchors or instruments in the background, the rest is opened."""

import shutil
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from sirenade import paths
from sirenade.errors import SirenadeError
from synth.presets.bank import file_name
from synth.presets.patch import Patch, Tuning, UserAnchor
from ui.state import drops
from ui.state.catalog import Sounds
from ui.state.jobs import Job
from ui.state.messages import Message, sentence

TRAINING_S = 600.0
"""How long a new instrument is trained unless something else is said."""


class Player(Protocol):
    """What is needed of the session."""

    sounds: Sounds | None

    @property
    def patch(self) -> Patch:
        """What plays."""

    def set_tuning(self, tuning: Tuning) -> None:
        """Another tuning."""

    def load_preset_file(self, path: Path) -> bool:
        """Open a preset."""

    def open_midi_file(self, path: Path) -> bool:
        """Open a MIDI file."""

    def receive_anchor(self, instrument: str, anchor: UserAnchor) -> None:
        """A sound was found in an instrument's latent space."""

    def receive_instrument(self, path: Path) -> None:
        """There is a new instrument."""


class Taking(QObject):
    """The work that goes on, and what came of it."""

    jobs_changed = Signal()
    """One began, went on or ended; `jobs` are those that go on or wait, the first is at work."""
    said = Signal(object)
    _copied = Signal(str, str)

    def __init__(self, player: Player, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._player = player
        self.jobs: list[Job] = []
        self._threads: list[threading.Thread] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0
        self._copied.connect(self._have_copied)

    def take(self, given: Sequence[Path], *, as_instrument: bool = False) -> None:
        """Open files; sounds become anchors of the instrument that is shown, many of them (or if asked) a new instrument."""
        found = drops.sorted_out(given)
        for path in found.instruments:
            self._copy(path)
        for path in found.presets[:1]:
            self._player.load_preset_file(path)
        for path in found.midi_files[:1]:
            self._player.open_midi_file(path)
        if found.tunings:
            self._tune(found.tunings)
        recordings = [*found.recordings, *found.sounds]
        if recordings and (as_instrument or found.recordings or len(found.sounds) >= drops.MANY):
            self.train(recordings)
        else:
            for path in found.sounds:
                self.encode(path)
        if found.unknown:
            text = self.tr("{0} is nothing that can be opened here: sounds, instruments, presets, MIDI and Scala files are.")
            self._say(text.format(found.unknown[0].name), "warning")

    def encode(self, sound: Path) -> None:
        """Find a sound in the latent space of the instrument that is shown; it becomes an anchor of the player's."""
        sounds, instrument = self._player.sounds, self._player.patch.instrument
        if sounds is None:
            self._say(self.tr("Choose an instrument first: a sound is kept as one of its anchors."), "warning")
            return
        name = drops.free_name(sound.stem[:64].strip() or "Sound", sounds.names)
        out = self._new_folder()
        job = Job(self.tr("Looking for {0} in {1}").format(sound.name, sounds.card.name), parent=self)
        job.add(drops.encode_command(sounds.path, sound.absolute(), name, out))
        job.finished.connect(lambda well: self._have_encoded(job, out, instrument) if well else self._end(job))
        self._begin(job)

    def train(self, recordings: Sequence[Path], name: str = "", seconds: float = TRAINING_S) -> None:
        """Train a new instrument on sounds and folders of them; it is put among the user's when it is done."""
        name = name or (recordings[0].name if recordings[0].is_dir() else recordings[0].parent.name) or "New instrument"
        folder = self._new_folder()
        into = paths.user_instruments()
        target = into / file_name(drops.free_name(name, (path.name for path in into.glob("*"))))
        try:
            drops.gather(recordings, folder / "sounds")
            into.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._say(self.tr("The sounds cannot be copied: {0}.").format(error.strerror), "error")
            return
        job = Job(self.tr("Training {0}").format(name), seconds=seconds, parent=self)
        job.add(drops.train_command(folder / "sounds", folder / "run", seconds))
        job.add(lambda: drops.export_command(folder / "run", target, target.name))
        job.finished.connect(lambda well: self._have_trained(job, target) if well else self._end(job))
        self._begin(job)

    def look(self) -> None:
        """The display ticks."""
        if self.jobs:
            self.jobs[0].look()

    def close(self) -> None:
        """End all work; nobody is told."""
        for job in self.jobs:
            job.close()
        self.jobs.clear()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _begin(self, job: Job) -> None:
        """One after the other: the machine has something else to do, too."""
        job.changed.connect(self.jobs_changed)
        self.jobs.append(job)
        if len(self.jobs) == 1:
            job.start()
        self.jobs_changed.emit()

    def _end(self, job: Job) -> None:
        if job.reason:
            self._say(sentence(job.reason), "error")
        if job in self.jobs:
            self.jobs.remove(job)
        job.deleteLater()
        if self.jobs and not self.jobs[0].running:
            self.jobs[0].start()
        self.jobs_changed.emit()

    def _have_encoded(self, job: Job, out: Path, instrument: str) -> None:
        try:
            anchor = drops.last_anchor(out)
        except SirenadeError as error:
            job.reason = str(error)
        else:
            self._player.receive_anchor(instrument, anchor)
            self._say(self.tr("{0} is among the sounds now.").format(anchor.name), "info", lasting=False)
        shutil.rmtree(out, ignore_errors=True)
        self._end(job)

    def _have_trained(self, job: Job, target: Path) -> None:
        self._player.receive_instrument(target)
        self._say(self.tr("{0} is among the instruments now.").format(target.name), "info")
        self._end(job)

    def _copy(self, source: Path) -> None:
        """Check and copy an instrument without holding up the window."""
        thread = threading.Thread(target=self._copy_now, args=(source,), name="instrument copy")
        self._threads = [other for other in self._threads if other.is_alive()]
        self._threads.append(thread)
        thread.start()

    def _copy_now(self, source: Path) -> None:
        try:
            self._copied.emit(str(drops.take_instrument(source, paths.user_instruments())), "")
        except SirenadeError as error:
            self._copied.emit("", str(error))
        except Exception as error:  # whatever a file does to a library, the player is told
            self._copied.emit("", f"{source.name} cannot be taken: {error}.")

    def _have_copied(self, path: str, reason: str) -> None:
        if reason:
            self._say(sentence(reason), "error")
            return
        self._player.receive_instrument(Path(path))
        self._say(self.tr("{0} was copied to your instruments.").format(Path(path).name), "info", lasting=False)

    def _tune(self, files: Sequence[Path]) -> None:
        try:
            tuning = drops.read_tuning(files, self._player.patch.tuning)
        except SirenadeError as error:
            self._say(sentence(str(error)), "error")
            return
        self._player.set_tuning(tuning)

    def _new_folder(self) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="sirenade-", ignore_cleanup_errors=True)
        self._count += 1
        return Path(self._folder.name) / f"work-{self._count}"

    def _say(self, text: str, level: str, *, lasting: bool = True) -> None:
        self.said.emit(Message(text, level, lasting=lasting))  # type: ignore[arg-type]
