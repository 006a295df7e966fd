"""Beatlight's floors, from records up to the workbench that the screens call and the command line.

Each package imports only from packages below its own (see ``pyproject.toml``): records, windows and simulate, models,
kinds, explain, charts and cohort, workbench, cli. Start with ``kinds`` for what is read, and with ``explain/api.py``.
"""

import os

# Threads that wait for each other spin by default, which slows the network many times on a busy machine. The policy
# must be set before torch is imported for the first time.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
