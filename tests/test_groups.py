"""Memberships of several sources are one: whoever can be reached through them belongs, and nobody else."""

from hypothesis import given
from hypothesis import strategies as st

from server.groups import ListedGroups, belonging, memberships

NAMES = [f"group:g{number}" for number in range(6)]
EDGES = st.lists(st.tuples(st.sampled_from(["user:u", "domain:d", *NAMES]), st.sampled_from(NAMES)), max_size=12)


def listed(counting: list[tuple[str, str]], suspended: list[tuple[str, str]]) -> ListedGroups:
    return ListedGroups(holding(counting), holding(suspended), frozenset(NAMES))


def holding(edges: list[tuple[str, str]]) -> dict[str, frozenset[str]]:
    return {member: frozenset(group for one, group in edges if one == member) for member, _ in edges}


def reached(start: set[str], edges: list[tuple[str, str]]) -> set[str]:
    """Who can be reached, found out the slow way."""
    for _ in NAMES:
        start = start | {group for member, group in edges if member in start}
    return start


@given(EDGES, EDGES, EDGES, st.sets(st.sampled_from(["user:u", "domain:d", *NAMES])))
def test_somebody_belongs_to_what_can_be_reached_through_all_sources_together(
    file: list[tuple[str, str]], told: list[tuple[str, str]], suspended: list[tuple[str, str]], start: set[str]
) -> None:
    sources = {"file": listed(file, []), "directory": listed(told, suspended)}
    certain, possible = reached(start, file + told), reached(start, file + told + suspended)
    assert belonging(sources.values(), frozenset(start)) == certain
    assert belonging(sources.values(), frozenset(start), even_suspended=True) == possible
    found = memberships(sources, frozenset(start))
    assert len({each.group for each in found}) == len(found)
    assert [each.suspended for each in found] == sorted(each.suspended for each in found)
    assert {each.group for each in found if not each.suspended} == certain - start
    assert {each.group for each in found} == possible - start
    assert all(each.through in possible for each in found)
