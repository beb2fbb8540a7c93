"""Every setting of the running product, read once from the environment and the data folder.

`BURSAR_HOME` names the data folder (database, lake, keys, logs). `DATABASE_URL` moves decisions
to PostgreSQL. The secret key is made on first use and kept in the data folder, readable by its
owner only, so that a fresh installation is safe without being configured.
"""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF

from bursar.project.environment import Environment, database_settings, secret_key

ENVIRONMENT = Environment()
BURSAR_HOME: Path = ENVIRONMENT.home_folder
LAKE_FOLDER = BURSAR_HOME / "lake"
POSTGRES_URL = ENVIRONMENT.postgres_url
SPARK_URL = ENVIRONMENT.spark_url
SPARK_LAKE = ENVIRONMENT.spark_lake
ANCHORS = ENVIRONMENT.anchors

SECRET_KEY = secret_key(BURSAR_HOME)
DEBUG = False
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "bursar.project.urls"
WSGI_APPLICATION = "bursar.project.wsgi.application"
SITE_ID = None

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "bursar.web",  # before allauth, whose templates it replaces
    "allauth",
    "allauth.account",
    "axes",
    "csp",
    "django_htmx",
    "bursar.office.people",
    "bursar.office.reference",
    "bursar.office.calendar",
    "bursar.office.journal",
    "bursar.office.manifest",
    "bursar.record",
    "bursar.allocate",
    "bursar.flow",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bursar.web.gate.SignInGate",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "bursar.web.refusals.RefusalPages",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bursar.web.context.page",
            ],
        },
    },
]

DATABASES = {"default": database_settings(ENVIRONMENT.database_url, BURSAR_HOME)}

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "bursar.web.accounts.ClosedSignup"
ACCOUNT_FORMS = {"login": "bursar.web.sign_in.SignInForm"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": None}  # wrong passwords are counted by axes, durably
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "bursar.web.accounts.login_name"
AXES_LOCKOUT_CALLABLE = "bursar.web.accounts.locked_out"
AXES_VERBOSE = False

EMAIL_BACKEND = ENVIRONMENT.email_backend
EMAIL_FILE_PATH = str(BURSAR_HOME / "outgoing-mail")
DEFAULT_FROM_EMAIL = ENVIRONMENT.mail_from

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = ENVIRONMENT.trusted_origins
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if ENVIRONMENT.https else "http"
CSRF_FAILURE_VIEW = "bursar.web.refusals.unproven"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler", "level": "WARNING"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
