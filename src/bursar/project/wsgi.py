"""What the web server calls."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from bursar.project.parent import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bursar.project.settings")

# `bursar serve` says so; another server may start its workers in ways of its own.
if os.environ.get("BURSAR_SERVE"):
    end_with_parent()

application = get_wsgi_application()
