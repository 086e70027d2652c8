"""Seeing what sounds: scope, spectrum, spectrogram and tuner. `trigger`, `spectra` and `pitch` are arrays in, arrays out."""
