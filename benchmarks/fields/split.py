"""The notes that trainings may hear: the data without every pitch that is held out, as a data set of its own."""

import json
import shutil
from pathlib import Path

from benchmarks.fields.plan import Plan
from sirenade.errors import DatasetError
from sirenade.files import write_text
from training.data.nsynth import AUDIO_FOLDER, EXAMPLES_FILE, read_examples


def write_trained(plan: Plan, out: Path) -> int:
    """Copy what is not held out to the folder `out`, in NSynth's layout; how many notes these are.

    Models of time know no pitch that could be left out while they train, so they are given this folder. Raises DatasetError
    where the folder is there already or the data are not in NSynth's layout.
    """
    if (out / EXAMPLES_FILE).exists():
        raise DatasetError(f"{out} holds a data set already; name another folder or remove it.")
    kept = {key: example for key, example in read_examples(plan.data).items() if key not in plan.held_out}
    (out / AUDIO_FOLDER).mkdir(parents=True, exist_ok=True)
    for key in kept:
        shutil.copyfile(plan.data / AUDIO_FOLDER / f"{key}.wav", out / AUDIO_FOLDER / f"{key}.wav")
    for licence in plan.data.glob("LICENSE*"):
        shutil.copyfile(licence, out / licence.name)
    write_text(out / EXAMPLES_FILE, json.dumps(kept, indent=1) + "\n")
    return len(kept)
