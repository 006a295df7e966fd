"""Imported before any test: `backend` sets how threads wait, which must happen before a test imports torch."""

import backend  # noqa: F401
