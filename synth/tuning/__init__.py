"""Tunings: Scala's files, and the pitches they give to the keys. Pure."""

from synth.tuning.keyboard import SILENT, key_notes
from synth.tuning.mapping import Mapping, read_mapping
from synth.tuning.scale import Scale, read_scale

__all__ = ["SILENT", "Mapping", "Scale", "key_notes", "read_mapping", "read_scale"]
