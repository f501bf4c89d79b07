"""The Elasticsearch percolator 7.17 on the same queries and posts (a JDK from 11 to 21 and Maven are needed).

The core server of Maven Central has no percolator; its module is there as a jar and is put beside the others.
"""

import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.matching.lucene import Figures, fetched
from benchmarks.matching.neutral import Json
from tests.servers.elasticsearch_node import free_port

VERSION = "7.17.29"
BATCH = 100
_TICK = os.sysconf("SC_CLK_TCK")
_JAVA = ("21", "17", "11")
_STARTING_SECONDS = 120
_DESCRIPTOR = """\
description=Percolator module
version={version}
name=percolator
classname=org.elasticsearch.percolator.PercolatorPlugin
java.version=1.8
elasticsearch.version={version}
"""
_WORDS = {"type": "text", "analyzer": "whitespace"}
_INDEX = {
    "settings": {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "-1"},
    "mappings": {
        "properties": {
            "query": {"type": "percolator"},
            "lemma": _WORDS,
            "surface": _WORDS,
            **{name: {"type": "keyword"} for name in ("street", "house", "district")},
            "points": {"type": "geo_point"},
        }
    },
}


def measure(
    queries: Iterable[tuple[str, Json]], warm: Sequence[Json], posts: Sequence[Json], *, repeated: int
) -> Figures:
    """Start the server, load it and ask. CPU time is that of the whole server process."""
    with _server() as node:
        loaded = _load(node, list(queries))
        ready, measured = [_source(post) for post in warm], [_source(post) for post in posts]
        for some in (ready, ready):
            _ask(node, some, 1)
            _ask(node, some, BATCH)
        single = min(node.spent(lambda: _ask(node, measured, 1)) for _ in range(repeated))
        batch = min(node.spent(lambda: _ask(node, measured, BATCH)) for _ in range(repeated))
        pairs = _ask(node, measured, 1)
    return Figures(loaded, single * 1e6 / len(posts), batch * 1e6 / len(posts), pairs)


class _Node:
    def __init__(self, url: str, process: subprocess.Popen[bytes]) -> None:
        self.url = url
        self.process = process

    def call(self, method: str, path: str, body: bytes = b"") -> Any:
        headers = {"Content-Type": "application/x-ndjson" if path.endswith("_bulk") else "application/json"}
        request = urllib.request.Request(self.url + path, body or None, headers, method=method)
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.load(answer)

    def spent(self, work: Callable[[], object]) -> float:
        """CPU seconds of the server while something is asked of it."""
        before = self._cpu()
        work()
        return self._cpu() - before

    def _cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK


def _load(node: _Node, queries: Sequence[tuple[str, Json]]) -> float:
    node.call("PUT", "/searches", json.dumps(_INDEX).encode())

    def put() -> None:
        for at in range(0, len(queries), 1000):
            rows = (
                json.dumps({"index": {"_id": key}}) + "\n" + json.dumps({"query": _dsl(query)}, ensure_ascii=False)
                for key, query in queries[at : at + 1000]
            )
            answer = node.call("POST", "/searches/_bulk", ("\n".join(rows) + "\n").encode())
            if answer["errors"]:
                raise SystemExit(f"a query was refused: {json.dumps(answer)[:2000]}")

    seconds = node.spent(put)
    node.call("POST", "/searches/_forcemerge?max_num_segments=1")
    node.call("POST", "/searches/_refresh")
    return seconds * 1e6 / len(queries)


def _ask(node: _Node, posts: Sequence[Json], batch: int) -> frozenset[tuple[int, str]]:
    found: set[tuple[int, str]] = set()
    for start in range(0, len(posts), batch):
        some = posts[start : start + batch]
        percolate: Json = (
            {"field": "query", "documents": some} if batch > 1 else {"field": "query", "document": some[0]}
        )
        body = {
            "query": {"constant_score": {"filter": {"percolate": percolate}}},
            "size": 10_000,
            "_source": False,
            "fields": ["_percolator_document_slot"],
            "sort": ["_doc"],
        }
        answer = node.call("POST", "/searches/_search", json.dumps(body, ensure_ascii=False).encode())
        for hit in answer["hits"]["hits"]:
            for slot in hit["fields"]["_percolator_document_slot"]:
                found.add((start + slot, hit["_id"]))
    return frozenset(found)


