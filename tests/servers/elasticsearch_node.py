"""One node of a genuine Elasticsearch, with a folder and ports of its own."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

from tests.servers.elasticsearch_files import find_java, unpack

STARTING_SECONDS = 180
_SETTINGS = {
    "cluster.name": "otklik-tests",
    "discovery.type": "single-node",
    "network.host": "127.0.0.1",
    "xpack.security.enabled": "false",
    "cluster.routing.allocation.disk.threshold_enabled": "false",
}


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One node; stopping it removes its folder. `options` are Java's; `settings` are beside or in place of the usual
    ones, `files` lie in its configuration, `user` is a name and a password that may ask how it is.
    """

    def __init__(
        self,
        port: int = 0,
        heap: str = "512m",
        options: str = "-XX:TieredStopAtLevel=1",
        *,
        transport: int = 0,
        settings: Mapping[str, str] | None = None,
        files: Mapping[str, bytes] | None = None,
        user: tuple[str, str] | None = None,
    ) -> None:
        self.port = port or free_port()
        self._settings = _SETTINGS | dict(settings or {})
        self._user = user
        secured = self._settings.get("xpack.security.http.ssl.enabled") == "true"
        self.url = f"{'https' if secured else 'http'}://127.0.0.1:{self.port}"
        self._java_options = f"-Xms{heap} -Xmx{heap} {options}"
        self._folder = Path(tempfile.mkdtemp(prefix="otklik-elasticsearch-"))
        self._configure(transport or free_port(), files or {})
        self.start()

    def start(self) -> None:
        """Start it, also again after `kill`, with what it had."""
        home, java = unpack(), find_java()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "ES_JAVA_HOME": str(java),
            "ES_PATH_CONF": str(self._folder / "config"),
            "ES_JAVA_OPTS": self._java_options,
            "ES_TMPDIR": str(self._folder / "tmp"),
        }
        user, group = self._hand_over()
        with (self._folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
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

    def _configure(self, transport: int, files: Mapping[str, bytes]) -> None:
        shutil.copytree(unpack() / "config", self._folder / "config")
        places = {"data": f"{self._folder}/data", "logs": f"{self._folder}/logs"}
        settings = self._settings | {f"path.{name}": place for name, place in places.items()}
        settings |= {"http.port": str(self.port), "transport.port": str(transport)}
        lines = [f"{name}: {value}\n" for name, value in settings.items()]
        (self._folder / "config" / "elasticsearch.yml").write_text("".join(lines))
        for name, content in files.items():
            (self._folder / "config" / name).write_bytes(content)
        options = self._folder / "config" / "jvm.options"
        # A Java without what it does not need has no module for vectors, nor do the tests need one.
        kept = options.read_text().splitlines(keepends=True)
        options.write_text("".join(line for line in kept if "jdk.incubator.vector" not in line))
        for name in ("logs", "tmp"):
            (self._folder / name).mkdir()

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
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                said = (self._folder / "output").read_text(errors="replace")[-3000:]
                self.stop()
                raise RuntimeError(f"Elasticsearch did not start:\n{said}")
            time.sleep(0.2)

    def kill(self) -> None:
        """End it at once, as a loss of power does; its folder stays."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """End the node and remove its folder."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process.poll() is None

    def _answers(self) -> bool:
        request = urllib.request.Request(f"{self.url}/_cluster/health?wait_for_status=yellow&timeout=1s")
        if self._user:
            request.add_header("Authorization", "Basic " + b64encode(":".join(self._user).encode()).decode())
        # Who it is does not matter here: it is asked on this machine only.
        context = ssl._create_unverified_context() if self.url.startswith("https:") else None
        try:
            with urllib.request.urlopen(request, timeout=5, context=context) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False
