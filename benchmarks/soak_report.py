"""What an hour of playing was like: a table, a picture, and the explanation of each break."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from benchmarks.soak_record import Sample, Soak

NEAR_S = 0.25
"""A break is explained by what happened so shortly before or after it: counters are read every 33 ms."""
CAUSES = (
    ("kill", "the engine was killed"),
    ("server killed", "the sound server was killed"),
    ("EngineRestarted", "a new engine began"),
    ("late_blocks", "a late block"),
    ("xruns", "the sound server was late"),
    ("device", "the device was changed"),
    ("device changed", "the device was changed"),
    ("DeviceChanged", "the device came back"),
    ("failed_blocks", "a block failed"),
)
UNEXPLAINED = "unexplained"


def explain(soak: Soak) -> list[tuple[float, str]]:
    """For each break its time (s, monotonic) and its cause."""
    explained = []
    for at, _, _ in soak.breaks:
        near = {event.kind for event in soak.events if abs(event.at - at) < NEAR_S}
        cause = next((text for kind, text in CAUSES if kind in near), None)
        if cause is None and any(abs(when - at) < NEAR_S for when, _ in soak.missed):
            cause = "the sound server skipped a cycle"
        explained.append((at, cause or UNEXPLAINED))
    return explained


def floor_beyond_slack(soak: Soak) -> list[float]:
    """Times (s, monotonic) at which an idle real-time thread was woken later than the engine's ring could have borne."""
    starts = [at for at, _ in soak.slacks]
    late = []
    for at, milliseconds in soak.floor.late:
        place = bisect_right(starts, at) - 1
        if place >= 0 and milliseconds > soak.slacks[place][1] and soak.begun < at < soak.ended:
            late.append(at)
    return late


def memory_slopes(samples: list[Sample], settle_s: float = 60.0) -> list[tuple[int, float, float, float]]:
    """Per engine that lived long: process id, minutes, RSS in MB once settled, and its growth in MB an hour."""
    slopes = []
    for pid in dict.fromkeys(sample.engine for sample in samples):
        own = [sample for sample in samples if sample.engine == pid]
        own = [sample for sample in own if sample.seconds - own[0].seconds > settle_s]
        if len(own) > 5:
            hours = np.array([sample.seconds for sample in own]) / 3600.0
            growth = np.polyfit(hours, [sample.rss_mb for sample in own], 1)[0]
            slopes.append((pid, 60.0 * float(np.ptp(hours)), own[0].rss_mb, float(growth)))
    return slopes


def write(soak: Soak, folder: Path) -> str:
    """Write soak.csv, soak.png and soak.md to `folder`; returns the text of the last."""
    with (folder / "soak.csv").open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([column.name for column in fields(Sample)])
        writer.writerows(
            [f"{cell:.3f}" if isinstance(cell, float) else cell for cell in asdict(row).values()] for row in soak.samples
        )
    _draw(soak, folder / "soak.png")
    text = _text(soak)
    (folder / "soak.md").write_text(text)
    return text


