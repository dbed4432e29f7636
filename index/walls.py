"""Ethical walls: documents that somebody may not see whoever granted it, by their ids, folders and parties."""

from dataclasses import dataclass

from index.kinds import tokens_of
from index.names import name_key
from index.records import File
from index.selecting import in_folder


@dataclass(frozen=True, slots=True)
class Wall:
    """What lies behind it: documents by id, all that lies in folders, and the contracts with parties.

    A folder is named by its path, its own name or the end of its path, as in a question. A party is named as a
    person would; a contract is with it where it was read as one of the parties, under any spelling that a question would find, or
    where the file's name, the folder or the title has all words of the name.
    """

    documents: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()

    def hides(self, file: File) -> bool:
        """Whether a file of which nothing was read lies behind it."""
        places = f"{file.name}\n{file.folder}"
        return (
            file.id in self.documents
            or any(in_folder(folder, file.folder) for folder in self.folders)
            or any(party_named(party, places) for party in self.parties)
        )


def party_named(party: str, text: str) -> bool:
    """Whether a text, a line a name or title, has all words of a party's name."""
    asked = set(name_key(party).split())
    return bool(asked) and asked <= {
        *map(name_key, tokens_of(text)),
        *(word for line in text.split("\n") for word in name_key(line).split()),
    }
