"""One installation for all tests of calls in a browser."""

from collections.abc import Iterator

import pytest

from tests.calls.doors.stand import Stand
from tests.console.calling import calling


@pytest.fixture(scope="package")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    with calling(tmp_path_factory.mktemp("office")) as made:
        yield made
