"""Whether alarms can be mailed: the mail server of EMAIL_URL, its TLS and log-in, and whether it takes mail for whom
they go to. Sends none."""

from django.conf import settings

from config.doctor.finding import Finding, off, ok, wrong
from media.alarms import mail as alarm_mail

ENCRYPT = (
    "Name a server with TLS (smtps://host) or a log-in (smtp://user:password@host:587), or switch STARTTLS on there."
)


def mail() -> Finding:
    if not settings.ALARM_MAIL_TO:
        return off("ALARM_MAIL_TO is unset: nobody is told of alarms by mail")
    try:
        encrypted = alarm_mail.rehearse(settings.ALARM_MAIL_TO)
    except alarm_mail.ERRORS as error:
        fault = alarm_mail.fault_of(error)
        return wrong(fault.words, fault.fix)
    takes = f"{alarm_mail.server()} takes alarms for all of ALARM_MAIL_TO"
    if settings.EMAIL_USE_SSL or settings.EMAIL_USE_TLS:
        return ok(f"{takes}, over TLS")
    if encrypted:
        return ok(f"{takes}, over TLS (STARTTLS as it is offered; without a log-in its certificate is not checked)")
    if alarm_mail.stays_here():
        return ok(f"{takes}, unencrypted, on this machine")
    return Finding("off", f"{takes}, but unencrypted: it offers no STARTTLS, and who is in between reads them", ENCRYPT)
