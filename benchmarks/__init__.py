"""Benchmarks: they print tables and never judge."""
