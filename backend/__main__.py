"""The command line: ``python -m backend``."""

import sys

from backend.cli.parser import main

if __name__ == "__main__":
    sys.exit(main())
