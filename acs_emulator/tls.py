"""A certificate authority of this machine's own, made once, so that https and wss work on localhost. Its key stays in
the folder; whoever trusts the authority trusts that folder. Knows no sockets."""

import ipaddress
import os
import shlex
import socket
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from acs_emulator.errors import BadAuthority

YEARS = timedelta(days=3650)
SERVER_LIFE = timedelta(days=397)  # more is refused by browsers
RENEW = timedelta(days=30)
LOCAL = ("localhost", "127.0.0.1", "::1")

# Where Debian, Fedora, SUSE and macOS keep the authorities that they trust in one file, which not every OpenSSL names.
SYSTEM = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def default_folder() -> Path:
    """`VAR_DIR/acs-emulator`, or `~/.acs-emulator`."""
    var = os.environ.get("VAR_DIR")
    return Path(var) / "acs-emulator" if var else Path.home() / ".acs-emulator"


class Authority:
    """The files in a folder: ca.pem, ca.key, bundle.pem (the system's authorities and this one), server.pem and
    server.key. What is missing or about to expire is made. Raises BadAuthority."""

    def __init__(self, folder: Path | None = None, names: Iterable[str] = ()) -> None:
        self.folder = folder or default_folder()
        self.names = tuple(dict.fromkeys((*LOCAL, socket.gethostname(), *names)))
        self.certificate, self.key = self.folder / "ca.pem", self.folder / "ca.key"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            self._make_authority()
            self._make_server()
        except (OSError, ValueError) as wrong:
            reason = (getattr(wrong, "strerror", None) or "it holds what is no certificate or key").lower()
            raise BadAuthority(folder=self.folder, reason=reason) from None

    def server_context(self) -> ssl.SSLContext:
        """What an https or wss server on this machine listens with."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.folder / "server.pem", self.folder / "server.key")
        return context

    def trust(self) -> ssl.SSLContext:
        """What a client checks with: the system's authorities and this one."""
        context = ssl.create_default_context()
        context.load_verify_locations(self.certificate)
        return context

    def environment(self) -> dict[str, str]:
        """What makes a program trust it. Python replaces its authorities by the file, so it gets all; Node adds."""
        bundle, own = str((self.folder / "bundle.pem").resolve()), str(self.certificate.resolve())
        return {"SSL_CERT_FILE": bundle, "REQUESTS_CA_BUNDLE": bundle, "NODE_EXTRA_CA_CERTS": own}

    def lines(self) -> list[str]:
        """The same for a shell: `SSL_CERT_FILE=…`, quoted where the path needs it."""
        return [f"{name}={shlex.quote(value)}" for name, value in self.environment().items()]

    def _make_authority(self) -> None:
        if not (self.key.is_file() and _is_fresh(self.certificate)):
            key = ec.generate_private_key(ec.SECP256R1())
            name = _name(f"ACS emulator on {socket.gethostname()}")
            builder = _builder(name, name, key.public_key(), YEARS)
            builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            builder = builder.add_extension(_usage(signs=True), critical=True)
            builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            _write(self.key, _private(key))
            _write(self.certificate, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
            (self.folder / "server.pem").unlink(missing_ok=True)
        bundle = self.folder / "bundle.pem"
        bundle.write_bytes(_trusted_besides(bundle) + b"\n" + self.certificate.read_bytes())

    def _make_server(self) -> None:
        path, key_path = self.folder / "server.pem", self.folder / "server.key"
        if key_path.is_file() and _is_fresh(path) and set(self.names) <= _names_in(path):
            return
        issuer = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        issuer_key = serialization.load_pem_private_key(self.key.read_bytes(), None)
        assert isinstance(issuer_key, ec.EllipticCurvePrivateKey)  # noqa: S101  (made above)
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(self.names[0]), issuer.subject, key.public_key(), SERVER_LIFE)
        identity = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        for extension, critical in (
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (x509.SubjectAlternativeName([_alternative(name) for name in self.names]), False),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (_usage(signs=False), True),
            (identity, False),
        ):
            builder = builder.add_extension(extension, critical)
        _write(key_path, _private(key))
        _write(path, builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def _trusted_besides(bundle: Path) -> bytes:
    """The authorities that programs trust without us. SSL_CERT_FILE may name `bundle` itself, from an earlier start."""
    found = ssl.get_default_verify_paths()
    names = (found.cafile, found.openssl_cafile, *SYSTEM)
    files = (Path(name) for name in names if name)
    system = next((file for file in files if file.is_file() and file.resolve() != bundle.resolve()), None)
    return system.read_bytes() if system else b""


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks of containers differ
        .not_valid_after(now + life)
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _write(path: Path, content: bytes) -> None:
    """Readable by the owner alone from the first moment."""
    path.unlink(missing_ok=True)
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)


def _is_fresh(path: Path) -> bool:
    if not path.is_file():
        return False
    ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    return ends - datetime.now(UTC) > RENEW


def _names_in(path: Path) -> set[str]:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in names}
