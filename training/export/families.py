"""Which export a decoder has."""

from torch import Tensor

from sirenade.errors import TrainingError
from training.export.concat import ConcatExport
from training.export.decoder import DecoderExport
from training.export.film import FilmExport
from training.export.filters import FilterExport
from training.export.parallel import ParallelExport
from training.export.wavegan import WaveGanExport
from training.models.concat import ConcatNetwork
from training.models.decoder import Decoder
from training.models.film import FilmSiren
from training.models.filters import FilterNetwork
from training.models.parallel import ParallelSirens
from training.models.wavegan import WaveGan

EXPORTS: dict[type[Decoder], type[DecoderExport]] = {
    FilmSiren: FilmExport,
    ConcatNetwork: ConcatExport,
    WaveGan: WaveGanExport,
    FilterNetwork: FilterExport,
    ParallelSirens: ParallelExport,
}


def make_export(
    network: Decoder, conditions: tuple[str, ...], duration: float, envelope_head: tuple[Tensor, Tensor] | None = None
) -> DecoderExport:
    """The graphs of a trained decoder; see DecoderExport. Raises TrainingError for a family without an export."""
    if type(network) not in EXPORTS:
        raise TrainingError(f"a {type(network).__name__} cannot be exported.")
    return EXPORTS[type(network)](network, conditions, duration, envelope_head)
