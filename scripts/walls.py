"""`muniment walls`: the ethical walls as they are understood."""

from pathlib import Path
from typing import Annotated

import typer

from scripts.authorities import sources_of, walls_file
from scripts.options import Data
from scripts.settings import load_settings


def walls(
    file: Annotated[Path | None, typer.Argument(help="Check this file instead of the one in force.")] = None, data: Data = None
) -> None:
    """Check the files of ethical walls and of groups, and say who is kept out of what."""
    from server.errors import RulesUnusable
    from server.walls import WallRules, read_walls
    from server.watched import Watched

    settings = load_settings(data_dir=data)
    if file and not file.is_file():
        raise RulesUnusable(f"{file}: there is no such file")
    rules = Watched(file or walls_file(settings), read_walls, WallRules(walls=())).now()
    known = {group for source in sources_of(settings).values() for group in source.groups}
    for rule in rules.walls:
        print(
            f"{rule.name}: keeps out {', '.join(rule.keep_out)}" + (f" but for {', '.join(rule.let_in)}" if rule.let_in else "")
        )
        for kind in ("documents", "folders", "parties"):
            if hidden := getattr(rule, kind):
                print(f"  {kind}: {', '.join(hidden)}")
        for group in sorted({name for name in (*rule.keep_out, *rule.let_in) if name.startswith("group:")} - known):
            print(f"  {group} is in no file: its members are whom the tokens and keys say")
    print(f"{len(rules.walls)} walls")
