"""The one settings file. What differs between sites comes from the environment (docs/deployment.md lists it)."""

from __future__ import annotations

import sys
from typing import Any

from rationale_studio import env, home

BASE_DIR = home.CHECKOUT
STUDIO_HOME = home.make_home(home.studio_home())
MODELS_DIR = home.models_folder(STUDIO_HOME)
DEFAULT_MODEL = "SmolLM2-135M-Instruct"
TESTING = "pytest" in sys.modules

DEBUG = env.flag("STUDIO_DEBUG")
SECRET_KEY = env.text("SECRET_KEY") or home.secret_key(STUDIO_HOME)
HTTPS = env.flag("STUDIO_HTTPS")
ALLOWED_HOSTS = env.words("STUDIO_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

INSTALLED_APPS = [
    "annotations",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "django_htmx",
    "template_partials",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "rationale_studio.middleware.content_security_policy",
    "rationale_studio.middleware.body_limit",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "rationale_studio.urls"
WSGI_APPLICATION = "rationale_studio.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

EMBEDDED_POSTGRES = not env.text("DATABASE_URL")
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "rationale_studio.postgres",
        # One connection a thread, kept: the web server's threads live as long as they are used.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        **(
            env.postgres("DATABASE_URL")
            or {
                "NAME": "studio",
                "USER": "studio",
                "HOST": str(home.postgres_folder(STUDIO_HOME)),
                "PORT": home.postgres_port(STUDIO_HOME),
                "OPTIONS": {},
            }
        ),
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "annotations.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
if TESTING:
    # Slow hashes are the point of a password store, and no point of a test.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
SESSION_ENGINE = "annotations.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = STUDIO_HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MANIFEST = "whitenoise.storage.CompressedManifestStaticFilesStorage"
PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": PLAIN if DEBUG or TESTING else MANIFEST},
}
# Until the first start has collected the files there is no such folder, and whitenoise would warn of it.
STATIC_ROOT.mkdir(exist_ok=True)
MEDIA_ROOT = home.files_folder(STUDIO_HOME)
FILE_UPLOAD_TEMP_DIR = None

MEBIBYTE = 1024 * 1024
UPLOAD_LIMIT_BYTES = env.number("STUDIO_UPLOAD_LIMIT_MIB", 512, least=1, most=65536) * MEBIBYTE
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * MEBIBYTE
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * MEBIBYTE

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Rationale Studio",
    "DESCRIPTION": "Grow, check, correct and export step-level reasoning data.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
}

EMBEDDED_VALKEY = not env.text("CELERY_BROKER_URL")
CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL", f"redis+socket://{home.valkey_socket(STUDIO_HOME)}")
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# The database is the truth and a message only a wake-up, so a page never waits for a broker that is away.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_DEFAULT_QUEUE = "light"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_ENABLE_UTC = True
QUEUES = ("gpu", "tools", "light")
# What a worker takes: every kind of run, or (a machine without the studio's files) only some.
KINDS = env.words("STUDIO_KINDS", [])
# Where trainings and PRM passes compute, and the share (percent) of an accelerator's memory that they ask for.
TRAIN_DEVICE = env.one_of("STUDIO_TRAIN_DEVICE", "auto", ["auto", "cpu", "cuda"])
TRAIN_MEMORY = env.number("STUDIO_TRAIN_MEMORY", 50, least=5, most=100)
SANDBOX = env.one_of("STUDIO_SANDBOX", "auto", ["auto", "monty", "bubblewrap", "none"])
LEASE_SECONDS = env.number("STUDIO_LEASE_SECONDS", 2 if TESTING else 15, least=1, most=600)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("STUDIO_LOG_LEVEL", "WARNING").upper()},
    "loggers": {
        name: {"level": env.text("STUDIO_LOG_LEVEL", "INFO").upper()}
        for name in ("annotations", "inference", "rationale_studio")
    },
}
