import pytest

from acs_emulator.tls import Authority


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Signs certificates that nobody else trusts."""
    return Authority(tmp_path_factory.mktemp("authority"))
