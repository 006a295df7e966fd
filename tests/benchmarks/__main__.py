"""``python -m tests.benchmarks [records] [explain] [waves]``: ratios against peers within one run.

``waves`` needs the databases in the folder that BEATLIGHT_DATA names.
"""

import os
import sys
from pathlib import Path

import backend  # noqa: F401 - says how threads wait, before torch is imported
from tests.benchmarks import explanations, records
from tests.benchmarks.rows import printed

__all__ = ["main"]


def main(wanted: list[str]) -> int:
    """Run the benchmarks that are named, or those that need no databases; 1 if a bound is not met."""
    met = True
    for name in wanted or ["records", "explain"]:
        if name == "waves":
            _print_waves()
            continue
        rows = {"records": records, "explain": explanations}[name].run()
        print(f"\n## {name}\n\n{printed(rows)}", flush=True)
        met = met and all(row.is_met for row in rows)
    return 0 if met else 1


def _print_waves() -> None:
    from tests.benchmarks import waves

    if "BEATLIGHT_DATA" not in os.environ:
        sys.exit("waves needs the databases: set BEATLIGHT_DATA to the folder that holds them.")
    print(f"\n## waves\n\n{waves.run(Path(os.environ['BEATLIGHT_DATA']))}")


if __name__ == "__main__":
    unknown = set(sys.argv[1:]) - {"records", "explain", "waves"}
    if unknown:
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}; choose from records, explain, waves.")
    sys.exit(main(sys.argv[1:]))
