"""The list of promises counts honest tests only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.promises import ROOT, held, kept_by, main, promises

PAGE = "# Promises\n- **D1** Nothing is lost.\n- **N5** Nothing is mixed up.\n- **X2** Nothing is unpickled.\n"
TEST = '@pytest.mark.promise("{0}")\ndef test_that_it_is_so():\n    assert True\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "promises.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "tests" / "unit").mkdir(parents=True)
    (tmp_path / "tests" / "unit" / "test_one.py").write_text(TEST.format("D1"), encoding="utf-8")
    return tmp_path


def test_that_a_marked_test_keeps_its_promise_and_the_others_are_open(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([], root=project) == 0
    assert capsys.readouterr().out.splitlines() == [
        "D1  kept by 1 test    Nothing is lost.",
        "N5  open              Nothing is mixed up.",
        "X2  open              Nothing is unpickled.",
        "",
        "1 of 3 promises are kept, 0 in part, 2 are open.",
    ]


def test_that_a_part_is_not_taken_for_the_whole(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part = TEST.replace(")", ', part="not after a fire")', 1).replace("test_that_it", "test_that_part")
    (project / "tests" / "test_part.py").write_text(part.format("D1"), encoding="utf-8")
    assert main(["--require", "D1"], root=project) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["D1  part by 2 tests   Nothing is lost.", "      in part: not after a fire"]
    assert "0 of 3 promises are kept, 1 in part, 2 are open." in lines


def test_that_the_tests_are_named_when_asked_for(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["-v"], root=project)
    assert "      tests/unit/test_one.py::test_that_it_is_so" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(("required", "status"), [("D1", 0), ("D1,N5", 1), (" N5 ", 1), ("D9", 1)])
def test_that_a_required_promise_without_a_test_fails(project: Path, required: str, status: int) -> None:
    assert main(["--require", required], root=project) == status


def test_that_a_promise_nobody_made_is_reported(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "tests" / "test_typo.py").write_text(TEST.format("D11"), encoding="utf-8")
    assert main([], root=project) == 1
    assert "D11" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('@pytest.mark.promise("D1", "N5")\ndef test_a(): ...', [("test_a", ["D1", "N5"])]),
        ('@pytest.mark.promise("D1")\nasync def test_a(): ...', [("test_a", ["D1"])]),
        ('pytestmark = [pytest.mark.promise("D1")]\ndef test_a(): ...', [("test_a", ["D1"])]),
        ('@pytest.mark.promise("D1")\nclass TestIt:\n  def test_a(self): ...', [("TestIt::test_a", ["D1"])]),
        (
            '@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.promise("D1"))])\ndef test_a(x): ...',
            [("test_a", ["D1"])],
        ),
        ('@pytest.mark.promise("D1")\n@pytest.mark.skipif(True, reason="")\ndef test_a(): ...', [("test_a", ["D1"])]),
        ('@pytest.mark.promise("D1")\n@pytest.mark.skip\ndef test_a(): ...', []),
        ('@pytest.mark.promise("D1")\n@pytest.mark.xfail(strict=True)\ndef test_a(): ...', []),
        ('@pytest.mark.promise("D1")\ndef helper(): ...', []),
        ('# pytest.mark.promise("D1")\ndef test_a(): ...', []),
        ("def test_a(): ...", []),
    ],
)
def test_that_only_tests_that_run_hold_a_promise(source: str, expected: list[tuple[str, list[str]]]) -> None:
    assert [(name, list(marks)) for name, marks in held(source)] == expected


def test_that_the_page_lists_every_promise_once_and_no_test_names_another() -> None:
    text = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
    listed = promises(text)
    assert len(listed) == text.count("\n- **")
    assert [sum(name.startswith(letter) for name in listed) for letter in "DSUNIRX"] == [7, 5, 8, 7, 7, 8, 2]
    assert set(kept_by(ROOT / "tests")) <= set(listed)
