"""Django settings, every one from the environment (see README). A bad value stops the start with a sentence."""

import logging
from pathlib import Path
from urllib.parse import quote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from config.env import Env, database_from_url
from config.recordings import recordings_storage
from config.secret import kept_secret

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.flag("DEBUG", False)
VAR_DIR = env.path("VAR_DIR", BASE_DIR / "var")
SECRET_KEY = env.secret("SECRET_KEY") or kept_secret(VAR_DIR)
SECRET_KEY_FALLBACKS = env.secrets("SECRET_KEY_FALLBACKS")

# --- where we are ---------------------------------------------------------------------------------------------------
PUBLIC_URL = env.url("PUBLIC_URL", ("https", "http"))
HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000, 1, 65535)
EMULATOR_PORT = env.number("EMULATOR_PORT", 9900, 1, 65535)
SERVER = env.choice("SERVER", "uvicorn", ("uvicorn", "daphne"))
WORKERS = env.number("WORKERS", 1, 1, 64)
WORKER_HUNG_SECONDS = env.number("WORKER_HUNG_SECONDS", 60, 0, 3600)
if WORKERS > 1 and SERVER == "daphne":
    raise ImproperlyConfigured(f"WORKERS={WORKERS} needs SERVER=uvicorn: several Daphne processes cannot share a port.")
PUBLIC_HOST = urlsplit(PUBLIC_URL).hostname or ""
ALLOWED_HOSTS = [
    *(env.words("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]),
    *([PUBLIC_HOST] if PUBLIC_HOST else []),
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
if PUBLIC_URL.startswith("https://"):
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "SAMEORIGIN"

# --- what is kept where ---------------------------------------------------------------------------------------------
DATABASE_URL = env.text("DATABASE_URL")
EMBEDDED_DATABASE = not DATABASE_URL
DATABASES: dict[str, dict[str, object]] = {
    "default": database_from_url(DATABASE_URL)
    if DATABASE_URL
    else {"ENGINE": "config.embedded_postgres", "NAME": "recorder", "EMBEDDED_DIR": VAR_DIR / "postgres", "OPTIONS": {}}
}
# A hung PostgreSQL is a fault like a dead one: no connection attempt and no statement waits for ever.
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": "5",
    "tcp_user_timeout": "15000",
    "keepalives_idle": "10",
    "options": "-c statement_timeout=60s -c lock_timeout=20s -c idle_in_transaction_session_timeout=120s",
    **DATABASES["default"]["OPTIONS"],  # type: ignore[dict-item]
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.redis("REDIS_URL")
CHANNEL_LAYERS: dict[str, dict[str, object]] = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # The layer waits 5 s for a message, as long as redis-py, left alone, for any answer: quiet looked like trouble.
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": 12, "socket_connect_timeout": 5}]},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}

# Counts requests of the API, in each process: a Redis that is away must delay no request.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "throttle": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "throttle"},
}

RECORDINGS_URL = env.text("RECORDINGS_URL") or f"file://{quote(str(VAR_DIR / 'recordings'))}"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
    "recordings": recordings_storage(RECORDINGS_URL),
}
SPOOL_DIR = env.path("SPOOL_DIR", VAR_DIR / "spool")
SPOOL_FREE_MIB = env.number("SPOOL_FREE_MIB", 512, 1, 10_000_000)
RETENTION_DAYS = env.number("RETENTION_DAYS", 0, 0, 36_500)
CHUNK_SECONDS = env.number("CHUNK_SECONDS", 10, 1, 60)
# "media" is the app, and only that: uploads live under var/ and no URL begins with /media/.
MEDIA_ROOT = VAR_DIR / "uploads"
MEDIA_URL = "/uploads/"

# --- ACS ------------------------------------------------------------------------------------------------------------
ACS_CONNECTION_STRING = env.connection_string("ACS_CONNECTION_STRING")
ACS_ENDPOINT = env.url("ACS_ENDPOINT", ("https", "http"))
ACS_ACCESS_KEY = env.text("ACS_ACCESS_KEY")
ACS_CALLER_ID = env.text("ACS_CALLER_ID")
ACS_COGNITIVE_ENDPOINT = env.url("ACS_COGNITIVE_ENDPOINT", ("https", "http"))
ACS_RESOURCE_ID = env.words("ACS_RESOURCE_ID")
ACS_JWKS_URL = (
    env.url("ACS_JWKS_URL", ("https", "http")) or "https://acscallautomation.communication.azure.com/calling/keys"
)
ACS_ISSUER = env.text("ACS_ISSUER", "https://acscallautomation.communication.azure.com")
ACS_EVENTS_KEY = env.text("ACS_EVENTS_KEY")
ACS_CALLBACK_AUTH = env.choice("ACS_CALLBACK_AUTH", "url+jwt" if ACS_RESOURCE_ID else "url", ("url", "url+jwt"))
if "jwt" in ACS_CALLBACK_AUTH and not ACS_RESOURCE_ID:
    raise ImproperlyConfigured(
        "ACS_CALLBACK_AUTH=url+jwt needs ACS_RESOURCE_ID, which is the audience of the JWT that is to be checked."
    )
METRICS_TOKEN = env.text("METRICS_TOKEN")
API_RATE = env.number("API_RATE", 1200, 1, 1_000_000)
AUTO_ANSWER = env.words("AUTO_ANSWER")
ANNOUNCEMENT = env.text("ANNOUNCEMENT")

# --- media sockets --------------------------------------------------------------------------------------------------
MEDIA_SOCKET_AUTH = env.choice("MEDIA_SOCKET_AUTH", "url", ("url", "jwt", "url+jwt", "open"))
if MEDIA_SOCKET_AUTH == "open" and not DEBUG:
    raise ImproperlyConfigured(
        "MEDIA_SOCKET_AUTH=open lets anybody record here; it works only with DEBUG=1. Use 'url'."
    )
if "jwt" in MEDIA_SOCKET_AUTH and not ACS_RESOURCE_ID:
    raise ImproperlyConfigured(
        f"MEDIA_SOCKET_AUTH={MEDIA_SOCKET_AUTH} needs ACS_RESOURCE_ID: the "
        "immutable resource id (portal: Properties), which is the audience of the JWT."
    )
MEDIA_MAX_STREAMS = env.number("MEDIA_MAX_STREAMS", 500, 0, 100_000)
MEDIA_BUFFER_MIB = env.number("MEDIA_BUFFER_MIB", 256, 1, 65_536)
MEDIA_NO_AUDIO_SECONDS = env.number("MEDIA_NO_AUDIO_SECONDS", 10, 1, 3600)
MEDIA_REJOIN_SECONDS = env.number("MEDIA_REJOIN_SECONDS", 30, 0, 3600)
MEDIA_IDLE_SECONDS = env.number("MEDIA_IDLE_SECONDS", 1800, 1, 86_400)
MEDIA_MAX_HOURS = env.number("MEDIA_MAX_HOURS", 12, 1, 168)
DRAIN_SECONDS = env.number("DRAIN_SECONDS", 0, 0, 86_400)
ARCHIVE_IN_PROCESS = env.flag("ARCHIVE_IN_PROCESS", True)

# --- alarms ---------------------------------------------------------------------------------------------------------
globals().update(env.email("EMAIL_URL"))
EMAIL_TIMEOUT = 10
ALARM_MAIL_TO = env.words("ALARM_MAIL_TO")
ALARM_MAIL_FROM = env.text("ALARM_MAIL_FROM", "recorder@localhost")
ALARM_WEBHOOKS = env.webhooks("ALARM_WEBHOOKS")
ALARM_QUIET_HOURS = env.text("ALARM_QUIET_HOURS")
if ALARM_MAIL_TO and not env.text("EMAIL_URL"):
    raise ImproperlyConfigured("ALARM_MAIL_TO needs EMAIL_URL, the mail server: smtp://user:password@host:587.")

# --- Django ---------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "media",  # before staticfiles: our runserver opens the spool. No "daphne": its app loads Twisted everywhere
    "calls",
    "channels",
    "ninja",  # serves the files of /api/v1/docs, which would come from an outside host otherwise
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.static_files.StaticFilesMiddleware",
    "config.security.ContentSecurityPolicyMiddleware",
    "config.api_form.ApiFormMiddleware",
    "config.readiness.ReadinessMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account:login"
LANGUAGE_CODE = "en-us"
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    *(
        (f"vendor/{name}", path)
        for name, folder in (
            ("tabler", "@tabler/core/dist/css"),
            ("htmx", "htmx.org/dist"),
        )
        if (path := BASE_DIR / "node_modules" / folder).is_dir()
    ),
]
WHITENOISE_USE_FINDERS = True  # so that a fresh clone serves its files without collectstatic
WHITENOISE_AUTOREFRESH = DEBUG

