"""What the settings say about authorization servers, groups and walls, and the command that shows the walls."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from scripts.authorities import groups_file, oauth_of, walls_file
from scripts.cli import app
from scripts.settings import SettingsError, load_settings
from server.errors import RulesUnusable
from server.oauth_options import ClaimNames, Introspection

PREFIX = "MUNIMENT_AUTH__"
GOOD = {"ISSUERS": '["https://login.firm.example"]', "AUDIENCE": "https://contracts.firm.example/mcp"}


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def put(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(PREFIX + name, value)


def test_without_an_issuer_no_tokens_are_taken() -> None:
    assert oauth_of(load_settings()) is None


def test_an_issuer_and_an_audience_are_all_that_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, **GOOD)
    found = oauth_of(load_settings())
    assert found is not None
    assert (found.issuers, found.audience, found.resource) == (("https://login.firm.example",), *[GOOD["AUDIENCE"]] * 2)
    assert found.algorithms == ("RS256", "PS256", "ES256", "EdDSA")
    assert (found.claims, found.introspection) == (ClaimNames(), None)


def test_the_secret_is_read_and_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = {
        "INTROSPECTION_URL": "https://login.firm.example/look",
        "INTROSPECTION_CLIENT": "me",
        "INTROSPECTION_SECRET": "hush",
    }
    put(monkeypatch, **GOOD, **looked, EMAIL_VERIFIED_CLAIM="")
    settings = load_settings()
    found = oauth_of(settings)
    assert found is not None
    assert found.introspection == Introspection("https://login.firm.example/look", "https://login.firm.example", "me", "hush")
    assert found.claims.verified == ""
    assert "hush" not in f"{settings!r} {found!r}"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"AUDIENCE": ""}, "AUDIENCE is missing"),
        ({"ISSUERS": '["http://login.firm.example"]'}, "begins with https"),
        ({"ISSUERS": '["login.firm.example"]'}, "begins with https"),
        ({"AUDIENCE": "api://contracts"}, "RESOURCE"),
        ({"INTROSPECTION_URL": "https://login.firm.example/look"}, "belong together"),
        (
            {"INTROSPECTION_URL": "http://evil.example", "INTROSPECTION_CLIENT": "a", "INTROSPECTION_SECRET": "b"},
            "must begin with https",
        ),
    ],
)
def test_what_could_not_be_safe_is_refused(monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], says: str) -> None:
    put(monkeypatch, **(GOOD | wrong))
    with pytest.raises(SettingsError, match=says):
        oauth_of(load_settings())


@pytest.mark.parametrize("algorithm", ["HS256", "none", ""])
def test_no_algorithm_with_a_shared_secret_can_be_allowed(monkeypatch: pytest.MonkeyPatch, algorithm: str) -> None:
    put(monkeypatch, **GOOD, ALGORITHMS=f'["{algorithm}"]')
    with pytest.raises(SettingsError, match="ALGORITHMS"):
        load_settings()


def test_a_file_of_rules_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert (walls_file(load_settings()), groups_file(load_settings())) == (Path("data/walls.toml"), Path("data/groups.toml"))
    put(monkeypatch, WALLS_FILE=str(tmp_path / "gone.toml"), GROUPS_FILE=str(tmp_path / "lost.toml"))
    with pytest.raises(SettingsError, match="no such file"):
        walls_file(load_settings())
    with pytest.raises(SettingsError, match="no such file"):
        groups_file(load_settings())


def test_the_walls_are_shown_as_they_are_understood_with_groups_that_no_file_lists(tmp_path: Path) -> None:
    file = tmp_path / "new.toml"
    file.write_text(
        '[[walls]]\nname = "Orion"\nkeep_out = ["group:b", "group:a"]\nlet_in = ["user:x@y.z"]\nparties = ["Orion plc"]\n'
    )
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "groups.toml").write_text('[groups]\na = ["u@y.z"]\n')
    shown = CliRunner().invoke(app, ["walls", str(file)]).stdout.splitlines()
    assert shown == [
        "Orion: keeps out group:b, group:a but for user:x@y.z",
        "  parties: Orion plc",
        "  group:b is in no file: its members are whom the tokens and keys say",
        "1 walls",
    ]
    assert CliRunner().invoke(app, ["walls"]).stdout == "0 walls\n"
    file.write_text("")
    assert isinstance(CliRunner().invoke(app, ["walls", str(file)]).exception, RulesUnusable)
