"""Acts over HTTP: import files, check and apply a model, run it. Each act checks its permission."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import File, Form, Router
from ninja.files import UploadedFile

from bursar.allocate.actions.apply_model import apply_model
from bursar.allocate.actions.run_model import run_model
from bursar.allocate.model_queries import check_model
from bursar.api.callers import caller, scope_for
from bursar.api.shapes import ModelCheck, ModelText, Reason, RunOrder
from bursar.office.people.permissions import require
from bursar.record.actions.import_files import import_files
from bursar.record.actions.undo_import import undo_import

router = Router(tags=["acts"])
_LONGEST_NAME = 150  # bytes; disks take 255, and the ending says the kind


@router.post("/imports", summary="Record one file, or the parts of one")
def post_import(
    request: HttpRequest,
    *,
    files: File[list[UploadedFile]],
    source: Form[str | None] = None,
    format: Form[str] = "auto",
    profile: Form[str | None] = None,
) -> dict[str, Any]:
    user = caller(request)
    require(user, "record.import_files")
    home = Path(settings.BURSAR_HOME)
    with tempfile.TemporaryDirectory(prefix=".upload-", dir=home) as folder:
        paths = [saved(Path(folder) / str(n), upload) for n, upload in enumerate(files)]
        done = import_files(
            paths=paths, acting_user=user, source=source, format=format, profile=profile
        )
    return done.to_json()


@router.post("/imports/{import_token}/undo", summary="Take an import back; what it replaced counts")
def post_undo(request: HttpRequest, *, import_token: str, reason: Reason) -> dict[str, Any]:
    done = undo_import(import_token=import_token, reason=reason.reason, acting_user=caller(request))
    return done.to_json()


@router.post("/model/check", response=ModelCheck, summary="The problems of a model's text")
def post_model_check(request: HttpRequest, *, model: ModelText) -> dict[str, Any]:
    scope_for(request, "read.model")
    return check_model(model.text)


@router.post("/model/versions", summary="Put a model's text in force")
def post_model(request: HttpRequest, *, model: ModelText) -> dict[str, Any]:
    done = apply_model(
        text=model.text,
        acting_user=caller(request),
        from_period=model.from_period,
        comment=model.comment,
    )
    return done.to_json()


@router.post("/runs", summary="Carry the cost of periods through the model")
def post_run(request: HttpRequest, *, order: RunOrder) -> dict[str, Any]:
    done = run_model(
        acting_user=caller(request),
        periods=order.periods,
        basis=order.basis,
        dry_run=order.dry_run,
    )
    return done.to_json()


def saved(folder: Path, upload: UploadedFile) -> Path:
    """The upload on disk under its own name, whatever path its sender put before it.

    Each lies in a folder of its own, for parts may be called the same.
    """
    folder.mkdir()
    name = Path(upload.name or "").name.encode()[-_LONGEST_NAME:].decode(errors="ignore")
    path = folder / (name.strip(".") or "upload")
    with path.open("wb") as handle:
        for piece in upload.chunks():
            handle.write(piece)
    return path
