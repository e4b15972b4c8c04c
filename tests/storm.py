"""
A bad network in front of a server: a TCP proxy on loopback that looks at requests of HTTP and, by a seeded random, spoils them.

Every request may be answered 500 or 503 (before or after the server did what it was asked), cut (before, in the middle of its
body, in the middle of the answer), delayed, or answered with a body that is shorter than the server's, and says so. What is
spoiled is counted. `latency` holds every answer back, for measuring.
"""

import contextlib
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator

SLOW_DOWN = (
    b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
)
BROKEN = (
    b"<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>"
)
WAYS = (
    "refused-500",
    "refused-503",
    "done-500",
    "cut-before",
    "cut-request",
    "done-cut",
    "cut-answer",
    "short-answer",
    "late",
)

REFUSALS = {"refused-500": (500, BROKEN), "refused-503": (503, SLOW_DOWN)}


class CutError(Exception):
    """The connection ends here."""


class Storm:
    """A proxy before the server on *port*; *share* of the requests is spoiled, by *ways*."""

    def __init__(
        self,
        port: int,
        *,
        share: float = 0.0,
        seed: int = 1,
        ways: tuple[str, ...] = WAYS,
        latency: float = 0.0,
    ) -> None:
        self.share = share
        self.ways = ways
        self.spoiled: Counter[str] = Counter()
        self.requests = 0
        self.latency = latency
        self._server_port = port
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _draw(self) -> str:
        with self._lock:
            self.requests += 1
            if self._random.random() >= self.share:
                return ""
            way = self._random.choice(self.ways)
            self.spoiled[way] += 1
            return way

    def _talk(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError, CutError), client, client.makefile("rb") as reading:
            while head := _head(reading):
                self._answer(client, reading, head)

    def _answer(self, client: socket.socket, reading, head: bytes) -> None:
        way = self._draw()
        if b"100-continue" in head.lower():
            client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            head = b"\r\n".join(
                x for x in head.split(b"\r\n") if not x.lower().startswith(b"expect:")
            )
        if way == "cut-before":
            raise CutError
        if way == "cut-request":
            reading.read(_length(head) // 2)
            raise CutError
        body, bodiless = _body(reading, head), head.startswith(b"HEAD")
        if way in REFUSALS:
            return client.sendall(_refusal(*REFUSALS[way], bodiless=bodiless))
        time.sleep(0.3 if way == "late" else self.latency)
        answer_head, answer = self._ask(head + body, bodiless=bodiless)
        if way == "done-500":
            return client.sendall(_refusal(500, BROKEN, bodiless=bodiless))
        return self._send(client, way, answer_head, answer)

    def _send(self, client: socket.socket, way: str, head: bytes, body: bytes) -> None:
        if way == "done-cut":
            raise CutError
        if way == "cut-answer":
            client.sendall((head + body)[: len(head) + len(body) // 2])
            raise CutError
        if way == "short-answer" and body and head.startswith(b"HTTP/1.1 2"):
            body = body[: len(body) // 2]
            head = _with_length(head, len(body))
        client.sendall(head + body)

    def _ask(self, request: bytes, *, bodiless: bool) -> tuple[bytes, bytes]:
        with socket.create_connection(("127.0.0.1", self._server_port)) as server:
            server.sendall(request)
            with server.makefile("rb") as reading:
                head = _head(reading)
                return head, b"" if bodiless else _body(reading, head)


def _head(reading) -> bytes:
    lines = []
    while line := reading.readline():
        lines.append(line)
        if line == b"\r\n":
            return b"".join(lines)
    return b""


def _header(head: bytes, name: bytes) -> bytes:
    found = (x.partition(b":") for x in head.split(b"\r\n"))
    return next((value.strip() for key, _, value in found if key.lower() == name), b"")


def _length(head: bytes) -> int:
    return int(_header(head, b"content-length") or 0)


def _body(reading, head: bytes) -> bytes:
    """Read the body as it was sent, chunks and all."""
    if _header(head, b"transfer-encoding").lower() != b"chunked":
        return reading.read(_length(head))
    parts = []
    while line := reading.readline():
        size = int(line.partition(b";")[0], 16)
        parts += [
            line,
            reading.read(size) if size else b"",
            *iter(reading.readline, b"\r\n"),
            b"\r\n",
        ]
        if size == 0:
            break
    return b"".join(parts)


def _with_length(head: bytes, length: int) -> bytes:
    kept = [x for x in head.split(b"\r\n") if x and not x.lower().startswith(b"content-length")]
    return b"\r\n".join([*kept, f"Content-Length: {length}".encode(), b"", b""])


def _refusal(status: int, body: bytes, *, bodiless: bool) -> bytes:
    head = f"HTTP/1.1 {status} Storm\r\nContent-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + (b"" if bodiless else body)


@contextlib.contextmanager
def before(port: int, **how) -> Iterator[Storm]:
    """Run a storm before the server on *port*."""
    storm = Storm(port, **how)
    thread = threading.Thread(target=storm.serve, daemon=True)
    thread.start()
    try:
        yield storm
    finally:
        storm.close()
        thread.join()
