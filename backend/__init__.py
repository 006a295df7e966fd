"""Beatlight: why an LSTM called a heartbeat the way it did."""

import os

# Threads that wait for each other spin by default: on a busy machine that makes a pass of the network many times
# slower. It must be said before torch is imported for the first time.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
