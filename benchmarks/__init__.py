"""One command prints every figure that README quotes: ``python -m benchmarks``."""
