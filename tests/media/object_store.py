"""A stand-in for S3 and Azure Blob on loopback: objects by path, as both REST interfaces put, get, head, delete
and list them."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


class _Store(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects: ClassVar[dict[str, bytes]]
    requests: ClassVar[list[str]]

    def do_PUT(self) -> None:
        self.objects[self._key()] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(HTTPStatus.CREATED if self._is_azure() else HTTPStatus.OK)

    def do_GET(self) -> None:
        prefix = parse_qs(urlsplit(self.path).query).get("prefix")
        if prefix:
            self._answer(HTTPStatus.OK, self._listing(prefix[0]).encode(), {"Content-Type": "application/xml"})
            return
        found = self.objects.get(self._key())
        if found is None:
            self._answer(
                HTTPStatus.NOT_FOUND, b"<Error><Code>NoSuchKey</Code></Error>", {"x-ms-error-code": "BlobNotFound"}
            )
        elif "x-ms-range" in self.headers:
            self._answer(HTTPStatus.PARTIAL_CONTENT, found, {"Content-Range": f"bytes 0-{len(found) - 1}/{len(found)}"})
        else:
            self._answer(HTTPStatus.OK, found)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_DELETE(self) -> None:
        known = self.objects.pop(self._key(), None) is not None
        missing = HTTPStatus.NOT_FOUND if self._is_azure() else HTTPStatus.NO_CONTENT
        done = HTTPStatus.ACCEPTED if self._is_azure() else HTTPStatus.NO_CONTENT
        self._answer(done if known else missing, b"", {"x-ms-error-code": "BlobNotFound"})

    def _listing(self, prefix: str) -> str:
        """All objects below the prefix; S3 is asked for one level only, and its deeper keys are left out."""
        start = f"{self._key()}/"
        keys = [key.removeprefix(start) for key in self.objects if key.startswith(start + prefix)]
        if self._is_azure():
            blobs = "".join(
                f"<Blob><Name>{escape(key)}</Name><Properties><BlobType>BlockBlob</BlobType></Properties></Blob>"
                for key in keys
            )
            return f"<EnumerationResults><Blobs>{blobs}</Blobs><NextMarker/></EnumerationResults>"
        level = [key for key in keys if "/" not in key.removeprefix(prefix)]
        contents = "".join(f"<Contents><Key>{escape(key)}</Key></Contents>" for key in level)
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path)

    def _is_azure(self) -> bool:
        return "x-ms-version" in self.headers

    def _answer(self, status: HTTPStatus, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.requests.append(f"{self.command} {self._key()} {status.value}")
        self.send_response(status)
        every = {"ETag": '"1"', "Last-Modified": formatdate(usegmt=True), "x-ms-blob-type": "BlockBlob"}
        for name, text in {**every, **(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@contextmanager
def object_store() -> Iterator[tuple[str, list[str]]]:
    """The URL of a running store, and the list of what it was asked: method, path, status."""
    handler = type("Store", (_Store,), {"objects": {}, "requests": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler.requests  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
