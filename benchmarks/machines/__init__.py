"""The sides of `benchmarks/state_machines.py`: each runs in its own process and prints a line of JSON."""
