"""Lucene Monitor 10.3 on the same queries and posts (Java 21 or newer and Maven are needed)."""

import json
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.matching.neutral import Json
from tests.servers.elasticsearch_files import find_java

VERSION = "10.3.0"
_MODULES = ("core", "monitor", "memory", "queries", "analysis-common")
_HERE = Path(__file__).parent


class Figures(NamedTuple):
    """Microseconds of CPU a search to load, a post singly and in batches, and the pairs (post's number, search)."""

    load: float
    single: float
    batch: float
    pairs: frozenset[tuple[int, str]]


def measure(
    queries: Iterable[tuple[str, Json]], warm: Sequence[Json], posts: Sequence[Json], *, repeated: int, batch: int
) -> Figures:
    """Compile the rival and run it."""
    java = find_java() / "bin"
    jars = ":".join(str(fetched(f"org.apache.lucene:lucene-{module}:{VERSION}")) for module in _MODULES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = [str(_HERE / "LuceneRival.java"), str(_HERE / "PlainJson.java")]
        _run([str(java / "javac"), "-cp", jars, "-d", name, *sources])
        _write(folder / "queries", ({"id": key, "query": query} for key, query in queries))
        _write(folder / "warm", warm)
        _write(folder / "posts", posts)
        options = ["-Xmx2g", "-XX:+UseSerialGC", "--add-modules", "jdk.incubator.vector"]
        files = [str(folder / part) for part in ("queries", "warm", "posts")]
        numbers = [str(repeated), str(batch)]
        told = _run(
            [
                str(java / "java"),
                *options,
                "-cp",
                f"{jars}:{name}",
                "LuceneRival",
                *files,
                *numbers,
                str(folder / "pairs"),
            ]
        )
        values = dict(line.split() for line in told.splitlines() if line)
        pairs = frozenset(
            (int(number), key) for number, key in (line.split() for line in (folder / "pairs").open(encoding="utf-8"))
        )
    return Figures(float(values["loaded"]), float(values["single"]), float(values["batch"]), pairs)


def fetched(artifact: str, suffix: str = "jar") -> Path:
    """A jar or zip of Maven Central in the local repository, fetched if it is not there."""
    group, name, version = artifact.split(":")
    path = Path.home().joinpath(".m2", "repository", *group.split("."), name, version, f"{name}-{version}.{suffix}")
    if not path.exists():
        _run(["mvn", "-q", "-B", "dependency:get", "-Dtransitive=false", f"-Dartifact={artifact}:{suffix}"])
    return path


def _write(path: Path, rows: Iterable[Json]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:2])} … failed:\n{done.stdout}{done.stderr}"[-4000:])
    return done.stdout
