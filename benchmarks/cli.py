"""`sirenade bench voices`, `sirenade bench latency`, `sirenade bench training` and `sirenade bench fields`."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from benchmarks.networks import Network

Quick = Annotated[bool, typer.Option("--quick", help="Fewer cases and shorter ones: the figures are rough.")]
Csv = Annotated[Path | None, typer.Option("--csv", help="Write the table to this file, too.")]


def register(app: typer.Typer) -> None:
    """Add this package's commands to `app`."""
    group = typer.Typer(help="Measure what this machine can do; prints tables.", no_args_is_help=True)
    group.command()(voices)
    group.command()(latency)
    group.command()(training)
    group.command()(fields)
    group.command()(monkey)
    group.command()(startup)
    group.command()(effects)
    app.add_typer(group, name="bench")


def voices(
    quick: Quick = False,
    csv: Csv = None,
    engine: Annotated[
        bool, typer.Option("--engine", help="Measure the whole engine instead of the evaluators alone, with other columns.")
    ] = False,
    network: Annotated[
        list[str] | None, typer.Option(help="4x64, 4x128, 8x256 or an instrument's name; may be repeated. Default: all.")
    ] = None,
    block: Annotated[list[int] | None, typer.Option(help="Frames per block; may be repeated.")] = None,
    threads: Annotated[list[int] | None, typer.Option(help="Threads that compute; may be repeated.")] = None,
    rounds: Annotated[int | None, typer.Option(help="Blocks that each evaluator computes for a row.", min=10)] = None,
) -> None:
    """How many voices fit at 48 kHz: one row for each evaluator, network, block and number of threads."""
    from dataclasses import replace

    from benchmarks import engine_voices, limit
    from benchmarks.table import tabulate
    from benchmarks.voices import QUICK, Plan, Row, measure

    networks = _networks(network or [])
    if engine:
        blocks = block or [256]
        kind: type[Row | engine_voices.Row] = engine_voices.Row
        found: Iterator[Row | engine_voices.Row | str] = (
            row
            for one in networks
            for size in blocks
            for count in threads or [1]
            for row in engine_voices.measure(one, size, count, quick=quick)
        )
    else:
        if quick:
            typer.echo("(The quick form leaves out compiled PyTorch, whose compiler takes its time.)", err=True)
        plan = QUICK if quick else Plan()
        plan = replace(
            plan, blocks=tuple(block or plan.blocks), threads=tuple(threads or plan.threads), rounds=rounds or plan.rounds
        )
        peak = limit.measured_peaks()
        typer.echo(
            f"One core: SGEMM {peak.sgemm / 1e9:.1f} GFLOP/s, multiply-adds in registers {peak.registers / 1e9:.1f} GFLOP/s; "
            f"the limit takes the higher, and {limit.SINE_S * 1e9:g} ns for a sine."
        )
        kind = Row
        found = (row for one in networks for row in measure(one, plan, peak.best))
    tabulate(kind, found, csv)


def latency(
    quick: Quick = False,
    csv: Csv = None,
    instrument: Annotated[str | None, typer.Option(help="Name or path; default: Orchestra.")] = None,
    rate: Annotated[list[int] | None, typer.Option(help="Hz; may be repeated.")] = None,
    block: Annotated[list[int] | None, typer.Option(help="Frames per block; may be repeated.")] = None,
    seconds: Annotated[float | None, typer.Option(help="Length of each line's measurement.", min=0.5)] = None,
) -> None:
    """Block times, late blocks and key to sound: by rate, block, voices and what else the machine does."""
    from dataclasses import replace

    from benchmarks.latency import QUICK, Plan, Row, measure
    from benchmarks.table import tabulate
    from synth.instrument import library

    path = library.find(instrument) if instrument else library.default()
    plan = QUICK if quick else Plan()
    plan = replace(plan, rates=tuple(rate or plan.rates), blocks=tuple(block or plan.blocks), seconds=seconds or plan.seconds)
    tabulate(Row, measure(plan, path), csv)


def training(
    quick: Quick = False,
    csv: Csv = None,
    batch: Annotated[int | None, typer.Option(help="Sounds a step.", min=1)] = None,
    coordinates: Annotated[int | None, typer.Option(help="Coordinates of each sound.", min=2, max=16000)] = None,
    threads: Annotated[int | None, typer.Option(help="Threads that compute.", min=1)] = None,
    rounds: Annotated[int | None, typer.Option(help="Steps of each kind; the fastest counts.", min=1)] = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    curve: Annotated[int, typer.Option(help="Show losses over so many steps instead of times.", min=0)] = 0,
    lr: Annotated[float, typer.Option(help="Learning rate of the curves.", min=0.0)] = 1e-4,
    seeds: Annotated[int, typer.Option(help="Curves of each kind.", min=1)] = 1,
) -> None:
    """Our training step beside the study's authors': pi-gan, the same batch, one step of each in turn."""
    from dataclasses import replace

    from benchmarks.networks import WITHOUT_PYTORCH, has_pytorch
    from benchmarks.table import tabulate
    from sirenade.errors import SirenadeError

    if not has_pytorch():
        raise SirenadeError(WITHOUT_PYTORCH)
    from benchmarks import training_step
    from training.runs import choose_device

    choose_device(device)
    plan = training_step.QUICK if quick else training_step.Plan()
    plan = replace(
        plan,
        batch=batch or plan.batch,
        coordinates=coordinates or plan.coordinates,
        threads=threads or plan.threads,
        rounds=rounds or plan.rounds,
        device=device,
    )
    if curve:
        tabulate(training_step.Curve, training_step.curves(plan, curve, lr, range(seeds)), csv)
    else:
        tabulate(training_step.Row, training_step.measure(plan), csv)


