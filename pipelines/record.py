"""Record: the last step, and the one commit story. A batch is one transaction: posts, what they mean, and cursors."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from crawler.model.city import City
from crawler.model.crawled import Checkpoint, Gone, Skipped, Window
from crawler.model.items import Post
from crawler.model.ports import Clock, Keys
from pipelines.draft import Draft
from pipelines.held import Held
from pipelines.judging import judge
from pipelines.telling import telling_of
from search.document import Document, document_of
from search.images import rows as images
from search.likeness import folded
from search.retention import is_past, roles_of
from search.state import apart, archive, copies, marks, near, stories
from search.state.archive import Current
from search.state.database import Database
from search.state.failures import StateError, explain

logger = logging.getLogger(__name__)

Other = Checkpoint | Window | Gone | Skipped


class Projection(Protocol):
    """What keeps the index in step (search/feeder.py)."""

    def changed(self, connection: sa.Connection, documents: Sequence[Document]) -> None:
        """These are the current documents of their posts now."""
        ...


class Noticing(Protocol):
    """What raises incidents (search/noticing.py)."""

    def notice(self, connection: sa.Connection, documents: Sequence[Document], at: datetime) -> object:
        """Keep what these new, changed or re-read posts mean to the saved searches."""
        ...


class Threads(Protocol):
    """What places the posts of threads (pipelines/places.py)."""

    def placed_anew(self, connection: sa.Connection, stored: Sequence[Draft]) -> list[Draft]:
        """The stored posts whose places are others now that these versions are stored, too."""
        ...


class Record:
    """Commits the batches of one pass, one at a time. `gone` counts the posts that it marked as gone. Without `threads`
    a post that comes late places no others anew.
    """

    def __init__(
        self,
        city: City,
        database: Database,
        keys: Keys,
        clock: Clock,
        projection: Projection,
        noticing: Noticing,
        threads: Threads | None = None,
    ) -> None:
        self.city = city
        self.database = database
        self.keys = keys
        self.clock = clock
        self.projection = projection
        self.noticing = noticing
        self.threads = threads
        self.gone = 0
        self._platforms = {source.key: source.platform for source in city.sources}
        self._roles = roles_of(city)
        self._held = Held()

    def commit(self, drafts: Sequence[Draft], items: Sequence[Other]) -> Sequence[Draft]:
        """Commit drafts and the spider's other items together; every draft comes back with an outcome.

        Raises StateError when the database itself fails: then nothing of the batch was kept and it may be given again.
        A post that cannot be stored is rejected as `error`, and its neighbours are stored.
        """
        if not drafts and not items:
            return []
        try:
            return self._commit(drafts, items, self._store)
        except StateError:
            raise
        except Exception:
            logger.info("a batch of %d posts failed as a whole and is stored post by post", len(drafts), exc_info=True)
        return self._commit(drafts, items, self._store_singly)

    def _commit(
        self,
        drafts: Sequence[Draft],
        items: Sequence[Other],
        store: Callable[[sa.Connection, Sequence[Draft]], list[Draft]],
    ) -> Sequence[Draft]:
        decided = [draft.post.id for draft in drafts]
        arrived = [item for item in items if isinstance(item, Checkpoint)]
        ready = self._held.ready(decided, arrived)
        now = self.clock.now()
        near.prepare(self.database, self.city.key)
        with self.database.begin() as connection:
            finished = store(connection, drafts)
            gone = self._mark_gone(connection, items, now)
            for checkpoint in ready:
                marks.move_cursor(connection, self.city.key, checkpoint.source, checkpoint.cursor, now)
        self._held.settle(decided, arrived, ready)
        self.gone += gone
        return finished

    def _mark_gone(self, connection: sa.Connection, items: Sequence[Other], now: datetime) -> int:
        city = self.city.key
        marked = 0
        for item in items:
            if isinstance(item, Window):
                missing = marks.missing(connection, city, item, self._platforms.get(item.source, ""))
                marked += marks.mark_gone(connection, city, missing, item.seen_at or now)
            elif isinstance(item, Gone):
                marked += marks.mark_gone(connection, city, [item.post], item.seen_at)
        return marked

    def _store_singly(self, connection: sa.Connection, drafts: Sequence[Draft]) -> list[Draft]:
        finished = []
        for draft in drafts:
            try:
                with connection.begin_nested():
                    finished += self._store(connection, [draft])
            except Exception as error:
                if isinstance(error, StateError) or explain(error, self.database.where) is not None:
                    raise
                logger.exception("post %r of %s cannot be stored; it is rejected", draft.post.id, draft.source.key)
                finished.append(draft.rejected("error"))
        return finished

    def _store(self, connection: sa.Connection, drafts: Sequence[Draft]) -> list[Draft]:
        city, now = self.city.key, self.clock.now()
        ids = [draft.post.id for draft in drafts if draft.outcome is None]
        stored = archive.current(connection, city, ids)
        drafts = [self._timely(draft, draft.post.id in stored, now) for draft in drafts]
        alone = apart.alone(connection, city, ids)
        drafts = [replace(draft, copy_key="") if draft.post.id in alone else draft for draft in drafts]
        judged = judge(drafts, stored, self._erased(connection, drafts, ids), self._platforms)
        seen = [one.draft.post for one in judged if one.stored]
        archive.observe(connection, city, seen)
        images.refresh(connection, city, [post for post in seen if _is_latest(post, stored.get(post.id))], now)
        marks.mark_present(connection, city, [post.id for post in seen if _is_back(post, stored.get(post.id))])

        written = [one.draft for one in judged if one.versioned or one.reread]
        # The last of what is written of a post is its current version: re-reading stops at the first new one.
        texts = {draft.copy_key: folded(draft.post.title, draft.post.text) for draft in written if draft.copy_key}
        with copies.watched(connection, city, {draft.post.id for draft in written}, texts) as watch:
            archive.put_current(connection, city, written)
        tellings = {draft.post.id: telling_of(draft) for draft in written}
        retold = stories.keep(connection, city, tellings)
        of = stories.story_ids(connection, city, tellings)
        versions = [_marked(one.draft, watch, of.get(one.draft.post.id, "")) for one in judged if one.versioned]
        reread = [one.draft for one in judged if one.reread]
        archive.store(connection, city, self.keys, versions, now)
        archive.read(connection, city, reread, now)
        anew = self._placed_anew(connection, [*versions, *reread], now)
        versions = [anew.pop((one.post.id, one.post.version), one) for one in versions]
        reread += anew.values()

        made = {version.post.id for version in versions}
        touched = [draft.post.id for draft in reread if draft.post.id not in made]
        self._tell(connection, versions, [*touched, *sorted(watch.others)], now)
        self._retell(connection, retold - made - watch.others - set(touched))
        return [one.draft for one in judged]

    def _placed_anew(
        self, connection: sa.Connection, stored: Sequence[Draft], now: datetime
    ) -> dict[tuple[str, int], Draft]:
        """By id and version the posts that these versions place anew, as they are stored now."""
        anew = self.threads.placed_anew(connection, stored) if self.threads else []
        archive.read(connection, self.city.key, anew, now)
        return {(one.post.id, one.post.version): one for one in anew}

    def _timely(self, draft: Draft, known: bool, now: datetime) -> Draft:
        """Rejected when it is new and past the city's retention already: it would go again at once."""
        past = draft.outcome is None and not known and is_past(self.city, self._roles, draft.post, now)
        return draft.rejected("past retention") if past else draft

    def _erased(self, connection: sa.Connection, drafts: Sequence[Draft], ids: Sequence[str]) -> set[str]:
        """The posts that were erased before, and those of authors who were; their words forwarded by others too."""
        city = self.city.key
        authors = {draft.post.id: authors_of(draft.post) for draft in drafts if draft.outcome is None}
        refused = marks.refused_authors(connection, city, {key for keys in authors.values() for key in keys})
        by_them = {id_ for id_, keys in authors.items() if keys & refused} if refused else set()
        return marks.buried(connection, city, ids) | by_them

    def _tell(
        self, connection: sa.Connection, versions: Sequence[Draft], touched: Sequence[str], now: datetime
    ) -> None:
        """Index and match new versions, and stored posts that were read anew or whose original changed."""
        documents = [document_of(version.post, version.reading, version.tokens) for version in versions]
        documents += archive.documents(connection, self.city.key, touched).values()
        if documents:
            # An index holds current versions only; the saved searches are asked about every one, as if each had come
            # in a batch of its own.
            self.projection.changed(connection, list({document.id: document for document in documents}.values()))
            self.noticing.notice(connection, documents, now)

    def _retell(self, connection: sa.Connection, ids: set[str]) -> None:
        """Index stored posts whose story is another now: nothing of themselves changed, so no saved search is asked."""
        if ids:
            self.projection.changed(
                connection, list(archive.documents(connection, self.city.key, sorted(ids)).values())
            )


def _marked(draft: Draft, watch: copies.Watch, story: str) -> Draft:
    """The draft, its reading naming the post that it copies and the story that it is of."""
    copy_of = watch.copy_of(draft.copy_key, archive.published(draft.post), draft.post.id)
    if not copy_of and not story:
        return draft
    return replace(draft, reading=replace(draft.reading, copy_of=copy_of, story=story))


def _is_latest(post: Post, known: Current | None) -> bool:
    """Whether it was fetched after all that is stored of a known post: what it shows is how things are now."""
    return known is not None and post.seen_at >= known.seen_at


def authors_of(post: Post) -> set[str]:
    """The pseudonyms of whoever wrote a post and of the person it was forwarded from."""
    return {one.key for one in (post.author, post.forwarded_from) if one and one.key}


def _is_back(post: Post, known: Current | None) -> bool:
    """Whether it was seen after it was found to be gone: what was fetched before that says nothing."""
    return known is not None and known.gone_at is not None and post.seen_at >= known.gone_at
