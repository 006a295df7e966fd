"""Text from files and addresses, shown as it is."""

import re

__all__ = ["as_plain"]

_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#!|~$:]")
"""Characters that would turn a sentence into a link, a picture or a heading."""


def as_plain(text: str) -> str:
    """Return text whose characters mean nothing to Markdown, since anyone may have written it."""
    return _MARKDOWN.sub(r"\\\g<0>", text)