def fields(
    data: Annotated[Path, typer.Option(help="Notes in NSynth's layout; every fourth pitch was kept from the trainings.")],
    runs: Annotated[Path, typer.Option(help="Folder of run folders named pi-gan, harmonic-field ...")],
    work: Annotated[
        Path, typer.Option(help="What is rendered and measured is kept here, so that a stopped comparison goes on.")
    ],
    out: Annotated[Path | None, typer.Option(help="Write fields.csv and its companions to this folder.")] = None,
    page: Annotated[Path | None, typer.Option(help="Write the page to listen to into this folder.")] = None,
    row: Annotated[list[str] | None, typer.Option(help="Only this row; may be repeated. Default: all.")] = None,
    step: Annotated[
        list[str] | None,
        typer.Option(help="takes, scores, gaps, cdpam, alias, pitch, voices or size; may be repeated. Default: all."),
    ] = None,
    trained: Annotated[
        Path | None, typer.Option(help="Only write the notes that trainings may hear to this folder, and end.")
    ] = None,
    quick: Quick = False,
) -> None:
    """Every model of one data set in one table: distance, hiss, aliases, pitch, voices; and a page to listen to them."""
    from benchmarks.networks import WITHOUT_PYTORCH, has_pytorch
    from sirenade.errors import SirenadeError

    if not has_pytorch():
        raise SirenadeError(WITHOUT_PYTORCH)
    from benchmarks.fields.measure import measure
    from benchmarks.fields.plan import make_plan
    from benchmarks.fields.table import COLUMNS, table, to_markdown, write_tables

    plan = make_plan(data, runs, work, row or [], step or [], quick=quick)
    if trained:
        from benchmarks.fields.split import write_trained

        typer.echo(f"{write_trained(plan, trained)} notes are in {trained}.")
        return
    measure(plan, lambda sentence: typer.echo(sentence, err=True))
    typer.echo(to_markdown(COLUMNS, table(plan)[0]), nl=False)
    if out:
        write_tables(plan, out)
    if page:
        from benchmarks.fields.page import write_page

        typer.echo(f"{write_page(plan, page)} is the page.")


def _networks(names: Iterable[str]) -> "list[Network]":
    from benchmarks.networks import RANDOM_NETWORKS, WITHOUT_PYTORCH, bundled, has_pytorch, random_network
    from sirenade.errors import SirenadeError

    found = {network.name: network for network in bundled()}
    known = [*(RANDOM_NETWORKS if has_pytorch() else ()), *found]
    if not has_pytorch():
        typer.echo(WITHOUT_PYTORCH, err=True)
    for name in names:
        if name not in known:
            raise SirenadeError(f"there is no network called {name!r} here; there are {', '.join(known)}.")
    return [found[name] if name in found else random_network(name) for name in names or known]


def monkey(
    minutes: Annotated[float, typer.Option(help="How long it plays.", min=0.1)] = 30.0,
    seed: Annotated[int, typer.Option(help="Which monkey.")] = 1,
    driver: Annotated[str, typer.Option(help="auto, jack, portaudio or silent.")] = "auto",
    csv: Csv = None,
) -> None:
    """Random hands at the whole window: what goes wrong, what is left behind, and how many blocks come late."""
    from benchmarks.monkey import Row, visit
    from benchmarks.table import Table, check_writable
    from synth.settings import EngineSettings

    if csv:
        check_writable(csv)
    settings = EngineSettings.model_validate({"driver": driver, "midi_inputs": (), "virtual_midi": False})
    found, rows = visit(minutes, seed, settings)
    table = Table(Row)
    for row in rows:
        table.add(row)
    for text in dict.fromkeys(found.exceptions + found.warnings + found.lost):
        typer.echo(text, err=True)
    if csv:
        table.write_csv(csv)
    if found.exceptions:
        raise typer.Exit(1)


def effects(quick: Quick = False, csv: Csv = None) -> None:
    """What the effects cost beside the engine's own block, and how exact they are."""
    from benchmarks.effects import Row, measure
    from benchmarks.table import tabulate

    tabulate(Row, measure(quick=quick), csv)


def startup(
    csv: Csv = None,
    rounds: Annotated[int, typer.Option(help="The median of so many starts is given.", min=1)] = 5,
    silent: Annotated[bool, typer.Option("--silent", help="Without a sound server of the benchmark's own.")] = False,
) -> None:
    """From the command to a usable window, and to the first sound of a key pressed as soon as there is an instrument."""
    from benchmarks.startup import Row, measure
    from benchmarks.table import tabulate

    tabulate(Row, measure(rounds, silent=silent), csv)
