"""``kibitz admin`` as far as it needs neither a keyring nor a helpdesk."""

from __future__ import annotations

import json

import pytest

from desktop import single_instance
from desktop.__main__ import main
from desktop.admin.command import BEFORE_IMPORT
from desktop.policy import PolicyFile
from desktop.settings import HOME_VARIABLE, folders
from desktop.single_instance import hold, place_in


@pytest.fixture
def where(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return folders()


def admin(*words) -> int:
    return main(["admin", *map(str, words)])


@pytest.fixture
def export(where, tmp_path):
    path = tmp_path / "team.json"
    path.write_text('{"kibitz": 1, "policy": {"retention_days": 365}}', encoding="utf-8")
    return path


def test_that_an_export_can_be_imported_and_undone(where, export, capsys):
    assert admin("import", export, "--yes") == 0
    said = capsys.readouterr().out

    assert "- Customers' texts are deleted after 365 days." in said
    assert PolicyFile(where.config).value.retention_days == 365
    assert f"kibitz admin import {where.config / BEFORE_IMPORT}" in said

    assert admin("import", where.config / BEFORE_IMPORT, "--yes") == 0
    assert PolicyFile(where.config).value.retention_days == 0


def test_that_an_export_goes_to_a_file_or_to_the_output(where, tmp_path, capsys):
    assert admin("export", tmp_path / "out.json") == 0
    capsys.readouterr()
    assert admin("export", "-") == 0

    assert json.loads(capsys.readouterr().out) == json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))


def test_that_nothing_is_imported_that_nobody_agreed_to(where, export, capsys, monkeypatch):
    assert admin("import", export) == 1

    assert "Say --yes" in capsys.readouterr().err
    assert not where.config.exists()


def test_that_an_import_that_changes_nothing_says_so(where, tmp_path, capsys):
    admin("export", tmp_path / "same.json")

    assert admin("import", tmp_path / "same.json") == 0
    assert "Nothing would change." in capsys.readouterr().out


@pytest.mark.parametrize("raw", ["", '{"kibitz": 99, "policy": {}}'])
def test_that_a_file_that_is_no_export_is_refused_with_a_sentence(where, tmp_path, capsys, raw):
    (tmp_path / "other.json").write_text(raw, encoding="utf-8")

    assert admin("import", tmp_path / "other.json", "--yes") == 1
    assert capsys.readouterr().err.startswith("kibitz: ")


@pytest.mark.parametrize("words", [("import", "FILE", "--yes"), ("delete-customer", "zendesk:acme", "900", "--yes")])
def test_that_nothing_is_changed_beside_a_kibitz_that_runs(where, export, capsys, words):
    running = hold(place_in(where.runtime))
    try:
        assert admin(*(export if word == "FILE" else word for word in words)) == 1
    finally:
        running.close()

    assert "Kibitz is running." in capsys.readouterr().err
    assert PolicyFile(where.config).value.retention_days == 0


def test_that_no_kibitz_starts_while_the_lock_is_held(where):
    place = place_in(where.runtime)
    held = hold(place)

    assert hold(place) is None
    assert single_instance.claim(place, lambda _: None) is None

    held.close()
    again = hold(place)
    assert again is not None
    again.close()


def test_that_retention_without_days_deletes_nothing_and_says_so(where, capsys):
    assert admin("retention") == 0
    assert "no retention is set" in capsys.readouterr().out


def test_that_a_machine_without_data_has_no_customer_to_delete(where, capsys):
    assert admin("delete-customer", "zendesk:acme", "900", "--yes") == 1
    assert "Kibitz has kept nothing on this machine." in capsys.readouterr().err
