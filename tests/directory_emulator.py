"""A firm's directory of groups, on a port of this machine: Admin SDK's Directory API as far as groups and their members go.

    with Directory() as directory:
        directory.group("associates@firm.example", "anna@firm.example", Member("bert@firm.example", status="SUSPENDED"))
        directory.group("everybody@firm.example", CUSTOMER, aliases=("all@firm.example",))
        ...                                          # point the client at directory.url, directory.account, acting for ADMIN
        directory.groups["associates@firm.example"].members.clear()
        directory.faults.add(Fault("status", 403, "quotaExceeded", on="members.list", times=2))

Parameters and masks are checked against the discovery document; an address belongs to one group or alias. A member that is
listed as a group's name in `groups` is of type GROUP. `page_cap` makes pages smaller, `admins` are who may read groups. With
`tokens` of an emulated Drive, one service account reads both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from drive_emulator import _TOKENS_KEY
from drive_emulator_faults import Faults
from drive_emulator_forms import Refused
from drive_emulator_http import Front, Request, Standing
from drive_emulator_masks import applied, checked
from drive_emulator_parameters import Call, Json, checked_parameters, number_in, token_of
from drive_emulator_tokens import Tokens

ADMIN = "admin@firm.example"
SCOPES = tuple(f"https://www.googleapis.com/auth/admin.directory.group.{kind}" for kind in ("readonly", "member.readonly"))
_API = "admin.directory_v1"
_ROUTES = (
    ("groups.list", r"/admin/directory/v1/groups"),
    ("members.list", r"/admin/directory/v1/groups/(?P<groupKey>[^/]+)/members"),
    ("token", r"/token"),
)


@dataclass(frozen=True)
class Member:
    """A member as the API tells it; without an e-mail address where `email` is empty, without a status where that is."""

    email: str
    kind: str = "USER"
    status: str = "ACTIVE"

    def form(self) -> Json:
        """The resource."""
        told = {"kind": "admin#directory#member", "id": f"id-{self.email or self.kind}", "role": "MEMBER", "type": self.kind}
        return told | ({"email": self.email} if self.email else {}) | ({"status": self.status} if self.status else {})


# "Add all users in this domain": the organization itself, which has an id and no address.
CUSTOMER = Member("", "CUSTOMER", "")


@dataclass
class EmulatedGroup:
    """A group of the directory."""

    id: str
    email: str
    members: list[Member] = field(default_factory=list)
    aliases: tuple[str, ...] = ()
    outer: tuple[str, ...] = ()

    def form(self) -> Json:
        """The resource: lists that are empty are not there."""
        told: Json = {"kind": "admin#directory#group", "id": self.id, "email": self.email, "name": self.email.split("@")[0]}
        told["directMembersCount"] = str(len(self.members))
        return told | {name: list(of) for name, of in (("aliases", self.aliases), ("nonEditableAliases", self.outer)) if of}


class Directory(Standing):
    """The directory and the server before it; see the head of this file."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        self.groups: dict[str, EmulatedGroup] = {}
        self.admins, self.customers = {ADMIN}, {"my_customer"}
        self.page_cap = 200
        self.faults = Faults()
        self.tokens = tokens or Tokens(_TOKENS_KEY)
        self.tokens.allowed |= set(SCOPES)
        self.tokens.delegated.add(ADMIN)
        self._methods = {"groups.list": self._groups, "members.list": self._members}
        self.stand(Front(self, self.tokens, self.faults, _ROUTES, SCOPES[0]), "directory")

    def group(
        self, email: str, *members: Member | str, aliases: tuple[str, ...] = (), outer: tuple[str, ...] = ()
    ) -> EmulatedGroup:
        """A new group."""
        made = EmulatedGroup(f"g{len(self.groups):04}", email, [], aliases, outer)
        self.groups[email] = made
        for each in members:
            self.join(email, each)
        return made

    def join(self, group: str, member: Member | str) -> None:
        """One member more."""
        is_group = isinstance(member, str) and member in self.groups
        made = Member(member, "GROUP" if is_group else "USER") if isinstance(member, str) else member
        self.groups[group].members.append(made)

    def environment(self) -> Mapping[str, str]:
        """Muniment's settings that lead here."""
        return {
            "MUNIMENT_DIRECTORY__SUBJECT": ADMIN,
            "MUNIMENT_DIRECTORY__SERVICE_ACCOUNT_FILE": str(self.account),
            "MUNIMENT_DIRECTORY__API_ENDPOINT": self.url,
        }

    @property
    def requests(self) -> list[Request]:
        """What came in, but for tokens."""
        with self._front.log_lock:
            return [request for request in self._front.log if request.route != "token"]

    def answer(self, call: Call) -> Json:
        """What a method answers, through the mask. Raises Refused."""
        method = checked_parameters(call, _API)
        tree = checked(call.query["fields"], method["response"]["$ref"], _API) if "fields" in call.query else {}
        if call.caller not in self.admins:
            raise Refused(403, "forbidden", "Not Authorized to access this resource/api")
        told: Json = applied(tree, self._methods[call.route](call))
        return told

    def _groups(self, call: Call) -> Json:
        if call.query.get("customer") not in self.customers:
            raise Refused(404, "notFound", "Domain not found.")
        listed = [self.groups[name].form() for name in sorted(self.groups)]
        return self._page(call, "groups", listed)

    def _members(self, call: Call) -> Json:
        key = call.path["groupKey"]
        group = next((each for each in self.groups.values() if key in {each.id, each.email, *each.aliases}), None)
        if group is None:
            raise Refused(404, "notFound", f"Resource Not Found: groupKey: {key}")
        return self._page(call, "members", [member.form() for member in group.members])

    def _page(self, call: Call, kind: str, listed: list[Json]) -> Json:
        _, offset = number_in(kind, call.query["pageToken"]) if "pageToken" in call.query else ("", 0)
        size = min(int(call.query.get("maxResults", 200)), self.page_cap)
        told: dict[str, Any] = {"kind": f"admin#directory#{kind}", "etag": '"e"'}
        if page := listed[offset : offset + size]:
            told[kind] = page
        return told | ({"nextPageToken": token_of(kind, "", offset + size)} if offset + size < len(listed) else {})
