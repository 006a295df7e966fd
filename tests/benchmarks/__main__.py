"""``python -m tests.benchmarks [records] [explain] [icu] [detection] [waves] [stays]``: beside peers.

``detection``, ``waves`` and ``stays`` need the databases in the folder that BEATLIGHT_DATA names.
"""

import os
import sys
from pathlib import Path

import backend  # noqa: F401 - says how threads wait, before torch is imported
from tests.benchmarks import detection, explanations, icu, records, stays, waves
from tests.benchmarks.rows import printed

__all__ = ["main"]


TIMED = {"records": records, "explain": explanations, "icu": icu}
MEASURED = {"detection": detection, "waves": waves, "stays": stays}


def main(wanted: list[str]) -> int:
    """Run the benchmarks that are named, or those that need no databases; 1 if a bound is not met."""
    met = True
    for name in wanted or TIMED:
        print(f"\n## {name}\n", flush=True)
        if name in MEASURED:
            print(MEASURED[name].run(_databases(name)), flush=True)
            continue
        rows = TIMED[name].run()
        print(printed(rows), flush=True)
        met = met and all(row.is_met for row in rows)
    return 0 if met else 1


def _databases(name: str) -> Path:
    if "BEATLIGHT_DATA" not in os.environ:
        sys.exit(f"{name} needs the databases: set BEATLIGHT_DATA to the folder that holds them.")
    return Path(os.environ["BEATLIGHT_DATA"])


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - {*TIMED, *MEASURED}
    if unknown:
        known = ", ".join([*TIMED, *MEASURED])
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}; choose from {known}.")
    sys.exit(main(sys.argv[1:]))
