"""Setting up and running waba-console on this machine; the standard library only (`python3 -m tools`)."""
