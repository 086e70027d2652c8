"""`sirenade search` and `search-report`: short trainings that look for omegas and other settings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from sirenade.errors import TrainingError
from training.cli.common import need_training_extra, told

STORAGE = "sqlite:///searches.db"
Storage = Annotated[
    str, typer.Option(help="Where studies are kept: sqlite:///FILE, postgresql://..., mysql://... or journal:FILE.")
]


def register(app: typer.Typer) -> None:
    """Add `search` and `search-report` to `app`."""
    app.command("search")(search)
    app.command("search-report")(search_report)


@told
def search(
    model: Annotated[str, typer.Argument(help="A model's name (its defaults), a TOML file or a run.")],
    study: Annotated[str, typer.Option(help="Name of the study; workers that name the same one share it.")],
    data: Annotated[Path | None, typer.Option(help="Folder of recordings: NSynth's layout or any sound files.")] = None,
    storage: Storage = STORAGE,
    trials: Annotated[int, typer.Option(min=1, help="Trials that the study shall have, all workers' together.")] = 50,
    epochs: Annotated[int, typer.Option(min=1, help="Length of a trial: how often every sound is seen.")] = 200,
    steps: Annotated[int, typer.Option(min=0, help="Length of a trial in steps, instead of epochs.")] = 0,
    space: Annotated[
        list[str] | None, typer.Option(help="first=1..2000,hidden=1..2000:log or any key=low..high, key=one|two; repeatable.")
    ] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="key=value or section.key=value, repeatable.")] = None,
    measure: Annotated[str, typer.Option(help="What is compared: loss, or a metric such as lsd_db.")] = "loss",
    brackets: Annotated[int, typer.Option(min=1, max=6, help="Of Hyperband; 1: no trial is stopped early.")] = 3,
    seed: Annotated[int | None, typer.Option(help="Of the drawn values, for one worker only.")] = None,
) -> None:
    """Search the omegas of a model, or any other settings, by short trainings."""
    need_training_extra()
    from training import runs
    from training.search import space as spaces
    from training.search.storage import open_storage
    from training.search.study import Plan, epoch_steps, open_study
    from training.search.worker import Worker, load

    _quiet()
    config = runs.configure(model, data, settings or [])
    dimensions = spaces.parse(space or [], config)
    spaces.need_comparable(dimensions, measure)
    sounds = load(config)
    plan = Plan(config, dimensions, steps or epochs * epoch_steps(config, len(sounds)), brackets, measure)
    kept = open_study(study, open_storage(storage), plan, plan.record(sounds), seed)
    try:
        with _table(study, trials) as update:
            Worker(kept, plan, sounds, runs.choose_device(config.device)).work(trials, update)
    except KeyboardInterrupt:
        raise TrainingError(f"stopped; the trials of {study} are kept, and the same command goes on.") from None
    typer.echo(f"The study {study} has its trials; `sirenade search-report {study} --storage {storage} --out DIR` shows them.")


@told
def search_report(
    study: Annotated[str, typer.Argument(help="Name of the study.")],
    out: Annotated[Path, typer.Option(help="Folder of the report.")],
    storage: Storage = STORAGE,
) -> None:
    """Write a study's report: best configuration, trials and pictures."""
    need_training_extra()
    from training.search.report import write_report
    from training.search.storage import open_storage
    from training.search.study import find_study

    _quiet()
    typer.echo(f"{write_report(find_study(study, open_storage(storage)), out)} says how it came out.")


def _quiet() -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)


@contextmanager
def _table(title: str, trials: int) -> Iterator[Callable[[Any], None]]:
    """A progress bar of a study's finished trials that names the best; yields a function of the study."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from training.search.worker import finished

    shown = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*shown, TextColumn("{task.fields[best]}"), console=Console(stderr=True)) as progress:
        task = progress.add_task(title, total=trials, best="")

        def update(study: Any) -> None:  # noqa: ANN401 (optuna is not typed for us)
            ranked = finished(study)
            progress.update(task, completed=len(ranked), best=_best(ranked[0]) if ranked else "")

        yield update


def _best(trial: Any) -> str:  # noqa: ANN401
    if trial.value is None:
        return ""
    values = (f"{value:.4g}" if isinstance(value, float) else str(value) for value in trial.params.values())
    return f"best {trial.value:.4g} at {', '.join(values)}"
