"""Erasing at a desk: whom or what a request means, and that nothing of it is left in index, files and tickets."""

import re
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.desk import Desk
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search import erasure, residue
from search.erasure import UNDER_WAY, Plan
from search.images.album import sweep
from search.redaction import Redacted, redactions
from search.state import erased
from search.state.backups import folders_of
from search.state.erased import Erasure
from search.state.values import value_of
from spiders.table_cells import identity

_PSEUDONYM = re.compile(r"[0-9a-f]{32}")
_VK = re.compile(r"(?:https?://)?(?:m\.)?vk\.(?:com|ru)/(id|club|public)(\d+)/?")
_SIGN = {"id": "", "club": "-", "public": "-"}
_GIVEN = frozenset({"given", "intake"})
_UNKNOWN = Text(
    "«{given}»: в городе {city} нет ни такой публикации, ни такого автора. Публикация: её id, как его показывают "
    "search и explain. Автор: псевдоним, vk.com/id123, ПЛАТФОРМА:ID, номер телефона, а если его не "
    "передали, имя, как оно было передано.",
    "“{given}”: {city} has neither such a post nor such an author. A post: its id as search and explain show it. An "
    "author: the pseudonym, vk.com/id123, PLATFORM:ID, the telephone number or, where none was given, the name.",
)

_UNTOLD = Text(
    "{folder}: туда не записать, что стёрто ({why}): копия оттуда вернула бы его. Когда папка доступна, повторите "
    "команду или сделайте туда otklik backup",
    "{folder}: what is erased cannot be noted there ({why}): a backup from there would bring it back. Once the folder "
    "can be written, repeat the command, or make an otklik backup into it",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an erasure did: rows by kind, tickets, whether the index and the files hold nothing any more, what stands in
    the way, and the earlier backups, which still hold it (what is restored from them is erased again).
    """

    removed: dict[str, int]
    tickets: tuple[Redacted, ...]
    index_clean: bool
    files_clean: bool
    errors: tuple[str, ...]
    backups: tuple[Path, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do, but for what people have to do."""
        return self.index_clean and self.files_clean


def plan_of(desk: Desk, given: Sequence[str], *, with_comments: bool) -> Plan:
    """What is meant by ids of posts and names of authors. OtklikError for one that the city does not know."""
    ids: list[str] = []
    authors: list[str] = []
    with desk.database.read() as connection:
        for one in given:
            if erasure.is_known(connection, desk.city.key, one):
                ids.append(one)
                continue
            found = [key for key in _pseudonyms(desk, one) if erasure.is_author(connection, desk.city.key, key)]
            if not found:
                raise OtklikError(_UNKNOWN.filled(given=one, city=desk.city.name))
            authors += found
        return erasure.plan(connection, desk.city, ids, list(dict.fromkeys(authors)), with_comments=with_comments)


def _pseudonyms(desk: Desk, given: str) -> list[str]:
    """The pseudonyms that a person may have by what is said of them."""
    if _PSEUDONYM.fullmatch(given):
        return [given]
    if vk := _VK.fullmatch(given):
        names = [("vk", f"vk:{_SIGN[vk[1]]}{vk[2]}"), ("vk", f"{_SIGN[vk[1]]}{vk[2]}")]
    else:
        platform, _, who = given.partition(":")
        known = {source.platform for source in desk.sources.values()} | _GIVEN
        names = [(one, said) for one in sorted(known) for said in _spellings(given)]
        if who:
            # The ids of calls and of rows of tables begin with "given:" alike.
            platforms = sorted(_GIVEN) if platform in _GIVEN else [platform]
            names += [(one, said) for one in platforms for said in _spellings(who)]
    return [desk.keys.pseudonym("author", desk.city.key, platform, who) for platform, who in names]


def _spellings(who: str) -> set[str]:
    """As it is written, and as calls and tables know a person: a telephone number in any form, a name in any case."""
    return {who, identity(who)}


def erase(
    desk: Desk, wanted: Plan, who: str, why: str, seconds: float, done: Callable[[int], None] = lambda _: None
) -> Outcome:
    """Carry a plan out to its end: rows, index, tickets, files. Begun again after a crash it goes on."""
    with desk.database.read() as connection:
        cut_off = value_of(connection, UNDER_WAY + desk.city.key) is not None
        folders = folders_of(connection)
        # Whatever is asked for now: in the end nothing says any more that another one did not end.
        wanted = erasure.resumed(connection, desk.city, wanted) if cut_off else wanted
    marked = erasure.marks_of(desk.city, wanted, desk.clock.now(), why)
    untold = _tell(folders, marked)
    removed = erasure.carry_out(
        desk.database,
        desk.city,
        desk.keys,
        desk.clock,
        desk.projection,
        wanted,
        who,
        why,
        [desk.database.where.parent],
        done,
    )
    with desk.database.read() as connection:
        # A backup that was made meanwhile may have a folder of its own.
        new = [folder for folder in folders_of(connection) if folder not in folders]
    untold += _tell(new, marked)
    sweep(desk.database, desk.album, desk.city.key)
    errors = desk.drain(seconds).errors
    index_clean, error = purge(desk)
    traces = [part for version in wanted.versions for part in residue.traces(version)]
    files_clean = scrub(desk, traces, thorough=cut_off)
    if index_clean and files_clean:
        erasure.finish(desk.database, desk.city.key)
        files_clean = desk.database.scrub()
    tickets = redactions(desk.database, desk.city, desk.secrets, wanted.posts)
    said = (*untold, *errors, *([error] if error else []))
    earlier = tuple(path for folder in (*folders, *new) if folder.is_dir() for path in sorted(folder.glob("*.zip")))
    return Outcome(dict(removed), tuple(tickets), index_clean, files_clean, said, earlier)


def _tell(folders: Sequence[Path], marked: Sequence[Erasure]) -> list[str]:
    """Write into the folders of backups what is erased; which could not be written, and what that means."""
    untold = []
    for folder in folders:
        try:
            erased.add(folder, marked)
        except OSError as error:
            untold.append(str(_UNTOLD.filled(folder=folder, why=error.strerror or error)))
    return untold


def purge(desk: Desk) -> tuple[bool, str]:
    """Let the index hold nothing of what was taken out; whether it does, and why it does not."""
    try:
        return desk.purge(), ""
    except OtklikError as error:
        return False, str(error)


def scrub(desk: Desk, traces: Collection[bytes], *, thorough: bool = False) -> bool:
    """Let the state's files hold nothing of these words: the log is emptied, and where something is left in a gap of
    a page the file is written anew (`thorough`: in any case).
    """
    database = desk.database
    if thorough:
        database.compact()
    clean = _emptied(desk)
    if clean and _left(desk, traces):
        database.compact()
        clean = _emptied(desk) and not _left(desk, traces)
    return clean


def _emptied(desk: Desk) -> bool:
    """Whether the log could be emptied; a reader that began before is waited for."""
    for _ in range(_TRIES):
        if desk.database.scrub():
            return True
        time.sleep(_PAUSE)
    return False


_TRIES = 3
_PAUSE = 1.0


def _left(desk: Desk, traces: Collection[bytes]) -> bool:
    file = desk.database.where
    found = residue.find([file, Path(f"{file}-wal")], list(traces))
    with desk.database.read() as connection:
        return any(not residue.is_live(connection, part) for part in found)
