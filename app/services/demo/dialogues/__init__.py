"""What people write to an insurer, and what it answers."""

from app.services.demo.dialogues.cases import CASES, REPLIES_TO_OFFER, REPLIES_TO_RENEWAL
from app.services.demo.dialogues.claims import CLAIM_TALKS
from app.services.demo.dialogues.forms import FORM_TALKS
from app.services.demo.dialogues.service import SERVICE_TALKS

TALKS = (*CLAIM_TALKS, *FORM_TALKS, *SERVICE_TALKS)

__all__ = ["CASES", "REPLIES_TO_OFFER", "REPLIES_TO_RENEWAL", "TALKS"]
