"""The bytes of a file in a thread, and another try to fetch one that is not there."""

from __future__ import annotations

from functools import partial

from flask import Response

from app.console import pages
from app.console.blueprint import blueprint
from app.console.views import after_choice
from app.errors import DomainError, NotFound
from app.queries.media import get_media_file
from app.services import media
from app.web.file_answers import file_answer
from app.web.permissions import permission_required


@blueprint.get("/<int:conversation_id>/media/<int:media_id>")
@permission_required("console.use")
def media_file(conversation_id: int, media_id: int) -> Response:
    file = get_media_file(media_id, pages.console_scope(), conversation_id)
    return file_answer(file, partial(media.read, file))


@blueprint.get("/<int:conversation_id>/media/<int:media_id>/thumbnail")
@permission_required("console.use")
def media_thumbnail(conversation_id: int, media_id: int) -> Response:
    """The small picture. Its address names its bytes (`v`), so a browser never has to ask again."""
    thumbnail = get_media_file(media_id, pages.console_scope(), conversation_id).thumbnail
    if thumbnail is None:
        raise NotFound("There is no small picture of this file.")
    return file_answer(thumbnail, partial(media.read_thumbnail, thumbnail))


@blueprint.post("/<int:conversation_id>/media/<int:media_id>/fetch")
@permission_required("console.use")
def fetch_media_file(conversation_id: int, media_id: int) -> Response:
    """Fetch it from Meta again."""
    file = get_media_file(media_id, pages.console_scope(), conversation_id)
    problem = ""
    try:
        media.fetch_again(file)
    except DomainError as error:
        problem = error.message
    return after_choice(pages.get_conversation(conversation_id), problem)
