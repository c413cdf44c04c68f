"""Binds the address we serve on, and says in a sentence why it cannot be. Listening begins later, when all is open."""

import errno
import socket
from pathlib import Path

from config.serving import pidfile

BACKLOG = 1024
ALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}  # seconds, seconds, times; as Linux calls them


class CannotListen(OSError):
    """The address cannot be had; the message says what to set."""


def bind(host: str, port: int, var_dir: Path) -> list[socket.socket]:
    """One bound socket per address that `host` stands for. Raises CannotListen."""
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise CannotListen(f"HOST={host} is not an address ({error.strerror}); use 127.0.0.1 or 0.0.0.0.") from error
    sockets: list[socket.socket] = []
    try:
        for family, address in dict.fromkeys((entry[0], entry[4]) for entry in found):
            sockets.append(_bound(family, address))
    except OSError as error:
        for opened in sockets:
            opened.close()
        raise CannotListen(sentence(error, host, port, var_dir)) from error
    return sockets


def listen(sockets: list[socket.socket], var_dir: Path) -> None:
    """From here on the kernel takes connections. Raises CannotListen when somebody else has begun to since bind()."""
    for each in sockets:
        host, port = each.getsockname()[:2]
        try:
            each.listen(BACKLOG)
        except OSError as error:
            raise CannotListen(sentence(error, host, port, var_dir)) from error


def _bound(family: int, address: object) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        _ask_the_silent(made)
        made.bind(address)  # type: ignore[arg-type]
        made.set_inheritable(False)
    except OSError:
        made.close()
        raise
    return made


def _ask_the_silent(made: socket.socket) -> None:
    """Connections inherit it: the kernel asks a machine that says nothing, and ends with one that is gone. A program
    that says nothing is none of its business: its machine answers."""
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in ALIVE.items():
        if hasattr(socket, name):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def sentence(error: OSError, host: str, port: int, var_dir: Path) -> str:
    """What is wrong and what to set, for an error of bind() or listen()."""
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by {_holder(port, var_dir)}; set PORT=… to another one."
    if error.errno == errno.EACCES:
        return f"This user may not open port {port}; set PORT=… to one above 1023."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST={host} is not an address of this machine; use 127.0.0.1 or 0.0.0.0."
    return f"Cannot listen on {host}:{port}: {error.strerror}."


def _holder(port: int, var_dir: Path) -> str:
    running = pidfile.read(var_dir)
    if running and running.port == port and pidfile.alive(running.pid):
        return f"the server of this installation (process {running.pid})"
    return "another program"
