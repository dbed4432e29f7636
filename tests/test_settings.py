"""Settings come from a file and the environment, and each wrong one is one clear line."""

from pathlib import Path

import pytest

from scripts.settings import SettingsError, documented, load_settings


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_environment_wins_over_the_file_and_what_is_passed_over_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "muniment.toml").write_text('folder = "from-file"\ndata_dir = "from-file"\n[server]\nport = 1001\nhost = "::1"\n')
    monkeypatch.setenv("MUNIMENT_DATA_DIR", "from-environment")
    monkeypatch.setenv("MUNIMENT_SERVER__PORT", "1002")
    settings = load_settings(folder=None, data_dir=None)
    assert (settings.folder, settings.data_dir) == (Path("from-file"), Path("from-environment"))
    assert (settings.server.port, settings.server.host) == (1002, "::1")
    assert load_settings(data_dir=Path("passed")).data_dir == Path("passed")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("MUNIMENT_SERVER__PORT", "-1", "MUNIMENT_SERVER__PORT = '-1': input should be greater than or equal to 0"),
        ("MUNIMENT_SOURCE", "ftp", "MUNIMENT_SOURCE = 'ftp': input should be 'folder' or 'drive'"),
        ("MUNIMENT_FOLDERS", "x", "MUNIMENT_FOLDERS: no such setting"),
        ("MUNIMENT_SERVER__PROT", "1", "MUNIMENT_SERVER__PROT: no such setting"),
        ("MUNIMENT_FOLDER_READERS", '["anna"]', "MUNIMENT_FOLDER_READERS__0 = 'anna'"),
        ("MUNIMENT_FOLDER_READERS", "anna", "folder_readers"),
        ("MUNIMENT_DIRECTORY__SUBJECT", "admin", "MUNIMENT_DIRECTORY__SUBJECT = 'admin': string should match"),
        ("MUNIMENT_DIRECTORY__DOMAINS", '["firm.example "]', "MUNIMENT_DIRECTORY__DOMAINS__0 = 'firm.example '"),
        ("MUNIMENT_CONFIG", "nowhere.toml", "there is no such file"),
    ],
)
def test_an_unknown_or_wrong_setting_is_one_clear_line(name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert says in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_an_unknown_setting_in_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "muniment.toml").write_text("[server]\nprot = 1\n")
    with pytest.raises(SettingsError, match="MUNIMENT_SERVER__PROT: no such setting"):
        load_settings()


def test_a_file_that_is_no_toml_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "muniment.toml").write_text("folder = \n")
    with pytest.raises(SettingsError, match="can't be read"):
        load_settings()


def test_every_setting_has_a_description_and_stands_in_the_readme() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    for name, description, _ in documented():
        assert description
        assert f"`{name}`" in readme, f"{name} is not documented in the README"
