"""The kinds of windows: a heartbeat, a bedside alarm and a stay in intensive care, each registered once.

Whatever differs between kinds stands here, in a window of ``backend.windows``, in a model's card or, for the screens,
in ``pages.parts.kinds``; no other code asks which kind it has. Start with ``kind.py``, then read one of the three.
"""

from backend.kinds import alarm_kind, beat_kind, stay_kind  # noqa: F401 - importing them registers the kinds
