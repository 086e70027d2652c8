"""What a run writes while it goes: metrics.csv, TensorBoard events, audio previews, spectrogram pictures."""

import contextlib
import csv
import math
from collections.abc import Mapping
from pathlib import Path

import soundfile
from torch.utils.tensorboard import SummaryWriter

from training import distributed
from training.experiments import Evaluation
from training.pictures import save_comparison

METRICS_FILE = "metrics.csv"


class Tracker:
    """Logs of one run; `first_step` > 0 goes on with a log that a stopped run left, less what came after that step."""

    def __init__(self, run: Path, first_step: int = 0) -> None:
        self.run = run
        self._path = run / METRICS_FILE
        self._rows = _rows_before(self._path, first_step)
        self._columns = list(self._rows[0]) if self._rows else []
        self._stream = self._path.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._stream, lineterminator="\n")
        if self._columns:
            self._writer.writerow(self._columns)
            self._writer.writerows(list(row.values()) for row in self._rows)
        self._board = SummaryWriter(str(run / "tensorboard"), purge_step=first_step or None)

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """One line of numbers after `step` steps."""
        if not self._columns:
            self._columns = ["step", *values]
            self._writer.writerow(self._columns)
        self._writer.writerow([step, *(repr(float(value)) for value in values.values())])
        self._stream.flush()
        for name, value in values.items():
            if math.isfinite(value):
                self._board.add_scalar(name, value, step)

    def preview(self, step: int, evaluation: Evaluation, limit: int | None = None) -> None:
        """WAV and spectrogram of reconstructions (all, or the first `limit`), overwriting earlier ones."""
        for each in list(evaluation.reconstructions)[:limit]:
            stem = each.name.replace("/", "_")
            for folder in ("audio", "pictures"):
                (self.run / folder).mkdir(exist_ok=True)
            for name, samples in ((f"{stem}.wav", each.estimate), (f"{stem}.reference.wav", each.reference)):
                soundfile.write(self.run / "audio" / name, samples.clip(-1, 1), each.rate, subtype="PCM_16")
            save_comparison(self.run / "pictures" / f"{stem}.png", each, evaluation.scores.get(each.name, {}), step)

    def close(self) -> None:
        """Close all files; a full disk has been told of where it was met."""
        for each in (self._stream, self._board):
            with contextlib.suppress(OSError):
                each.close()


class Silent(Tracker):
    """What the other processes of a training have for a tracker."""

    def __init__(self) -> None:
        pass

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Nothing."""

    def preview(self, step: int, evaluation: Evaluation, limit: int | None = None) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


def open_tracker(run: Path, first_step: int) -> Tracker:
    """The tracker of this process."""
    return Tracker(run, first_step) if distributed.is_first() else Silent()


def _rows_before(path: Path, step: int) -> list[dict[str, str]]:
    if not step or not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if None not in row.values()]
    return [row for row in rows if row["step"].isdigit() and int(row["step"]) <= step]
