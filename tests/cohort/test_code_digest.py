"""What changes the digest of some code, and what does not."""

import ast
from pathlib import Path

import pytest

import backend
from backend.cohort.code_digest import code_digest, modules_behind
from backend.cohort.worker import compute_part
from backend.explain.api import TECHNIQUES, Technique, explain_many
from backend.explain.quality.stability import check_stabilities
from backend.models.bundle import load_bundle
from backend.models.network import numba_kernels

SOURCES = {
    "__init__": "LOUD = True\n",
    "folder/__init__": "",
    "folder/technique": '''"""A technique."""

import numpy as np
from backend.folder.kernel import product
from . import settings

WIDTH = 25


def run(values):
    """Return what it says."""
    from backend.late import finish

    return finish(product(values, WIDTH))  # twice
''',
    "folder/kernel": "def product(values, width):\n    return values * width\n",
    "folder/settings": "from ..shared import SEED\n",
    "folder/other": "WIDTH = 3\n",
    "shared": "SEED = 0\n",
    "late": "import backend.deep\n\ndef finish(values):\n    return values\n",
    "deep": "LIMIT = 7\n",
}
REACHED = {f"backend.{name}" for name in ("folder", "folder.kernel", "folder.settings", "shared", "late", "deep")}


def written(into: Path, **changed: str) -> Path:
    """The package as folder ``into``/backend, some modules with other text; ``__`` stands for ``/``."""
    for name, text in {**SOURCES, **{name.replace("__", "/"): text for name, text in changed.items()}}.items():
        path = into / "backend" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return into


def digest(root: Path, **options) -> str:
    return code_digest(["backend.folder.technique"], root=root, **options)


def test_imports_are_followed_wherever_they_stand_and_packages_count(tmp_path):
    found = modules_behind(["backend.folder.technique"], root=written(tmp_path))
    assert found == {*REACHED, "backend", "backend.folder.technique"}


@pytest.mark.parametrize("module", ["folder/technique", "folder/kernel", "folder/settings", "shared", "late", "deep"])
def test_a_changed_module_changes_the_digest_of_all_that_import_it(tmp_path, module):
    before = digest(written(tmp_path / "before"))
    changed = written(tmp_path / "after")
    path = changed / "backend" / f"{module}.py"
    path.write_text(path.read_text() + "MORE = 1\n")
    assert digest(changed) != before


@pytest.mark.parametrize(
    ("old", "new"),
    [("25", "26"), ("values, WIDTH", "WIDTH, values"), ("import numpy as np\n", ""), ("def run", "async def run")],
)
def test_a_changed_constant_or_instruction_changes_the_digest(tmp_path, old, new):
    before = digest(written(tmp_path / "before"))
    changed = SOURCES["folder/technique"].replace(old, new)
    assert changed != SOURCES["folder/technique"]
    assert digest(written(tmp_path / "after", folder__technique=changed)) != before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A technique.", "A technique, in other words."),
        ("Return what it says.", "Say it."),
        ('    """Return what it says."""\n', ""),
        ("  # twice", ""),
        ("WIDTH = 25", 'WIDTH = (\n    25\n)\n"""How wide it is."""'),
    ],
)
def test_docstrings_comments_and_layout_do_not_count(tmp_path, old, new):
    before = digest(written(tmp_path / "before"))
    changed = SOURCES["folder/technique"].replace(old, new)
    assert changed != SOURCES["folder/technique"]
    assert digest(written(tmp_path / "after", folder__technique=changed)) == before


def test_an_import_that_is_added_is_followed_and_what_nobody_imports_does_not_count(tmp_path):
    before = digest(written(tmp_path / "before"))
    assert digest(written(tmp_path / "aside", folder__other="WIDTH = 4\n")) == before
    importing = SOURCES["folder/kernel"] + "from backend.folder import other\n"
    three = digest(written(tmp_path / "three", folder__kernel=importing))
    four = digest(written(tmp_path / "four", folder__kernel=importing, folder__other="WIDTH = 4\n"))
    assert len({before, three, four}) == 3


def test_a_module_may_count_alone_or_be_skipped(tmp_path):
    root, aside = written(tmp_path / "root"), written(tmp_path / "aside", folder__other="WIDTH = 4\n")
    assert digest(root, alone=["backend.folder.other"]) != digest(aside, alone=["backend.folder.other"])
    changed = written(tmp_path / "changed", late="VALUE = 1\n")
    assert digest(changed) != digest(root)
    assert digest(changed, skipped=["backend.late"]) == digest(root, skipped=["backend.late"])


def test_the_digest_does_not_depend_on_where_the_code_lies_or_what_is_asked_first(tmp_path):
    roots = [written(tmp_path / name) for name in ("one", "other")]
    modules = ["backend.folder.technique", "backend.folder.other"]
    assert code_digest(modules, root=roots[0]) == code_digest(modules[::-1], root=roots[1])


def test_a_module_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ModuleNotFoundError, match="No module backend"):
        code_digest(["backend.nothing"], root=written(tmp_path))


def test_a_learned_mask_depends_on_the_compiled_kernels_and_on_how_bundles_are_read():
    behind = modules_behind([TECHNIQUES["mask"].run.__module__])
    assert {numba_kernels.__name__, load_bundle.__module__} <= behind


def test_the_registry_of_techniques_holds_no_code_of_the_measures_and_the_worker_is_no_technique():
    """It is skipped in what parts depend on, which would hide whatever else it held."""
    assert Technique.__module__ not in {explain_many.__module__, check_stabilities.__module__, compute_part.__module__}


def test_the_package_imports_nothing_by_names_that_are_made_while_it_runs():
    """No reader of the source could follow such an import."""
    package = Path(backend.__file__).parent
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Attribute) and node.attr == "import_module"), path
            assert not (isinstance(node, ast.Name) and node.id in ("__import__", "import_module")), path
