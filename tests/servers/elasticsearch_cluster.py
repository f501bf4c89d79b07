"""Three nodes of a genuine Elasticsearch on loopback, which can be killed one by one and started again."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.servers.elasticsearch_node import Server, free_port

NODES = 3
# All the disks there are have less free than this.
_MORE_THAN_THERE_IS = "900000gb"
_WATERMARKS = ("low", "high", "flood_stage")


class Cluster:
    """The nodes. `url` names them all, as a city file does after `elasticsearch:`."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        ports = [free_port() for _ in range(NODES)]
        common = {
            "discovery.type": "multi-node",
            "discovery.seed_hosts": ",".join(f"127.0.0.1:{port}" for port in ports),
            "cluster.initial_master_nodes": ",".join(f"node-{number}" for number in range(NODES)),
            # As soon as the server allows: by default half a minute.
            "cluster.info.update.interval": "10s",
        }
        self.nodes = [
            Server(transport=port, settings=common | {"node.name": f"node-{number}", **settings})
            for number, port in enumerate(ports)
        ]
        self.url = ",".join(node.url for node in self.nodes)

    def start(self) -> None:
        """Start the nodes that do not run, and wait for all of them."""
        for node in self.nodes:
            if not node.alive():
                node.start()
        self.wait()

    def wait(self) -> None:
        """Return when every node is there with every copy."""
        for node in self.nodes:
            node.wait()
        self.ask("GET", f"/_cluster/health?wait_for_nodes={NODES}&wait_for_status=green&timeout=120s")

    def fill_disks(self) -> None:
        """Let every disk count as full, as the server finds out within some seconds."""
        self._watermarks(_MORE_THAN_THERE_IS)

    def empty_disks(self) -> None:
        """Take that back."""
        self._watermarks(None)

    def _watermarks(self, free: str | None) -> None:
        settings = {f"cluster.routing.allocation.disk.watermark.{name}": free for name in _WATERMARKS}
        settings["cluster.routing.allocation.disk.threshold_enabled"] = "true" if free else None
        settings["cluster.routing.allocation.disk.watermark.flood_stage.frozen"] = free
        self.ask("PUT", "/_cluster/settings", {"persistent": settings})

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """What the first node that answers says."""
        data = None if body is None else json.dumps(body).encode()
        for node in self.nodes:
            if not node.alive():
                continue
            headers = {"Content-Type": "application/json"}
            request = urllib.request.Request(node.url + path, data=data, method=method, headers=headers)
            with urllib.request.urlopen(request, timeout=130) as answer:
                return json.load(answer)
        raise RuntimeError("no node runs")

    def stop(self) -> None:
        """End all."""
        for node in self.nodes:
            node.stop()


@contextmanager
def cluster(settings: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """Three nodes that are there."""
    made = Cluster(settings or {})
    try:
        made.wait()
        yield made
    finally:
        made.stop()
