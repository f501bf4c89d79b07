"""Posts: their versions, payloads, authors, readings, what waits for the index, and what was erased."""

import sqlalchemy as sa

from search.state.tables.base import Instant, metadata, number

posts = sa.Table(
    "posts",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("parent", sa.Text, nullable=False),
    sa.Column("thread", sa.Text, nullable=False),
    # The post that one answers outside of any thread, "" for none.
    sa.Column("answers", sa.Text, nullable=False, server_default=""),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("published_at", Instant, nullable=False),
    sa.Column("first_seen_at", Instant, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    # Hash of the folded text, "" where the text is too short to call two of them copies.
    sa.Column("copy_key", sa.Text, nullable=False),
    sa.Column("gone_at", Instant),
    # Holds all that is asked of it: the earliest of a group of copies is found without reading the posts.
    sa.Index("posts_by_copy", "city", "copy_key", "published_at", "id"),
    sa.Index("posts_by_source", "city", "source", "published_at"),
    sa.Index("posts_by_author", "city", "author"),
    sa.Index("posts_by_time", "city", "published_at"),
    sa.Index("posts_by_thread", "city", "thread"),
    sa.Index("posts_by_answers", "city", "answers"),
)

# The texts of posts that are long enough, by copy key: what near-copies are looked for with.
copy_texts = sa.Table(
    "copy_texts",
    metadata,
    number(),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("copy_key", sa.Text, nullable=False),
    # Its sketch (search/sketches.py); empty where it is of an earlier make and waits to be made anew.
    sa.Column("bands", sa.LargeBinary, nullable=False),
    sa.Index("copy_texts_by_key", "city", "copy_key", unique=True),
    # A number is never given twice: what a process has read of this table it does not read again.
    sqlite_autoincrement=True,
)

# Of each city the file with the bands of all texts but the latest (search/state/band_files.py).
copy_indexes = sa.Table(
    "copy_indexes",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)

# Both ways, and each text beside itself once it has a neighbour.
near_copies = sa.Table(
    "near_copies",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("copy_key", sa.Text, primary_key=True),
    sa.Column("near_key", sa.Text, primary_key=True),
    # Jaccard of their shingles.
    sa.Column("score", sa.Float, nullable=False),
    sa.Index("near_copies_back", "city", "near_key"),
    sqlite_with_rowid=False,
)

post_versions = sa.Table(
    "post_versions",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    # The whole Post without raw and without the author's personal data.
    sa.Column("content", sa.JSON, nullable=False),
)

payloads = sa.Table(
    "payloads",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    # Compressed, then sealed with the installation's key: what a platform answered holds names and ids.
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

observations = sa.Table(
    "observations",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("views", sa.BigInteger),
    sa.Column("likes", sa.BigInteger),
    sa.Column("reposts", sa.BigInteger),
    sa.Column("comments", sa.BigInteger),
    sa.Column("present", sa.Boolean, nullable=False),
)

authors = sa.Table(
    "authors",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    # The platform's own id and the name shown there, sealed together.
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)

readings = sa.Table(
    "readings",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    # The whole Reading but for `copy_of` and `story`, which search/state/copies.py and stories.py look up.
    sa.Column("content", sa.JSON, nullable=False),
)

tombstones = sa.Table(
    "tombstones",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
)

erased_authors = sa.Table(
    "erased_authors",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    # The pseudonym: without the installation's key it leads to nobody.
    sa.Column("author", sa.Text, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
)

index_queue = sa.Table(
    "index_queue",
    metadata,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("city", sa.Text, nullable=False),
    sa.Column("post", sa.Text, nullable=False),
    # "put" reads the current version and reading when it is fed; "delete" takes the post out of the engine.
    sa.Column("action", sa.Text, nullable=False),
    sa.Index("queue_by_city", "city", "seq"),
    # A seq is never given twice, also after the queue was emptied: it is the external version in Elasticsearch.
    sqlite_autoincrement=True,
)

# Posts that the engine will not take as they are. Apart from the queue, which may hold all there are.
index_refused = sa.Table(
    "index_refused",
    metadata,
    sa.Column("city", sa.Text, primary_key=True),
    sa.Column("post", sa.Text, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
)
