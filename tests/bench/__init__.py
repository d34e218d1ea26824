"""Benchmarks: each compares with a bare floor in the same run and prints ratios; none fails a build."""
