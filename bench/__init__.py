"""Speed, measured: `make bench` prints ratios taken in one run on one machine."""
