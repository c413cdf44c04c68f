"""`manage.py streamfile`: audio files → a media socket, as ACS would send them. Needs no database."""

import argparse
import asyncio
import math
import sys
import uuid
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from calls.signed_urls import server_base
from media.acs_client import Score, Sent, StreamFailed, StreamLost, sounds, stream
from media.acs_client.play import CALL_CONNECTION
from media.errors import MediaError
from media.ingest import tokens
from media.management.progress import Progress
from media.sessions.media_urls import session_at

EPILOG = """\
Without --participant the files are those of phones: 4:+15550100001, 4:+15550100002, and so on, in their order.
All begin together; one that ends earlier stops sending. The last line on stdout is session=<uuid>."""


class Command(BaseCommand):
    help = "Plays audio files at a media socket as ACS would: one file per participant, or all mixed."
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        return super().create_parser(prog_name, subcommand, epilog=EPILOG, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("files", nargs="+", type=Path, metavar="FILE", help="WAV, FLAC, MP3, Ogg…; any rate, any channels")
        add("--url", help="the socket's address (default: one signed here, of the server that runs on this VAR_DIR)")
        add("--speed", type=_speed, default=1.0, metavar="1|N|max", help="times real time (default 1)")
        add("--mixed", action="store_true", help="all files as one mixed stream")
        add("--loop", type=_count, default=1, metavar="N", help="play everything N times")
        add(
            "--header",
            action="append",
            type=_header,
            default=[],
            metavar="NAME=VALUE",
            help="for the handshake; repeatable",
        )
        add("--rate", type=int, choices=(16_000, 24_000), default=16_000, help="samples per second (default 16000)")
        add(
            "--participant",
            action="append",
            default=[],
            metavar="RAWID",
            help="raw id of each file in turn; repeatable",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        headers = {CALL_CONNECTION: str(uuid.uuid4()), **dict(options["header"])}
        url = own_url() if options["url"] is None else options["url"]
        try:
            score = read_score(options)
            self.play(url, score, options["speed"], headers)
        except (MediaError, StreamFailed) as error:
            if isinstance(error, StreamLost):
                self.say_session(url, headers)
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            self.say_session(url, headers)
            sys.exit(130)
        self.say_session(url, headers)

    def play(self, url: str, score: Score, speed: float, headers: dict[str, str]) -> None:
        bar = Progress("streaming", score.seconds, sys.stderr)

        def progress(sent: Sent) -> None:
            bar.show(sent.seconds)

        sent = asyncio.run(stream(url, score, speed=speed, headers=headers, progress=progress))
        bar.end(sent.seconds)

    def say_session(self, url: str, headers: dict[str, str]) -> None:
        if session := session_at(url, headers[CALL_CONNECTION]):
            self.stderr.write(
                f"Its page: {url.partition('/acs/media')[0].replace('ws', 'http', 1)}/sessions/{session}/"
            )
            self.stdout.write(f"session={session}")
            self.stdout.flush()
        else:
            self.stderr.write("The session's id is not known here: the address holds no token of this installation.")


def own_url() -> str:
    """An address of the running server, for one session of its own. Signed without a database: nothing waits for it."""
    return tokens.socket_url(tokens.sign_url(uuid.uuid4(), tokens.default_seconds()), server_base())


def read_score(options: dict[str, Any]) -> Score:
    files, rate = options["files"], options["rate"]
    if options["mixed"]:
        return Score({None: sounds.mix([sounds.read(file, rate) for file in files])}, rate, options["loop"])
    names = options["participant"] or [f"4:+155501{number:05}" for number in range(1, len(files) + 1)]
    if len(names) != len(files) or len(set(names)) != len(names):
        raise CommandError(f"Name as many different --participant as files ({len(files)}), or none.")
    return Score(
        {name: sounds.read(file, rate) for name, file in zip(names, files, strict=True)}, rate, options["loop"]
    )


def _speed(text: str) -> float:
    if text == "max":
        return math.inf
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.01 <= speed <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number from 0.01 to 10000 nor 'max'.")
    return speed


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 up.")
    return int(text)


def _header(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    token = name.replace("-", "").replace("_", "")
    if not equals or not token.isalnum() or not name.isascii() or not value.isprintable():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE.")
    return name.lower(), value
