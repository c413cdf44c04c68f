"""Django's way to a mail server, but for one without log-in: what it sends is encrypted where the server offers
STARTTLS. Its certificate is not checked then: whoever can take that offer away reads along anyhow, no password is at
stake, and a mail server of one's own network often has one that nobody signed."""

import ssl

from django.core.mail.backends import smtp


class EmailBackend(smtp.EmailBackend):
    def open(self) -> bool | None:
        opened: bool | None = super().open()
        server = self.connection
        if opened and server and not (self.use_ssl or self.use_tls):
            try:
                server.ehlo_or_helo_if_needed()
                if server.has_extn("starttls"):
                    server.starttls(context=_unchecked())
            except Exception:
                server.close()
                self.connection = None
                raise
        return opened


def _unchecked() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
