"""Files for sending: handed to Meta, which answers the id that a message names. None is kept here."""

from __future__ import annotations

import io

from app.errors import FieldProblem, InvalidFields
from app.extensions import db
from app.graph import payloads
from app.graph.errors import GraphError
from app.models import Account, PhoneNumber
from app.queries.access import Actor
from app.services import audit
from app.services.connections import client_for
from app.services.meta_refusals import refused


def upload(
    *, account: Account, number: PhoneNumber, content: bytes, mime_type: str, file_name: str, actor: Actor
) -> str:
    """Meta's id of the file, good for sending from this number for 30 days.

    Raises InvalidFields for a type or size that WhatsApp does not take, NotReady and RefusedByMeta. A lost
    answer does no harm: upload it again.
    """
    client, number_id, account_id = client_for(account), number.meta_id, account.id
    db.session.commit()
    try:
        media_id = client.media.upload(
            number_id, io.BytesIO(content), size_bytes=len(content), mime_type=mime_type, filename=file_name
        )
    except payloads.InvalidPayload as error:
        problems = [FieldProblem("mime_type", problem.message) for problem in error.problems]
        raise InvalidFields(problems) from None
    except GraphError as error:
        raise refused(error) from error
    audit.record(
        actor,
        "media.uploaded",
        account_id=account_id,
        object_type="media",
        object_id=media_id,
        details={"mime_type": mime_type, "bytes": len(content)},
    )
    db.session.commit()
    return media_id