def _source(post: Json) -> Json:
    return {**post, "points": [{"lat": lat, "lon": lon} for lat, lon in post["points"]]}


def _dsl(query: Json) -> Json:  # noqa: PLR0911 - one line for each kind of node
    ((name, value),) = query.items()
    match name:
        case "any_of":
            return {"terms": {value[0]: value[1]}}
        case "prefix":
            return {"prefix": {"surface": value}}
        case "near":
            slots = [{"span_or": {"clauses": [_span(word) for word in slot]}} for slot in value["slots"]]
            return {"span_near": {"clauses": slots, "slop": value["distance"], "in_order": value["ordered"]}}
        case "all":
            nots = [_dsl(part["not"]) for part in value if "not" in part]
            return {"bool": {"must": [_dsl(part) for part in value if "not" not in part], "must_not": nots}}
        case "any":
            return {"bool": {"should": [_dsl(part) for part in value]}}
        case "distance":
            lat, lon, metres = value
            return {"geo_distance": {"distance": f"{metres}m", "points": {"lat": lat, "lon": lon}}}
        case "polygon":
            return {"geo_shape": {"points": {"shape": value, "relation": "intersects"}}}
    raise ValueError(name)


def _span(word: str) -> Json:
    return {"span_term": {"lemma": word}}


@contextmanager
def _server() -> Iterator[_Node]:
    """One node of 7.17 with the percolator among its modules, in a folder that goes with it."""
    folder = Path(tempfile.mkdtemp(prefix="otklik-percolator-"))
    home = folder / f"elasticsearch-{VERSION}"
    with zipfile.ZipFile(
        fetched(f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}", "zip")
    ) as archive:
        archive.extractall(folder)
    module = home / "modules" / "percolator"
    module.mkdir()
    shutil.copy(fetched(f"org.elasticsearch.plugin:percolator-client:{VERSION}"), module)
    (module / "plugin-descriptor.properties").write_text(_DESCRIPTOR.format(version=VERSION))
    port = free_port()
    settings = ["discovery.type: single-node", "network.host: 127.0.0.1", f"http.port: {port}"]
    settings += ["xpack.security.enabled: false", f"transport.port: {free_port()}"]
    settings += [
        "cluster.routing.allocation.disk.threshold_enabled: false",
        "indices.query.bool.max_clause_count: 4096",
    ]
    (home / "config" / "elasticsearch.yml").write_text("\n".join(settings) + "\n")
    process = _started(home, folder)
    node = _Node(f"http://127.0.0.1:{port}", process)
    try:
        _wait(node, folder)
        yield node
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _started(home: Path, folder: Path) -> subprocess.Popen[bytes]:
    for tool in (home / "bin").iterdir():
        tool.chmod(0o755)
    java = next(
        (path for old in _JAVA for path in Path("/usr/lib/jvm").glob(f"*{old}*") if (path / "bin/java").exists()), None
    )
    if java is None:
        raise SystemExit("the percolator of 7.17 runs on JDK 11 to 21: install one")
    identity: dict[str, Any] = {}
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "ES_JAVA_HOME": str(java)}
    environment["ES_JAVA_OPTS"] = "-Xms2g -Xmx2g"
    with (folder / "output").open("wb") as output:
        return subprocess.Popen(
            [home / "bin" / "elasticsearch"],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **identity,
        )


def _wait(node: _Node, folder: Path) -> None:
    until = time.monotonic() + _STARTING_SECONDS
    while True:
        try:
            node.call("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s")
        except OSError:
            if node.process.poll() is not None or time.monotonic() > until:
                raise SystemExit((folder / "output").read_text(errors="replace")[-3000:]) from None
            time.sleep(0.5)
        else:
            return
