"""Rows in and out: an upload becomes an import run, an export run becomes a data set to download."""

from __future__ import annotations

from typing import IO, Any

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import jobs, uploads
from annotations.api.base import ProjectView
from annotations.api.bodies import ExportBody
from annotations.api.projects import PAGING
from annotations.api.runs import detail
from annotations.api.shapes import ErrorShape, RunDetailShape, SnapshotShape
from annotations.errors import BadInput
from annotations.imports.formats import FORMATS
from annotations.rules import Act
from annotations.selectors import api

CHUNK = 1024 * 1024
UPLOAD = {
    "multipart/form-data": {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary"},
            "format": {"type": "string"},
            "scorer": {"type": "string"},
        },
        "required": ["file"],
    },
    "application/x-ndjson": {"type": "string", "format": "binary"},
}


class Lines(BaseParser):
    """A body of JSON lines, handed on unread."""

    media_type = "application/x-ndjson"

    def parse(self, stream: IO[Any], media_type: Any = None, parser_context: Any = None) -> Any:
        return stream


class Imports(ProjectView):
    """Importing a file. The run's report says what came in, what was there already, and what was refused and why."""

    acts = {"POST": Act.IMPORT}
    parser_classes = [MultiPartParser, Lines]

    @extend_schema(
        operation_id="import",
        request=UPLOAD,
        responses={202: RunDetailShape, 400: ErrorShape},
        parameters=[
            OpenApiParameter("format", str, description="The file's format; without it, it is detected."),
            OpenApiParameter("scorer", str, description="Who made the scores of rows without a scorer."),
            OpenApiParameter("name", str, description="What to call a body of JSON lines."),
        ],
    )
    def post(self, request: Request, slug: str) -> Response:
        wanted = self.format(request)
        scorer = self.asked(request, "scorer")
        name, chunks = self.upload(request)
        path = uploads.keep(self.access.project.pk, chunks, name)
        try:
            run = jobs.request_import(access=self.access, path=path, name=name, format=wanted, scorer=scorer)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Response(detail(self, run.pk), status=202)

    def format(self, request: Request) -> str | None:
        name = self.asked(request, "format") or None
        if name is not None and name not in FORMATS:
            raise BadInput(f"{name!r} is not a format; expected one of {', '.join(FORMATS)}.", "format")
        return name

    def asked(self, request: Request, name: str) -> str:
        """Return what the address or else the form says of `name`."""
        form = request.data if isinstance(request.data, dict) else {}
        return str(request.query_params.get(name) or form.get(name) or "")

    def upload(self, request: Request) -> tuple[str, Any]:
        if request.content_type.startswith(Lines.media_type):
            name = request.query_params.get("name") or "lines.jsonl"
            read = getattr(request.data, "read", lambda size: b"")  # without a body there is no stream
            return name[:100], iter(lambda: read(CHUNK), b"")
        sent = request.FILES.get("file")
        if sent is None:
            raise BadInput("Send the file as the form field “file”, or JSON lines as application/x-ndjson.", "file")
        return str(sent.name)[-100:], sent.chunks()


class Exports(ProjectView):
    """The data sets of a project, newest first, and asking for one."""

    acts = {"GET": Act.EXPORT, "POST": Act.EXPORT}

    @extend_schema(operation_id="exports_list", responses=SnapshotShape(many=True), parameters=PAGING)
    def get(self, request: Request, slug: str) -> Response:
        return self.pages(api.snapshots(self.access), SnapshotShape)

    @extend_schema(operation_id="export", request=ExportBody, responses={202: RunDetailShape, 400: ErrorShape})
    def post(self, request: Request, slug: str) -> Response:
        body = self.read(ExportBody)
        run = jobs.request_export(access=self.access, recipe=body["recipe"], options=body["options"])
        return Response(detail(self, run.pk), status=202)


class Export(ProjectView):
    """One data set with its manifest (counts, options, SHA-256)."""

    acts = {"GET": Act.EXPORT}

    @extend_schema(operation_id="export_read", responses={200: SnapshotShape, 404: ErrorShape})
    def get(self, request: Request, slug: str, snapshot_id: int) -> Response:
        return Response(SnapshotShape(api.snapshot(self.access, snapshot_id)).data)


class Download(ProjectView):
    """The file of a data set."""

    acts = {"GET": Act.EXPORT}

    @extend_schema(operation_id="export_download", responses={200: OpenApiTypes.BINARY, 404: ErrorShape})
    def get(self, request: Request, slug: str, snapshot_id: int) -> FileResponse:
        path, name = api.snapshot_file(self.access, snapshot_id)
        return FileResponse(path.open("rb"), as_attachment=True, filename=name)
