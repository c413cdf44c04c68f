"""Whether alarms can be mailed: the mail server of EMAIL_URL, its TLS and log-in, and whether it takes mail for whom
they go to. Sends none."""

from django.conf import settings

from config.doctor.finding import Finding, off, ok, wrong
from media.alarms import mail as alarm_mail


def mail() -> Finding:
    if not settings.ALARM_MAIL_TO:
        return off("ALARM_MAIL_TO is unset: nobody is told of alarms by mail")
    try:
        alarm_mail.rehearse(settings.ALARM_MAIL_TO)
    except alarm_mail.ERRORS as error:
        fault = alarm_mail.fault_of(error)
        return wrong(fault.words, fault.fix)
    how = "over TLS" if settings.EMAIL_USE_SSL or settings.EMAIL_USE_TLS else "unencrypted"
    return ok(f"{alarm_mail.server()} takes alarms for all of ALARM_MAIL_TO, {how}")
