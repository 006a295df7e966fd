"""The same work over many windows, on a distributed engine."""
