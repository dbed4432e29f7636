"""What the emulated Drive makes of parameters: checked against the discovery document, masks, corpora, page tokens."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drive_emulator_forms import FILE_DEFAULT, Refused
from drive_emulator_masks import checked, discovery

Json = dict[str, Any]
DEFAULTS = {
    "files.list": f"kind,incompleteSearch,nextPageToken,files({FILE_DEFAULT})",
    "files.get": FILE_DEFAULT,
    "changes.list": "kind,nextPageToken,newStartPageToken,changes(kind,changeType,type,time,removed,fileId,driveId,"
    "file(kind,id,name,mimeType),drive(kind,id,name))",
    "changes.getStartPageToken": "kind,startPageToken",
    "permissions.list": "kind,nextPageToken,permissions(id,type,kind,role)",
    "drives.list": "kind,nextPageToken,drives(kind,id,name)",
    "drives.get": "kind,id,name",
}


@dataclass(frozen=True)
class Call:
    """One request to one method: its parameters, who asks, and the header with resource keys."""

    route: str
    caller: str
    query: Mapping[str, str]
    path: Mapping[str, str]
    keys: str = ""

    def flag(self, name: str) -> bool:
        """A boolean parameter, false where it is not given."""
        return self.query.get(name, "false") == "true"


INCLUDE = (
    "The includeItemsFromAllDrives parameter must be set to true when driveId is specified or corpora contains drive or "
    "allDrives."
)


def check_corpora(call: Call, corpora: str, drive: str | None) -> None:
    """Raises Refused where corpora, driveId and the flags for shared drives do not go together."""
    if corpora not in {"user", "domain", "drive", "allDrives"}:
        raise Refused(400, "invalidParameter", f"Invalid string value: '{corpora}'.", "corpora")
    if (corpora == "drive") != bool(drive):
        message = "The driveId parameter must be specified if and only if corpora is set to drive."
        raise Refused(403, "teamDriveIdRequiresTeamDriveCorpora", message)
    everywhere = call.flag("includeItemsFromAllDrives")
    if corpora in {"drive", "allDrives"} and not everywhere:
        raise Refused(403, "teamDrivesParameterRequired", INCLUDE)
    if everywhere and not call.flag("supportsAllDrives"):
        message = "The supportsAllDrives parameter must be set to true when includeItemsFromAllDrives is true."
        raise Refused(403, "teamDrivesParameterRequired", message)


def checked_parameters(call: Call, api: str = "drive.v3") -> Json:
    """The method of the discovery document, whose parameters the call keeps to. Raises Refused."""
    resource, name = call.route.split(".")
    method: Json = discovery(api)["resources"][resource]["methods"][name]
    for parameter, value in call.query.items():
        rule = method.get("parameters", {}).get(parameter) or discovery(api)["parameters"].get(parameter)
        if not rule or rule.get("location") == "path":
            raise Refused(400, "invalidParameter", f"Unknown parameter '{parameter}'.", parameter)
        least, most = int(rule.get("minimum", 0)), int(rule.get("maximum", 1000))
        if rule["type"] == "integer" and not (value.isdigit() and least <= int(value) <= most):
            raise Refused(400, "invalidParameter", f"Invalid value '{value}'.", parameter)
        if rule["type"] == "boolean" and value not in {"true", "false"}:
            raise Refused(400, "invalidParameter", f"Invalid boolean value: '{value}'.", parameter)
        if rule.get("required") and not value:
            raise Refused(400, "required", f"Required parameter: {parameter}", parameter)
    missing = [key for key, rule in method.get("parameters", {}).items() if rule.get("required") and rule["location"] == "query"]
    for parameter in missing:
        if parameter not in call.query:
            raise Refused(400, "required", f"Required parameter: {parameter}", parameter)
    return method


def names_wanted(call: Call, route: str) -> frozenset[str]:
    """The fields of files that the mask leaves; empty where it leaves them all."""
    tree = checked(
        call.query.get("fields") or DEFAULTS[route], {"files.get": "File", "files.list": "FileList"}.get(route, "ChangeList")
    )
    if route == "files.list":
        tree = tree.get("files", tree.get("*", {}))
    elif route == "changes.list":
        tree = tree.get("changes", {}).get("file", {})
    return frozenset() if "*" in tree else frozenset(tree)


def token_of(kind: str, name: str, number: int) -> str:
    """A page token, opaque to whoever gets it."""
    return base64.urlsafe_b64encode(f"{kind}~{name}~{number}".encode()).decode().rstrip("=")


def number_in(kind: str, token: str) -> tuple[str, int]:
    """What a page token of this kind holds. Raises Refused for any other."""
    try:
        found_kind, name, number = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().split("~")
        if found_kind == kind:
            return name, int(number)
    except ValueError:
        pass
    raise Refused(400, "invalid", "Invalid Value", "pageToken")
