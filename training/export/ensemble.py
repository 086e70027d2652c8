"""The mean of independently trained runs as one instrument (the thesis, section 7.2): what they agree on stays.

Its latents are the runs' latents side by side, anchor by anchor; its graphs hold those of all runs, each under a prefix.
"""

from collections.abc import Sequence
from dataclasses import replace as with_changes
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sirenade.errors import TrainingError
from synth.instrument.card import Card, Modulation
from synth.instrument.contract import SAMPLES, TensorSpec
from training import runs
from training.config import Config
from training.experiments import Evaluation, Reconstruction
from training.export.decoder import ROW, DecoderExport, assembled, decoder_export, heard_anchors
from training.export.graphs import GraphBuilder
from training.export.parts import Arrays, InstrumentParts
from training.export.recipe import make_recipe
from training.export.writer import About, write
from training.metrics import mean, to_markdown
from training.models.experiment import DecoderExperiment
from training.report import score_rows

Doubles = NDArray[np.float64]
TIMES = ("time_start", "time_offset")


def export_average(paths: Sequence[Path], out: Path, about: About, *, replace: bool = False) -> Card:
    """Write the instrument `out`, the mean of several runs, with its scores beside each run's, silence and white noise.

    Raises TrainingError: not runs of decoders of time, not of the same recordings, graphs that do not null.
    """
    loaded = [runs.load(path) for path in paths]
    experiments = checked_alike([experiment for _, experiment, _ in loaded], paths)
    evaluations = [experiment.evaluate() for experiment in experiments]
    whole = averaged(evaluations)
    title = f"mean of {len(loaded)} runs"
    rows = score_rows(whole, title)
    configs = [config for config, _, _ in loaded]
    singles = {
        _row(index, config): mean(list(each.scores.values()))
        for index, (config, each) in enumerate(zip(configs, evaluations, strict=True), 1)
    }
    rows = {title: rows.pop(title), **singles, **rows}
    made = [
        make_recipe(config, each, state.step, state.elapsed)
        for (config, _, state), each in zip(loaded, evaluations, strict=True)
    ]
    extra = {f"config-{index}.toml": _shareable(config).to_toml().encode() for index, config in enumerate(configs, 1)}
    extra["README.md"] = _readme(about, title, configs, rows, whole).encode()
    told = with_changes(about, metrics=rows, recipe={"average": made}, extra_files={**extra, **about.extra_files})
    return write(out, average_parts(experiments), told, replace=replace)


def average_parts(experiments: Sequence[DecoderExperiment]) -> InstrumentParts:
    """The parts of an instrument whose output is the mean of the experiments' outputs; they must be alike (`checked_alike`)."""
    export = AverageExport([decoder_export(experiment) for experiment in experiments])
    table = np.concatenate([experiment.latents.cpu().numpy() for experiment in experiments], axis=1)
    heard = [np.mean(each, axis=0) for each in zip(*map(heard_anchors, experiments), strict=True)]
    return assembled(experiments[0], export, table, heard)


class AverageExport:
    """The mean of several decoders as graphs and as their float64 oracle. Modulations are called r1_gamma, r2_gamma ..."""

    def __init__(self, members: Sequence[DecoderExport]) -> None:
        """`members` take the same conditions."""
        self.members = tuple(members)
        self.modulations = tuple(
            Modulation(name=_prefix(index) + each.name, shape=each.shape)
            for index, member in enumerate(members)
            for each in member.modulations
        )
        borders = np.cumsum([0, *[member.decoder.config.latent for member in members]]).tolist()
        self._spans = list(pairwise(borders))

    def mapping_graph(self) -> bytes:
        """Every mapping of its own part of the latent."""
        graph = GraphBuilder("mapping")
        conditions = self.members[0].conditions
        for index, (member, span) in enumerate(zip(self.members, self._spans, strict=True)):
            mine = graph.slice("latent", 1, *span)
            shared = {name: name for name in conditions if name != "latent"}
            graph.include(member.mapping_graph(), _prefix(index), {**shared, "latent": mine})
        size = self._spans[-1][1]
        inputs = [TensorSpec(name, ("V", size) if name == "latent" else ROW) for name in conditions]
        return graph.to_bytes(inputs, self._modulation_specs())

    def field_graph(self) -> bytes:
        """The mean of all fields."""
        graph = GraphBuilder("field")
        for index, member in enumerate(self.members):
            graph.include(member.field_graph(), _prefix(index), {name: name for name in TIMES})
        graph.node("Mean", *[_prefix(index) + SAMPLES for index in range(len(self.members))], output=SAMPLES)
        inputs = [TensorSpec("time_start", ROW, "float64"), TensorSpec("time_offset", ("V", "N")), *self._modulation_specs()]
        return graph.to_bytes(inputs, [TensorSpec(SAMPLES, ("V", "N"))])

    def mapping(self, feeds: Arrays) -> dict[str, Doubles]:
        """Modulations in float64 (the oracle)."""
        found: dict[str, Doubles] = {}
        for index, (member, (start, end)) in enumerate(zip(self.members, self._spans, strict=True)):
            tensors = member.mapping({**feeds, "latent": feeds["latent"][:, start:end]})
            found |= {_prefix(index) + name: tensor for name, tensor in tensors.items()}
        return found

    def field(self, feeds: Arrays) -> Doubles:
        """Samples [V, N] in float64 (the oracle)."""
        return _mean([member.field(self._own(index, feeds)) for index, member in enumerate(self.members)])

    def rounded_field(self, feeds: Arrays) -> Doubles:
        """Samples [V, N] of the networks in float32."""
        return _mean([member.rounded_field(self._own(index, feeds)) for index, member in enumerate(self.members)])

    def _own(self, index: int, feeds: Arrays) -> Arrays:
        """A member's own feeds, under its own names."""
        mine = {each.name: feeds[_prefix(index) + each.name] for each in self.members[index].modulations}
        return {**{name: feeds[name] for name in TIMES}, **mine}

    def _modulation_specs(self) -> list[TensorSpec]:
        return [TensorSpec(modulation.name, ("V", *modulation.shape)) for modulation in self.modulations]