UNFOLD = {
    "SITE_TITLE": "Call recordings",
    "SITE_HEADER": "Call recordings",
    "SITE_SYMBOL": "graphic_eq",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": f"{STATIC_URL}icon.svg"}],
    "SHOW_HISTORY": False,
    "DASHBOARD_CALLBACK": "media.admin.dashboard.callback",
    "LOGIN": {"form": "calls.account.forms.AdminLoginForm"},
}

LOG_FORMAT = env.choice("LOG_FORMAT", "text", ("text", "json"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "config.log_lines.TextLines",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "config.log_lines.JsonLines"},
    },
    "filters": {"one_line": {"()": "config.log_lines.OneLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        # Both servers write the path of each request, tokens included; the access log is ours (config/access_log.py).
        "uvicorn.access": {"level": "CRITICAL", "propagate": False},
        "uvicorn.error": {"level": "WARNING"},
        "daphne": {"level": "WARNING"},
        "azure": {"level": "WARNING"},
        # Says at every hold that the SDK's own argument is unknown to it.
        "azure.communication.callautomation": {"level": "ERROR"},
        "django.request": {"level": "ERROR"},
        "django.security": {"filters": ["one_line"]},
        "django.security.DisallowedHost": {"filters": ["one_line"]},
    },
}
logging.captureWarnings(LOG_FORMAT == "json")  # they are plain text on standard error otherwise
