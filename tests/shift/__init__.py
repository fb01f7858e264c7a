"""A shift: three agents and a bot at one number, ten customers who write at once. `python -m tests.shift`."""