def checked_alike(experiments: Sequence[Any], paths: Sequence[Path]) -> list[DecoderExperiment]:
    """The experiments, if they are decoders of time of the same recordings with the same anchors. Raises TrainingError."""
    if len({path.resolve() for path in paths}) < len(paths):
        raise TrainingError("a run cannot be averaged with itself; name runs with other seeds.")
    first, found = experiments[0], []
    for experiment, path in zip(experiments, paths, strict=True):
        if not isinstance(experiment, DecoderExperiment):
            raise TrainingError(f"{path} is not a function of time alone, so it cannot be averaged with other runs.")
        if not _same_sounds(experiment, first) or experiment.config.conditions != first.config.conditions:
            raise TrainingError(
                f"{path} was trained on other recordings or conditions than {paths[0]}; average runs of the same data."
            )
        found.append(experiment)
    return found


def averaged(evaluations: Sequence[Evaluation]) -> Evaluation:
    """The evaluation of the mean of the estimates."""
    columns = zip(*[each.reconstructions for each in evaluations], strict=True)
    metrics = tuple(next(iter(evaluations[0].scores.values())))
    reconstructions = [
        Reconstruction(column[0].name, column[0].reference, np.mean([each.estimate for each in column], axis=0), column[0].rate)
        for column in columns
    ]
    return Evaluation.of(reconstructions, metrics)


def _same_sounds(one: DecoderExperiment, other: Any) -> bool:  # noqa: ANN401 (any Experiment)
    if not isinstance(other, DecoderExperiment) or one.anchor_names != other.anchor_names:
        return False
    alike = one.frames == other.frames and one.config.data.rate == other.config.data.rate
    return (
        alike
        and one.anchor_of == other.anchor_of
        and all(
            a.name == b.name and a.pitch == b.pitch and np.array_equal(a.samples, b.samples)
            for a, b in zip(one.sounds, other.sounds, strict=True)
        )
    )


def _mean(parts: Sequence[Doubles]) -> Doubles:
    found: Doubles = np.mean(parts, axis=0)
    return found


def _prefix(index: int) -> str:
    return f"r{index + 1}_"


def _row(index: int, config: Config) -> str:
    return f"run {index}: {config.model}, seed {config.seed}"


def _shareable(config: Config) -> Config:
    return config.model_copy(update={"data": config.data.model_copy(update={"folder": ""})})


def _readme(about: About, title: str, configs: Sequence[Config], rows: Any, evaluation: Evaluation) -> str:  # noqa: ANN401
    data, names = configs[0].data, ", ".join(sorted({config.model for config in configs}))
    return (
        f"# {about.name}\n\n{about.description}\n\n"
        f"The {title} ({names}), scored on {len(evaluation.reconstructions)} sounds of up to {data.seconds:g} s at "
        f"{data.rate} Hz. The configurations are in config-1.toml and so on.\n\n"
        f"## Means over the sounds\n\n{to_markdown(rows, 'model')}\n"
        f"## Every sound\n\n{to_markdown(evaluation.scores)}" + (f"\n## Licence\n\n{about.license}\n" if about.license else "")
    )