def _text(soak: Soak) -> str:
    hours = (soak.ended - soak.begun) / 3600.0
    counted: Counter[str] = Counter()
    for event in soak.events:
        counted[event.kind] += int(event.detail) if event.detail.isdigit() else 1
    causes = Counter(cause for _, cause in explain(soak))
    floor = floor_beyond_slack(soak)
    late = [event for event in soak.events if event.kind == "late_blocks"]
    matched = sum(any(abs(at - event.at) < NEAR_S for at in floor) for event in late)
    samples = soak.samples
    loads = np.array([sample.load for sample in samples])
    rows = [
        ("length", f"{60 * hours:.1f} min, of which {soak.recorded_s / 60:.1f} min recorded"),
        ("instruments loaded", counted["instrument"]),
        ("devices changed (rate or block), engine alive", counted["device changed"]),
        ("sound servers killed", counted["server killed"]),
        ("engines killed", counted["kill"]),
        ("load of the render thread", f"mean {100 * loads.mean():.0f} %, median {100 * np.median(loads):.0f} %"),
        ("voices", f"mean {np.mean([sample.voices for sample in samples]):.1f}"),
        ("blocks", f"{soak.blocks:.0f}"),
        ("late blocks (the ring ran dry)", f"{counted['late_blocks']} ({counted['late_blocks'] / hours:.0f} an hour)"),
        ("  of them beside a late wake-up of the floor", f"{matched} of {len(late)} times"),
        ("floor: an idle thread woken later than the ring bears", f"{len(floor)} ({len(floor) / hours:.0f} an hour)"),
        ("floor: latest wake-up", f"{max((ms for _, ms in soak.floor.late), default=0.0):.0f} ms of {soak.floor.wakes}"),
        ("sound server late (xruns)", counted["xruns"]),
        ("failed blocks", counted["failed_blocks"]),
        ("voices shed", counted["shed_voices"]),
        ("lowest cap of the oversampling", min(sample.factor_cap for sample in samples)),
        ("threads of the engine", _span(sample.threads for sample in samples)),
        ("files of the engine", _span(sample.files for sample in samples)),
        (
            "threads, files of the client",
            f"{_span(s.client_threads for s in samples)}, {_span(s.client_files for s in samples)}",
        ),
        ("runtime folders", _span(sample.folders for sample in samples)),
        ("shared memory of the sound server", _span(sample.shared_memory for sample in samples)),
        ("breaks in the recording", len(soak.breaks)),
        *((f"  {cause}", count) for cause, count in causes.most_common()),
    ]
    lines = ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]
    lines += ["", "| engine | observed (min) | RSS (MB) | growth (MB/h) |", "|---|---|---|---|"]
    for number, (_, minutes, size, growth) in enumerate(memory_slopes(samples), 1):
        lines.append(f"| {number} | {minutes:.1f} | {size:.0f} | {growth:+.1f} |")
    return "\n".join(lines) + "\n"


def _span(values: Iterable[int]) -> str:
    found = list(values)
    return f"{found[0]} at first, {min(found)} to {max(found)}, {found[-1]} at last"


def _draw(soak: Soak, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    minutes = np.array([sample.seconds for sample in soak.samples]) / 60.0
    figure, axes = plt.subplots(4, 1, figsize=(11, 9), sharex=True, constrained_layout=True)
    axes[0].plot(minutes, [sample.rss_mb for sample in soak.samples], label="engine")
    axes[0].plot(minutes, [sample.client_rss_mb for sample in soak.samples], label="client")
    axes[0].set_ylabel("RSS (MB)")
    axes[0].set_ylim(bottom=0)
    axes[1].plot(minutes, [100.0 * sample.load for sample in soak.samples], label="load (%)")
    axes[1].plot(minutes, [sample.voices for sample in soak.samples], label="voices")
    axes[2].plot(minutes, [sample.threads for sample in soak.samples], label="threads")
    axes[2].plot(minutes, [sample.files for sample in soak.samples], label="files")
    end = (soak.ended - soak.begun) / 60.0
    edges = np.linspace(0.0, end, max(2, min(61, len(minutes))))
    series = {
        "late blocks": [event.at for event in soak.events if event.kind == "late_blocks" for _ in range(int(event.detail))],
        "floor": floor_beyond_slack(soak),
        "breaks heard": [at for at, _, _ in soak.breaks],
    }
    for name, times in series.items():
        counts, _ = np.histogram([(at - soak.begun) / 60.0 for at in times], edges)
        axes[3].stairs(counts, edges, label=name)
    axes[3].set_xlabel("minutes")
    for event in soak.events:
        if event.kind in ("kill", "server killed"):
            for axis in axes:
                axis.axvline(
                    (event.at - soak.begun) / 60.0, color="tab:red" if event.kind == "kill" else "tab:gray", linewidth=0.7
                )
    for axis in axes:
        axis.legend(loc="upper right")
    figure.savefig(path, dpi=80)
    plt.close(figure)
