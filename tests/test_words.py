"""The words of screens, cards, READMEs and help: the field's own, as the vocabulary has them."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.cli.parser import main

ROOT = Path(__file__).parents[1]

FORBIDDEN = {
    r"(?:^|[.!?:] )Of (?!course)": "no sentence begins with Of",
    r"\bthat there (?:is|are)\b": "leave it out",
    r"\b(?:is|are) no (?!longer|more\b|better)": "is not a, has no",
    r"\bhangs? on\b": "depends on",
    r"\banew\b": "again",
    r"\blets? go of\b": "releases",
    r"\bwhat is \w+ is\b": "rephrase",
    r"\bnamed? (?:right|wrong|alike)\b": "accuracy, agrees with the reference",
    r"\bnames (?:\w+ )?right\b(?! of)": "accuracy",
    r"\bright when named\b": "positive predictive value (PPV)",
    r"\b(?:if|were) all (?:were )?called the commonest\b": "majority-class baseline",
    r"\bunlike (?:the |any of the )?training\b": "out of distribution",
    r"\bleft out of training\b": "held out",
    r"\bthe model's (?:word|choice|judgement)\b": "prediction",
    r"\bcome true\b": "calibration",
    r"\b(?:as|while) the (?:beat|seconds|stay) (?:unfolds?|pass)\b": "class probabilities over time",
    r"\bsettles? on\b": "prediction stable from",
    r"\bwhere the salience lies\b": "salience by wave",
    r"\bwhat counted\b": "variable importance",
    r"\btwo by two\b": "pairwise interaction",
    r"\bspeaks? (?:for|against) (?:it|the|a|this)\b": "supports, opposes",
    r"\bprice\b": "penalty, weight",
    r"\bscore lost\b": "score reduction",
    r"\blikeness\b|\blike itself\b": "similarity after randomisation",
    r"\brelied on here\b": "stable, check stability",
    r"\bfading mask\b": "Dynamask (fade)",
    r"\bbeat before\b": "previous beat",
    r"\bput here by hand\b": "manually placed",
    r"\bbreaths\b|\boxygen in blood\b|\bkind of unit\b|\bmean pressure, cuff\b": "the charted parameter's name",
    r"\bno beat is like that\b": "no beats match the filters",
    r"\bgoes on after\b|\bwas cut goes on\b": "resumes an interrupted run",
    r"% of the peak\b": "% of peak FLOP/s",
    r"(?<!as high )\bas usual\b": "reset to defaults",
    r"\d %": "88%, without a space",
    r"\bpositive predictivity\b": "positive predictive value (PPV)",
    r"\btold\b": "state, show, give",
}
"""What the vocabulary forbids, and what to say instead."""


def offences(text: str) -> list[str]:
    """The forbidden words in a text, each with what to say instead."""
    found = []
    for pattern, instead in FORBIDDEN.items():
        for match in re.finditer(pattern, text, re.IGNORECASE if pattern[0] != "(" else 0):
            around = text[max(0, match.start() - 40) : match.end() + 40].replace("\n", " ")
            found.append(f"{around!r}: {instead}")
    return found


def texts_of(path: Path) -> Iterator[str]:
    """The strings of a module that a reader may see: all with a space, but docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unseen = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(own.value if isinstance(own, ast.Constant) else "…" for own in node.values)
            unseen |= {id(own) for own in node.values}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in unseen:
            yield node.value


MODULES = sorted(
    path for folder in ("backend", "pages") for path in (ROOT / folder).rglob("*.py") if "bundles" not in path.parts
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_shows_no_forbidden_word(path):
    shown = [text for text in texts_of(path) if " " in text]
    assert [own for text in shown for own in offences(text)] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_docstring_holds_no_forbidden_word(path):
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    texts = [node.value.value for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]
    assert [own for text in texts if isinstance(text, str) for own in offences(" ".join(text.split()))] == []


READMES = sorted(
    path for path in ROOT.rglob("README.md") if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)


@pytest.mark.parametrize("path", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_readme_holds_no_forbidden_word(path):
    assert offences(path.read_text(encoding="utf-8")) == []


def prose(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for own in value.values():
                yield from prose(own)
        case list():
            for own in value:
                yield from prose(own)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "backend" / "models" / "bundles").glob("*/card.json")), ids=lambda path: path.parent.name
)
def test_a_card_holds_no_forbidden_word(path):
    texts = prose(json.loads(path.read_text(encoding="utf-8")))
    assert [own for text in texts for own in offences(text)] == []


@pytest.mark.parametrize(
    "command", ["", "detect", "waves", "classify", "explain", "models", "train", "evaluate", "simulate", "samples"]
)
def test_the_help_of_a_command_holds_no_forbidden_word(command, capsys):
    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])
    assert offences(" ".join(capsys.readouterr().out.split())) == []


@pytest.mark.parametrize(
    "text", ["88 % of beats", "Of the beats, some", "It hangs on this.", "The model settles on PVC."]
)
def test_a_forbidden_word_would_be_noticed(text):
    assert offences(text)
