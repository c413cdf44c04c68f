"""One installation for all tests of this folder that leave it as they found it."""

from collections.abc import Iterator

import pytest

from tests.calls.doors.stand import EVENTS_KEY, Stand, stand


@pytest.fixture(scope="package")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """Olga, Sven, Ada and Otto have tokens; whoever is called answers and is silent."""
    with stand(tmp_path_factory.mktemp("office"), AUTO_ANSWER="+1 555 0188") as made:
        made.server.start(seconds=120)
        made.give_tokens()
        yield made
        assert made.server.stop() == 0
        output = made.server.output()
        assert "Traceback" not in output, output[output.index("Traceback") - 1000 :][:6000]
        secrets = {*made.tokens.values(), *made.secrets, EVENTS_KEY}
        assert not any(secret in output for secret in secrets if len(secret) > 10)


@pytest.fixture(autouse=True)
def _faultless(request: pytest.FixtureRequest) -> Iterator[None]:
    """No fault of one test is left to the next."""
    yield
    if "office" in request.fixturenames:
        request.getfixturevalue("office").no_faults()
