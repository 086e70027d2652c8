"""The pure engine: arrays in, arrays out; no clock, no thread, no file, no device."""
