"""Brings the mirror up to date with Drive: feeds of changes, full comparisons where those don't reach, and grants from above."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256

from ingest import drive_questions as questions
from ingest.drive_changes import TokenLost, begin, follow
from ingest.drive_grants import ask_again, with_grants
from ingest.drive_listing import Round, arrived, check_folders, list_feed, put, walk
from ingest.drive_mirror import Mirror
from ingest.drive_records import Refreshed
from ingest.drive_scope import Scope, Wanted, drop_lost_roots, find_scope, forget_vanished, learn_members, settle_grants
from ingest.drive_targets import learn_targets
from ingest.google_client import GoogleClient
from ingest.google_faults import Barred, Interrupted, Refused

# Each time what was found by walking is older than what the feed tells next; it settles at once but for a Drive in motion.
_MOST_TURNS = 5


def refresh(client: GoogleClient, mirror: Mirror, wanted: Wanted, subject: str | None, *, full: bool) -> Refreshed:
    """Bring the mirror up to date. Raises Interrupted or Barred where nothing could be asked at all.

    What goes wrong with one feed is among the problems, and its part of the mirror stays as it was.
    """
    who = assert_identity(client, subject)
    whose = _whose(who, wanted, client.endpoint)
    if not mirror.is_of(whose):
        mirror.begin(whose)
    scope = find_scope(client, wanted, mirror.drives)
    round_ = Round(client, mirror, scope)
    problems = [*scope.problems, *forget_vanished(scope, mirror), *learn_members(client, scope, mirror)]
    settle_grants(mirror)
    _learn_roots(round_)
    failed = {feed for feed in scope.feeds if not _tried(problems, scope, feed, partial(_bring, round_, feed, full))}
    _tried(problems, scope, None, partial(_settle, round_, failed, full))
    drop_lost_roots(scope, mirror)
    _mark_listed(round_, failed)
    _tried(problems, scope, None, partial(_ask_again, round_, problems))
    _tried(problems, scope, None, partial(learn_targets, client, mirror))
    unlisted = tuple(scope.name_of(feed) for feed in scope.feeds if feed not in mirror.feeds or not mirror.feeds[feed].listed)
    return Refreshed(round_.full, round_.changes, round_.listed, tuple(problems), unlisted)


def assert_identity(client: GoogleClient, subject: str | None) -> str:
    """Who we are to Drive; raises Barred where that is not whom we asked to be."""
    who = str(questions.me(client).get("emailAddress") or "")
    if subject and who.lower() != subject.lower():
        raise Barred(f"Drive takes us for {who or 'nobody'} and not for {subject}: check the domain-wide delegation")
    return who


def _bring(round_: Round, feed: str, full: bool) -> None:
    known = round_.mirror.feeds.get(feed)
    whole = feed in round_.scope.whole
    if known is None or not known.token or (whole and not known.listed):
        _compare(round_, feed, audit=full)
        return
    if full:
        _compare(round_, feed, audit=True)
        return
    try:
        follow(round_, feed)
    except TokenLost:
        _compare(round_, feed, audit=True)
        return
    check_folders(round_, feed)


def _compare(round_: Round, feed: str, *, audit: bool) -> None:
    if feed in round_.scope.whole:
        list_feed(round_, feed, audit=audit)
        follow(round_, feed)
        return
    mirror, round_.full = round_.mirror, True
    begin(round_, feed)
    with mirror.changing():
        mirror.walk_anew([item for item in mirror.items.values() if item.is_folder and round_.scope.feed_of(item) == feed])
    walk(round_, audit=audit)
    follow(round_, feed)


def _settle(round_: Round, failed: set[str], full: bool) -> None:
    mirror = round_.mirror
    for _ in range(_MOST_TURNS):
        turns = walk(round_, audit=full)
        for feed in [feed.id for feed in mirror.feeds.values() if feed.doubtful and feed.id not in failed]:
            list_feed(round_, feed, audit=False)
            turns += 1
        if not turns:
            return
        for feed_id in round_.scope.feeds:
            if feed_id not in failed:
                follow(round_, feed_id)


def _learn_roots(round_: Round) -> None:
    drop_lost_roots(round_.scope, round_.mirror)
    told = [{**each, "hasAugmentedPermissions": True} if each.get("driveId") else each for each in round_.scope.roots.values()]
    roots = with_grants(round_.client, round_.mirror, told, audit=True)
    with round_.mirror.changing():
        for item in roots:
            put(round_.mirror, arrived(item, round_.mirror.items.get(item.id)))


def _mark_listed(round_: Round, failed: set[str]) -> None:
    """Below roots, a feed is listed to its end when no folder's children are unknown."""
    mirror = round_.mirror
    waiting = {round_.scope.feed_of(folder) for folder in mirror.unwalked()}
    with mirror.changing():
        for feed in round_.scope.feeds:
            known = mirror.feeds.get(feed)
            if known and not known.listed and feed not in waiting | failed and feed not in round_.scope.whole:
                mirror.put_feed(replace(known, listed=True))


def _ask_again(round_: Round, problems: list[str]) -> None:
    if left := ask_again(round_.client, round_.mirror, round_.scope.roots):
        problems.append(f"Drive did not say who may see {left} file(s); nobody may until the next sync asks again")


def _tried(problems: list[str], scope: Scope, feed: str | None, step: Callable[[], None]) -> bool:
    """Whether a step went through; where Drive did not let it, that is a problem and not the end."""
    try:
        step()
    except (Interrupted, Refused, TokenLost) as error:
        problems.append(f"{scope.name_of(feed)}: {error}" if feed else str(error))
        return False
    return True


def _whose(who: str, wanted: Wanted, endpoint: str | None) -> str:
    said = json.dumps([who.lower(), sorted(wanted.folder_ids), sorted(wanted.shared_drive_ids), endpoint])
    return sha256(said.encode()).hexdigest()[:24]
