"""Benchmarks: ratios measured in one run on one machine, written to bench/results/."""
