"""What a post tells of, for stories (search/stories.py), and whether it is news or what a resident wrote."""

from collections.abc import Mapping

from crawler.model.city import Source, SourceRole
from crawler.model.items import AuthorRole, Kind
from pipelines.draft import Draft
from search.state import archive, stories
from search.state.archive import published
from search.state.chunks import CHUNK
from search.state.database import Database
from search.state.stories import Telling
from search.stories import profile_of

_AUTHORS = frozenset({AuthorRole.OFFICIAL, AuthorRole.MEDIA})
_SOURCES = frozenset({SourceRole.OFFICIAL, SourceRole.MEDIA})


def telling_of(draft: Draft) -> Telling:
    """What a post tells of, and when."""
    post = draft.post
    return Telling(published(post), _is_news(draft), profile_of(post.title, post.text, draft.words()))


def _is_news(draft: Draft) -> bool:
    """An article, what an authority or a medium wrote, or a post of its wall; comments below are residents'."""
    post = draft.post
    if post.kind is Kind.ARTICLE or (post.author is not None and post.author.role in _AUTHORS):
        return True
    return post.kind is Kind.POST and draft.source.role in _SOURCES


def tell_anew(database: Database, city: str, sources: Mapping[str, Source]) -> None:
    """Find the stories of all posts of a city anew, as today's rules have it, a short transaction for every few
    hundred. What it changes no engine is told: the rebuild that follows tells it everything.
    """
    with database.read() as connection:
        last, end = "", archive.last_id(connection, city)
    while True:
        with database.begin() as connection:
            ids = archive.ids_between(connection, city, last, end, CHUNK)
            if not ids:
                return
            loaded = archive.load(connection, city, ids).values()
            stories.forget(connection, city, ids)
            known = [one.post for one in loaded if one.post.source in sources]
            stories.keep(connection, city, {one.id: telling_of(Draft(sources[one.source], one)) for one in known})
        last = ids[-1]
