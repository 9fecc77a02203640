"""Mails that were sent, and the links in them."""

import html
import re
from urllib.parse import unquote

from django.core import mail


def sent_to(address):
    return [message for message in mail.outbox if message.to == [address]]


def read_token(text):
    """The token in the one link of a mail, plain or HTML."""
    found = set(re.findall(r"token=([^\s\"<]+)", text))
    (token,) = found
    return unquote(html.unescape(token))
