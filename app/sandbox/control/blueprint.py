"""The blueprint the control files hang their routes on."""

from flask import Blueprint

blueprint = Blueprint("control", __name__, url_prefix="/_sandbox")
