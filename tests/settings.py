"""The product's settings with a data folder of their own, so that tests never touch a real one."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

os.environ["BURSAR_HOME"] = tempfile.mkdtemp(prefix="bursar-tests-")
atexit.register(shutil.rmtree, os.environ["BURSAR_HOME"], ignore_errors=True)

from bursar.project.settings import *  # noqa: E402, F403
from bursar.project.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, for tests only
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
JOBS_AT_ONCE = True  # no consumer runs beside the tests
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # In a file, as in the product: a database in memory locks whole tables between threads.
    DATABASES["default"]["TEST"] = {"NAME": os.environ["BURSAR_HOME"] + "/test.sqlite3"}
    # Nothing of a test has to outlive a power cut; whole installations keep the product's own.
    options = DATABASES["default"]["OPTIONS"]
    options["init_command"] = options["init_command"].replace("=FULL", "=OFF")
