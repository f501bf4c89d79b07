"""«Запросы»: saved searches by topic group, one with versions and figures, and the editor with lint and back-test."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from starlette.responses import RedirectResponse, Response

from crawler.accounts.roles import Permission
from crawler.console import rendering
from crawler.console.asked import Asked, Trouble
from crawler.console.draft import Told, draft_of, refusal_of, rule_text, told_of, topics_of, windows_of
from crawler.console.judging import judge, judged_of
from crawler.console.looking_back import SPANS, LookedBack, look_back
from crawler.console.query_line import coloured
from crawler.console.routing import NOWHERE, Page
from crawler.console.rule_form import BY, KINDS, MEANT, UNIT_NAMES, Fields, fields_given, fields_of, knowing, rule_of
from crawler.console.searches import NONE, figures_of, listed
from crawler.console.told import told
from crawler.model.city import SavedSearch
from crawler.model.errors import OtklikError, QueryError
from crawler.model.rules import Rule
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from search import saving
from search.engine import EngineDownError, EngineError
from search.query import parse_query
from search.saved import ACTIVE
from search.saving import ConflictError, FieldError, Version

_NO_SEARCH = Text("Такого запроса нет.", "There is no such saved search.")
_UNNAMED = Text("Новый запрос", "New search")
_BLANK = SavedSearch("", "", "", "", window=timedelta(days=3))


@dataclass(frozen=True)
class Work:
    """What has been done with a draft: nothing yet, or looked at, or refused."""

    draft: SavedSearch
    seen: int = 0
    dirty: bool = False
    refusal: OtklikError | None = None
    theirs: Version | None = None
    told: list[Told] | None = None
    looked: LookedBack | None = None
    days: int = 30
    fields: Fields | None = None

    @property
    def rule(self) -> Fields:
        """What stands in the fields of its rule."""
        return self.fields or fields_of(self.draft.rule)

    @property
    def wrong(self) -> str:
        """The name of the field that is wrong, "" where none is."""
        return self.refusal.field if isinstance(self.refusal, FieldError) else "q" if self.error else ""

    @property
    def error(self) -> QueryError | None:
        """What is wrong with its query, where that is what is wrong."""
        return self.refusal if isinstance(self.refusal, QueryError) else None


def _first(asked: Asked) -> Response:
    """The list, with the first one opened."""
    with asked.installation.database.read() as connection:
        groups = listed(connection, asked, asked.value("find")[:200].strip())
    if not groups:
        return _page(asked, None, Work(_BLANK))
    version = groups[0][1][0].version
    return _page(asked, version, Work(version.search, version.search.version))


def _one(asked: Asked) -> Response:
    with asked.installation.database.read() as connection:
        versions = saving.history(connection, asked.city, asked.path("search"))
    if not versions:
        raise Trouble(404, NOWHERE, _NO_SEARCH)
    number = asked.number("version", 1, 2**31 - 1, versions[0].search.version)
    shown = next((one for one in versions if one.search.version == number), versions[0])
    work = Work(shown.search, versions[0].search.version, dirty=shown is not versions[0])
    return _page(asked, versions[0], work)


def _new(asked: Asked) -> Response:
    """A blank editor, or one that begins with a query of the archive or with a copy of another search."""
    with asked.installation.database.read() as connection:
        like = saving.history(connection, asked.city, asked.value("like")) if asked.value("like") else ()
    begun = _BLANK
    if like:
        name = Text("{name}, копия", "{name}, copy").format(name=like[0].search.name)
        begun = replace(like[0].search, name=name[: saving.MOST_NAME])
    return _page(asked, None, Work(_named(begun, "", asked.value("q") or begun.query), dirty=True))


def _named(search: SavedSearch, id_: str, query: str) -> SavedSearch:
    return replace(search, id=id_, query=query, version=1, state=ACTIVE)


def _create(asked: Asked) -> Response:
    """Check or save a draft that is none yet."""
    with asked.installation.database.read() as connection:
        like = saving.history(connection, asked.city, asked.value("like")) if asked.value("like") else ()
    base = _named(like[0].search, "", "") if like else _BLANK
    return _worked(asked, base, None)


def _change(asked: Asked) -> Response:
    """Check a draft of one that is there, or save it as its next version; of one of the file, check only."""
    with asked.installation.database.read() as connection:
        versions = saving.history(connection, asked.city, asked.path("search"))
    if not versions:
        raise Trouble(404, NOWHERE, _NO_SEARCH)
    return _worked(asked, versions[0].search, versions[0])


def _judge(asked: Asked) -> Response:
    """What somebody says of an example. Without scripts the whole form came along: it is looked back with again."""
    with asked.installation.database.read() as connection:
        versions = saving.history(connection, asked.city, asked.path("search"))
    if not versions:
        raise Trouble(404, NOWHERE, _NO_SEARCH)
    latest = versions[0]
    post = judge(asked, latest)
    if not asked.by_script:
        return _worked(asked, latest.search, latest)
    base = f"/{asked.city.key}/saved"
    judged = judged_of(asked, latest, latest.search)
    return rendering.render(asked, "judged.html", base=base, latest=latest, post=post, judged=judged)


def _worked(asked: Asked, base: SavedSearch, latest: Version | None) -> Response:
    # A form of one of the file holds what the file says.
    of_people = latest is None or saving.is_of_people(base.id)
    rule, fields, refusal = _rule(asked) if of_people else (base.rule, None, None)
    draft = draft_of(asked, base, rule) if of_people else base
    seen = asked.number("seen", 0, 2**31 - 1, 0)
    days = asked.number("days", min(SPANS), max(SPANS), 30)
    # To look back with it takes no name; only what is saved has one.
    checks = asked.value("do") == "check" or bool(asked.value("judge"))
    named = replace(draft, name=draft.name or str(_UNNAMED)) if checks else draft
    refusal = refusal_of(asked, named) or refusal
    work = Work(draft, seen, dirty=True, refusal=refusal, days=days if days in SPANS else 30, fields=fields)
    if asked.value("do") == "save" and refusal is None:
        try:
            with asked.installation.database.begin() as connection:
                version = saving.save(
                    connection, asked.city, draft, seen, asked.user.name, at=asked.now, keys=asked.installation.keys
                )
            return RedirectResponse(f"/{asked.city.key}/saved/{version.search.id}?done=1", 303)
        except ConflictError as conflict:
            # The draft stays, and what it would be saved over is what they see now.
            latest = theirs = conflict.latest
            work = replace(work, refusal=conflict, theirs=theirs, seen=theirs.search.version)
        except FieldError as refused:
            work = replace(work, refusal=refused)
    work = replace(work, told=_linted(asked, draft))
    if checks and refusal is None:
        active = latest.search if latest and latest.state == ACTIVE else None
        try:
            work = replace(work, looked=look_back(asked, named, active, work.days))
        except OtklikError as failed:
            work = replace(work, refusal=failed)
    return _page(asked, latest, work, 409 if work.refusal else 200)


def _rule(asked: Asked) -> tuple[Rule, Fields, OtklikError | None]:
    fields = fields_given(asked)
    try:
        return rule_of(fields), fields, None
    except FieldError as error:
        return Rule(), fields, error


def _linted(asked: Asked, draft: SavedSearch) -> list[Told] | None:
    try:
        return told_of(asked, draft)
    except (EngineDownError, EngineError):
        # Words are looked up in the archive: without it nothing is remarked, and nothing said to be fine.
        return None


def _page(asked: Asked, latest: Version | None, work: Work, status: int = 200) -> Response:
    draft = work.draft
    values: dict[str, Any] = {
        "active": "saved",
        "latest": latest,
        "work": work,
        "draft": draft,
        "may_edit": asked.may(Permission.SEARCHES),
        "of_people": latest is None or saving.is_of_people(draft.id),
        "coloured": coloured,
        "understood": _understood(asked, draft.query),
        "doubtful": [one.remark.span for one in work.told or ()],
        "base": f"/{asked.city.key}/saved",
        "judged": judged_of(asked, latest, draft),
        "spans": SPANS,
        "rule_text": rule_text,
        "kinds": KINDS,
        "meant": MEANT,
        "counted_by": BY,
        "units": UNIT_NAMES,
        "knowing": knowing(),
        "done": asked.value("done") == "1" and asked.request.method == "GET",
    }
    if asked.by_script:
        return rendering.render(asked, "saved-checked.html", **values)
    with asked.installation.database.read() as connection:
        groups = listed(connection, asked, asked.value("find")[:200].strip())
        figures = figures_of(connection, asked).get(draft.id, NONE)
        versions = saving.history(connection, asked.city, latest.search.id) if latest else ()
    values |= {
        "groups": groups,
        "total": sum(len(some) for _, some in groups),
        "find": asked.value("find")[:200],
        "figures": figures,
        "versions": versions,
        "topics": topics_of(asked),
        "windows": windows_of(draft),
        "like": asked.value("like"),
    }
    return rendering.render(asked, "saved.html", status, **values)


def _understood(asked: Asked, text: str) -> str:
    try:
        return told(parse_query(text, platforms=PLATFORMS, names=asked.desk.names), asked.city) if text else ""
    except QueryError:
        return ""


def _switch(asked: Asked) -> Response:
    key = asked.path("search")
    with asked.installation.database.begin() as connection:
        saving.switch(
            connection,
            asked.city,
            key,
            asked.user.name,
            on=asked.value("on") == "yes",
            at=asked.now,
            keys=asked.installation.keys,
        )
    return RedirectResponse(f"/{asked.city.key}/saved/{key}?done=1", 303)


PAGES = (
    Page("GET", "/{city}/saved", _first),
    Page("GET", "/{city}/saved/new", _new, Permission.SEARCHES),
    Page("POST", "/{city}/saved/new", _create, Permission.SEARCHES),
    Page("GET", "/{city}/saved/{search}", _one),
    Page("POST", "/{city}/saved/{search}", _change, Permission.SEARCHES),
    Page("POST", "/{city}/saved/{search}/judge", _judge, Permission.SEARCHES),
    Page("POST", "/{city}/saved/{search}/state", _switch, Permission.SEARCHES),
)
