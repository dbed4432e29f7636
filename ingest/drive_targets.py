"""What shortcuts lead to outside the scope: asked at every sync, since no feed tells who may see it by the folders above it."""

from dataclasses import replace

from ingest import drive_questions as questions
from ingest.drive_forms import Answer
from ingest.drive_grants import with_grants
from ingest.drive_mirror import Mirror
from ingest.drive_records import FOLDER
from ingest.google_client import GoogleClient


def learn_targets(client: GoogleClient, mirror: Mirror) -> None:
    """Ask for the files outside the scope that shortcuts lead to. Raises Refused, Interrupted."""
    wanted = {
        item.target: item.key
        for item in mirror.shortcuts()
        if item.target and item.target not in mirror.items and item.target_mime != FOLDER
    }
    told = dict(zip(wanted, client.side_by_side(lambda pair: questions.file(client, *pair), wanted.items()), strict=True))
    there = [_with_all(each) for each in told.values() if each and not each.get("trashed")]
    found = {item.id: item for item in with_grants(client, mirror, there, audit=True)}
    with mirror.changing():
        for target in mirror.targets.keys() - wanted.keys():
            mirror.remove_target(target)
        for target, key in wanted.items():
            item = found.get(target)
            mirror.put_target(target, replace(item, key=key or item.key) if item else None)


def _with_all(told: Answer) -> Answer:
    # What a file in a shared drive inherits counts too, and is told by its own list alone.
    return {**told, "hasAugmentedPermissions": True} if told.get("driveId") else told
