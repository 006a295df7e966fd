"""The screens of each kind of window: what to choose in the side bar, how to open a window, which figures a card has.

One module a kind, each registered once; parts that serve all kinds ask ``app/screen_kinds.py`` and never which kind
they have.
"""

from pages.parts.kinds import beat_screens, alarm_screens, stay_screens  # noqa: F401, I001 - registers them in this order
