"""How properties are tried: the same examples at every run, so that a verdict can be repeated, and no clock; and what is skipped.

A test marked `needs` is skipped where a program of its is not installed.
"""

import os
import shutil

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


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that lacks a program, saying what to install."""
    programs = [program for mark in item.iter_markers("needs") for program in mark.args]
    if missing := [program for program in programs if shutil.which(program, path=_PLACES) is None]:
        packages = " ".join(_PACKAGES.get(program, program) for program in missing)
        pytest.skip(f"not installed: {', '.join(missing)} (apt install {packages})")


# A shared machine may be slow at any moment, which proves nothing of the code.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("searching", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# HYPOTHESIS_PROFILE=searching looks for new counterexamples.
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
