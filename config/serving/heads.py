"""How long the head of a request may be. uvicorn with httptools takes it without end, and keeps all of it: whoever
knows the address could fill the memory in which calls are received. Knows no door; bodies: config/sizes.py."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_BYTES = 256 << 10  # eight times what proxies let through
TOO_LONG = "The head of this request is too long."


class BoundedHead(HttpToolsProtocol):
    """A connection that counts what has come since something last was whole: a head, a piece of a body, a message."""

    unended = 0

    def data_received(self, data: bytes) -> None:
        self.unended += len(data)
        super().data_received(data)
        if self.unended > MOST_BYTES and not self.transport.is_closing():
            self._refuse()

    def _refuse(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.send_400_response(TOO_LONG)
        else:  # after a body, or behind an answer that is still on its way
            self.transport.close()

    def on_headers_complete(self) -> None:
        self.unended = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.unended = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.unended = 0
        super().on_message_complete()
