"""Who is silent on a socket, and who is gone: only whoever has answered pings, and answers none any more."""

from media.ingest.peers import Peer


class Wire:
    """A line whose far end answers pings at once, as long as it `lives`."""

    def __init__(self, lives: bool) -> None:
        self.lives, self.answers, self.pings = lives, 0, 0

    def ping(self) -> None:
        self.pings += 1
        self.answers += self.lives


def looked(peer: Peer, seconds: int, spoke: bool = False) -> list[bool]:
    found = []
    for _ in range(seconds):
        peer.look(spoke)
        found.append(peer.gone)
    return found


def test_who_speaks_is_asked_once() -> None:
    wire = Wire(lives=True)
    assert not any(looked(Peer(wire), 600, spoke=True))
    assert wire.pings == 1


def test_who_is_silent_and_answers_is_there() -> None:
    wire = Wire(lives=True)
    assert not any(looked(Peer(wire), 3600))
    assert wire.pings > 300


def test_who_never_answered_is_not_known_to_be_gone() -> None:
    peer = Peer(Wire(lives=False))
    assert not any(looked(peer, 10, spoke=True) + looked(peer, 3600))


def test_who_answered_and_does_no_more_is_gone_after_three_pings_and_back_at_the_first_word() -> None:
    wire = Wire(lives=True)
    peer = Peer(wire)
    looked(peer, 10, spoke=True)
    wire.lives = False
    assert looked(peer, 25) == [False] * 19 + [True] * 6
    assert wire.pings == 1 + 5
    assert looked(peer, 30, spoke=True) == [False] * 30
    wire.lives = False
    looked(peer, 25)
    wire.lives = True
    assert looked(peer, 10)[-1] is False, "it answers again"


def test_nothing_is_known_where_a_server_cannot_ping() -> None:
    assert not any(looked(Peer(None), 600))
