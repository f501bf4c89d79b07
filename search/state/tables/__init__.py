"""The tables of an installation. Every city's row carries `city`; a post is (city, post id).

Times are stored by `Instant` as microseconds and come back aware and in UTC. JSON columns hold the records of
crawler/model as search/state/records.py writes them.
"""

from search.state.tables.base import Instant, metadata
from search.state.tables.counting import rule_alarms, rule_hits, rule_slots, rule_terms, source_watch
from search.state.tables.media import images
from search.state.tables.operation import (
    article_drifts,
    article_reads,
    checkpoints,
    installation,
    source_days,
    source_health,
    token_calls,
    token_paces,
    token_rests,
)
from search.state.tables.people import sessions, sign_in_failures, users
from search.state.tables.posts import (
    authors,
    copy_indexes,
    copy_texts,
    erased_authors,
    index_queue,
    index_refused,
    near_copies,
    observations,
    payloads,
    post_versions,
    posts,
    readings,
    tombstones,
)
from search.state.tables.stories import apart, story_links, story_members, story_texts
from search.state.tables.work import (
    act_incidents,
    acts,
    deliveries,
    events,
    examples,
    incidents,
    matches,
    notes,
    reports,
    searches,
)

__all__ = [
    "Instant",
    "act_incidents",
    "acts",
    "apart",
    "article_drifts",
    "article_reads",
    "authors",
    "checkpoints",
    "copy_indexes",
    "copy_texts",
    "deliveries",
    "erased_authors",
    "events",
    "examples",
    "images",
    "incidents",
    "index_queue",
    "index_refused",
    "installation",
    "matches",
    "metadata",
    "near_copies",
    "notes",
    "observations",
    "payloads",
    "post_versions",
    "posts",
    "readings",
    "reports",
    "rule_alarms",
    "rule_hits",
    "rule_slots",
    "rule_terms",
    "searches",
    "sessions",
    "sign_in_failures",
    "source_days",
    "source_health",
    "source_watch",
    "story_links",
    "story_members",
    "story_texts",
    "token_calls",
    "token_paces",
    "token_rests",
    "tombstones",
    "users",
]
