"""Has LibreOffice turn old and foreign word processor files into DOCX."""

import os
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from ingest.source import UnreadableDocument

NOT_INSTALLED = (
    "needs LibreOffice to be read: install it (Debian: apt install libreoffice-writer-nogui) and run again, "
    "or save the file as DOCX or PDF"
)
_SHELL = "/bin/sh"
# LibreOffice takes what it does not know for text; WordPerfect is the one kind that it might not know.
_FILTERS = {".wpd": ["--infilter=WordPerfect"]}
# No macro runs, nothing linked is fetched, and whatever would still reach for the net meets a proxy that is not there.
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""  # noqa: E501 - LibreOffice's own format has one setting a line


def to_docx(data: bytes, suffix: str, soffice: Path | None, seconds: float) -> bytes:
    """The file as DOCX, converted in a folder and with a profile of its own. Raises UnreadableDocument where that fails."""
    if soffice is None or not soffice.exists():
        raise UnreadableDocument(NOT_INSTALLED)
    with tempfile.TemporaryDirectory(prefix="muniment-office-") as folder:
        place = Path(folder)
        (place / "profile" / "user").mkdir(parents=True)
        (place / "profile" / "user" / "registrymodifications.xcu").write_text(_PROFILE, "utf-8")
        (place / f"in{suffix}").write_bytes(data)
        _run(_command(soffice, place, suffix, seconds), place, seconds)
        made = place / "out" / "in.docx"
        if not made.exists():
            raise UnreadableDocument(
                "could not be converted by LibreOffice: it may be damaged or protected by a password; save it as DOCX or PDF"
            )
        return made.read_bytes()


def _command(soffice: Path, place: Path, suffix: str, seconds: float) -> list[str]:
    convert = [
        str(soffice), "--headless", "--norestore", "--nolockcheck", f"-env:UserInstallation={(place / 'profile').as_uri()}",
        *_FILTERS.get(suffix, []), "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(place / "out"),
        str(place / f"in{suffix}"),
    ]  # fmt: skip
    # The limit on processor time ends it even where this process was killed in between.
    return [_SHELL, "-c", 'ulimit -t "$0"; exec "$@"', str(int(seconds) + 1), *convert]


def _run(command: list[str], place: Path, seconds: float) -> None:
    # A session of its own, because soffice is a script whose children outlive it.
    process = subprocess.Popen(  # noqa: S603 - the program is the administrator's, the file has a name of ours
        command, cwd=place, env={"HOME": str(place), "PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise UnreadableDocument(f"took LibreOffice longer than {seconds:.0f} s to convert: save it as DOCX or PDF") from None
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
