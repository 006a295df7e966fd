"""The parameters of a technique as options of the command line."""

import argparse

__all__ = ["technique_parameters"]


def technique_parameters(
    parser: argparse.ArgumentParser, options: argparse.Namespace, rest: list[str]
) -> dict[str, str]:
    """Return the technique's parameters among the options that the parser does not know.

    They are written ``--name value`` or ``--name=value``; a name may be shortened, and written with - or _.
    """
    if options.command != "explain":
        if rest:
            parser.error(f"unrecognized arguments: {' '.join(rest)}")
        return {}
    from backend.explain.api import TECHNIQUES

    # An unknown technique has no parameters; it is refused for each record, as everything else is.
    technique = TECHNIQUES.get(options.technique.casefold())
    known = [described.name for described in technique.parameters.describe()] if technique else []
    given: dict[str, str] = {}
    words = iter(rest)
    for word in words:
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--"):
            parser.error(f"unrecognized argument: {word}")
        name = name.replace("-", "_")
        matching = [own for own in known if own == name] or [own for own in known if own.startswith(name)]
        given[matching[0] if len(matching) == 1 else name] = value if equals else next(words, "")
    return given
