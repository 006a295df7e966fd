"""The rooms of the house: where modules lie, what they are called, and that no code asks which kind it has."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
KINDS = {"beat", "alarm", "stay"}
MOST_MODULES = 15
TOPS = sorted(path for path in (ROOT / "backend").iterdir() if path.is_dir() and (path / "__init__.py").exists())
TOPS += [ROOT / "pages" / "parts"]
PRODUCT = sorted([*(ROOT / "backend").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"])
AT_HOME = (ROOT / "backend" / "kinds", ROOT / "pages" / "parts" / "kinds")
"""Where the kinds are registered."""


def folders() -> list[Path]:
    return sorted({path.parent for path in PRODUCT})


@pytest.mark.parametrize("folder", folders(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_folder_holds_few_enough_modules_to_be_read_at_a_glance(folder):
    modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MOST_MODULES


@pytest.mark.parametrize("top", TOPS, ids=lambda path: path.name)
def test_module_names_are_unique_within_their_top_folder(top):
    names = Counter(path.stem for path in top.rglob("*.py") if path.name != "__init__.py")
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("package", [path for path in folders() if path != ROOT], ids=lambda path: path.name)
def test_every_package_says_what_lives_in_it(package):
    init = package / "__init__.py"
    docstring = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""
    assert docstring.count(". ") + docstring.count(".\n") + docstring.endswith(".") >= 2, (
        f"{init}: say it in two sentences"
    )


def kind_tests(tree: ast.AST) -> Iterator[int]:
    """Lines that compare something with the name of a kind, match it, or list several kinds."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=others):
                is_kind = any(_mentions_kind(side) for side in (left, *others))
                if is_kind and any(_kinds_in(side) for side in (left, *others)):
                    yield node.lineno
            case ast.Match(subject=subject) if _mentions_kind(subject):
                yield node.lineno
            case ast.Tuple() | ast.List() | ast.Set() | ast.Dict():
                own = node.keys if isinstance(node, ast.Dict) else node.elts
                if len({name for side in own if side is not None for name in _kinds_in(side)}) > 1:
                    yield node.lineno


def _mentions_kind(node: ast.AST) -> bool:
    names = {own.attr if isinstance(own, ast.Attribute) else getattr(own, "id", "") for own in ast.walk(node)}
    return any(name == "kind" or name.endswith("_kind") for name in names)


def _kinds_in(node: ast.AST) -> set[str]:
    return {own.value for own in ast.walk(node) if isinstance(own, ast.Constant) and own.value in KINDS}


@pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_code_asks_which_kind_it_has(path):
    if any(home in path.parents for home in AT_HOME):
        pytest.skip("a kind is registered here")
    assert list(kind_tests(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    [
        'if bundle.kind == "stay": pass',
        'x = kind in ("beat",)',
        'NAMES = {"beat": 1, "alarm": 2}',
        'NAMES = ("beat", "alarm", "stay")',
        'match bundle.kind:\n    case "beat": pass',
    ],
)
def test_a_question_for_the_kind_would_be_noticed(code):
    assert list(kind_tests(ast.parse(code)))
