"""What is measured, each in a fresh process: `python -m benchmarks.children.<name> <arguments>` tells its figures."""
