"""How properties are tried (the same examples at every run, without a clock), what is skipped, and what many tests stand on.

A test marked `needs` is skipped where a program of its is not installed. Where all of them are in TESTS_NO_SKIPS, as in CI, it
fails instead.
"""

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Debian keeps servers where only root's PATH looks.
_PLACES = os.pathsep.join((os.environ["PATH"], "/usr/sbin"))
# Where each program comes from, when it is not of the same name.
_PACKAGES = {
    "promtool": "prometheus",
    "soffice": "libreoffice-writer-nogui",
    "systemd-analyze": "systemd",
    "tesseract": "tesseract-ocr",
}
# The programs that are known to be here, so that no test may be left out for want of them.
_NO_SKIPS = set(filter(None, os.environ.get("TESTS_NO_SKIPS", "").split(",")))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that lacks a program, saying what to install."""
    if missing := [program for program in needed(item) if shutil.which(program, path=_PLACES) is None]:
        packages = " ".join(_PACKAGES.get(program, program) for program in missing)
        pytest.skip(f"not installed: {', '.join(missing)} (apt install {packages})")


# A shared machine may be slow at any moment, which proves nothing of the code.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("searching", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# HYPOTHESIS_PROFILE=searching looks for new counterexamples.
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that was skipped though all it needs is here."""
    report = yield
    programs = needed(item)
    if report.skipped and programs and _NO_SKIPS.issuperset(programs):
        report.outcome = "failed"
        report.longrepr = f"skipped, though TESTS_NO_SKIPS says that {', '.join(programs)} is here: {report.longrepr}"
    return report


def needed(item: pytest.Item) -> list[str]:
    """The programs that a test is marked to need."""
    return [program for mark in item.iter_markers("needs") for program in mark.args]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """What runs coroutines in tests."""
    return "asyncio"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the index of a small firm is, for the tests of one file."""
    from small_firm import build  # not before a test asks: it loads much

    made = tmp_path_factory.mktemp("firm") / "index"
    build(made)
    return made
