"""What is left of erased words in the state's files: free pages, gaps inside pages, the log. Looked for in raw bytes.

`python -m search.residue FILE` reads words as JSON from its standard input: an erasure looks in a process apart,
because closing the file in a process that has it open in SQLite would drop SQLite's locks.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import sqlalchemy as sa

from crawler.model.items import Post, Reading
from search.document import document_of
from search.engines.stream import lines
from search.engines.tables import DIGEST, is_prepared
from search.state.tables import post_versions

_CHUNK = 8 * 1024 * 1024
# Long enough to be nobody else's words, short enough to lie within one page.
_LENGTH = 40
_SHORTEST = 24
# What JSON writes in another way than it reads.
_WHOLE = re.compile(r'[^"\\\x00-\x1f]+')


def traces(post: Post) -> list[bytes]:
    """Stretches of a post's words as the tables hold them: of title and text in UTF-8, of the index's lines too."""
    found: list[bytes] = []
    for text in (post.title, post.text):
        found += [part.encode() for part in _stretches(text)]
    for line in lines(document_of(post, Reading())):
        found += [part.encode(code, "ignore") for part in _stretches(line) for code in ("utf-8", "cp1251")]
    return list(dict.fromkeys(part for part in found if part))


def _stretches(text: str) -> Iterable[str]:
    """The first, a middle and the last stretch of the longest part that is written as it is."""
    whole = max(_WHOLE.findall(text), key=len, default="")
    if len(whole) < _SHORTEST:
        return ()
    middle = max(0, len(whole) // 2 - _LENGTH // 2)
    return (whole[:_LENGTH], whole[middle : middle + _LENGTH], whole[-_LENGTH:])


def find(files: Sequence[Path], wanted: Sequence[bytes]) -> list[bytes]:
    """Those of the stretches that the files hold."""
    if not wanted:
        return []
    told = json.dumps([part.hex() for part in wanted]).encode()
    command = [sys.executable, "-m", "search.residue", *map(str, files)]
    folder = Path(__file__).parent.parent
    answer = subprocess.run(command, input=told, stdout=subprocess.PIPE, check=True, cwd=folder).stdout  # noqa: S603 - our own module
    return [bytes.fromhex(part) for part in json.loads(answer)]


def is_live(connection: sa.Connection, part: bytes) -> bool:
    """Whether a post that is still there has these words: somebody else's copy of the same text."""
    try:
        said = part.decode()
    except UnicodeDecodeError:
        said = ""
    holds = sa.func.instr(sa.cast(post_versions.c.content, sa.Text), said) > 0
    if said and connection.scalar(sa.select(post_versions.c.post).where(holds).limit(1)) is not None:
        return True
    if not is_prepared(connection):
        return False
    # One of another form has to be rebuilt, and is not called clean before that.
    ours = connection.exec_driver_sql("SELECT number FROM embedded_indexes WHERE digest = ?", (DIGEST,))
    return any(
        connection.exec_driver_sql(
            f"SELECT 1 FROM embedded_{number}_streams WHERE instr(stream, ?) OR instr(stream, ?) LIMIT 1",  # noqa: S608
            (part, said or None),
        ).first()
        for number in ours.scalars().all()
    )


def _look(path: Path, wanted: Sequence[bytes]) -> set[bytes]:
    found: set[bytes] = set()
    overlap = max(map(len, wanted)) - 1
    with path.open("rb") as file:
        kept = b""
        while chunk := file.read(_CHUNK):
            window = kept + chunk
            found.update(part for part in wanted if part not in found and part in window)
            kept = window[-overlap:]
    return found


def _main(files: Sequence[str]) -> None:
    wanted = [bytes.fromhex(part) for part in json.load(sys.stdin)]
    found = set().union(*(_look(Path(file), wanted) for file in files if Path(file).is_file()))
    sys.stdout.write(json.dumps([part.hex() for part in sorted(found)]))


if __name__ == "__main__":
    _main(sys.argv[1:])
