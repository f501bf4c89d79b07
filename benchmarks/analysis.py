"""CPU time of tokens and lemmas: microseconds a post, unseen and seen.

    python -m benchmarks.analysis POSTS.jsonl[.gz] [--limit N]

A line is an object with `text`, or with `messages` whose first has one. «cold» is the first pass over the posts from
empty caches, «cold, second half» the posts after the first half, «warm» the best of six further passes over 2,000.
"""

import argparse
import gzip
import json
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from search.analysis import analyze, query_lemmas

WARM = 2000


def texts(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            row: dict[str, Any] = json.loads(line)
            first = row["messages"][0] if "messages" in row else row
            yield first if isinstance(first, str) else first["text"]


def microseconds(posts: list[str]) -> float:
    start = time.process_time()
    for post in posts:
        analyze("", post)
    return (time.process_time() - start) / len(posts) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("posts", type=Path)
    parser.add_argument("--limit", type=int, default=30_000)
    given = parser.parse_args()
    posts = list(islice(texts(given.posts), given.limit))
    analyze("", "вода")  # the dictionary itself loads once a process
    half = len(posts) // 2
    first, second = microseconds(posts[:half]), microseconds(posts[half:])
    warm = min(microseconds(posts[:WARM]) for _ in range(6))
    tokens = sum(len(analyze("", post)) for post in posts[:WARM]) / min(WARM, len(posts))
    start = time.process_time()
    words = {token.surface for post in posts[:200] for token in analyze("", post)}
    sizes = [len(query_lemmas(word)) for word in sorted(words)]
    expanding = (time.process_time() - start) / len(words) * 1e6
    print(f"posts {len(posts)}, {tokens:.1f} tokens a post")
    print(f"cold {(first + second) / 2:.1f} us a post; cold, second half {second:.1f} us")
    print(f"warm {warm:.1f} us a post")
    mean = sum(sizes) / len(sizes)
    print(f"query words {len(words)}: {mean:.2f} lemma keys each, at most {max(sizes)}; {expanding:.0f} us a word")


if __name__ == "__main__":
    main()
