"""A gate in front of a server: closed, it drops every connection; open, it passes bytes both ways."""

import contextlib
import socket
import threading
from collections.abc import Iterator


class Gate:
    """Listens on a port of its own for as long as it is used."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.open = True
        # Bytes from the server that still pass before the gate falls shut on its own; None for no end.
        self.answers_left: int | None = None
        self._live: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def shut(self) -> None:
        """Drop what is connected and what comes."""
        self.open = False
        for end in self._live:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End for good."""
        self.shut()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if not self.open:
                client.close()
                continue
            server = socket.create_connection(self.target)
            self._live += [client, server]
            for source, sink, answers in ((client, server, False), (server, client, True)):
                thread = threading.Thread(target=self._pass, args=(source, sink, answers))
                self._threads.append(thread)
                thread.start()

    def _pass(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if answers and self.answers_left is not None:
                    self.answers_left -= len(data)
                    if self.answers_left < 0:
                        self.shut()
                        break
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()


@contextlib.contextmanager
def gate_to(url: str) -> Iterator[Gate]:
    """A gate to a server's address."""
    host, _, port = url.removeprefix("http://").partition(":")
    gate = Gate(host, int(port))
    try:
        yield gate
    finally:
        gate.close()
