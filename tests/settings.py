"""The product's settings with a data folder of their own, so that tests never touch a real one."""

from __future__ import annotations

import os
import tempfile

os.environ["BURSAR_HOME"] = tempfile.mkdtemp(prefix="bursar-tests-")

from bursar.project.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, for tests only
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
