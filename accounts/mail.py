"""Mails: rendered from templates/mail/, sent after the transaction and beside the request.

Beside, because a request that waits for a mail server tells by its time whether a mail was sent.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string

logger = logging.getLogger("accounts.mail")
# Threads begin with the first mail: a server that forks has none before it.
POSTBOX = ThreadPoolExecutor(max_workers=2, thread_name_prefix="mail")
_waiting: set[Future[None]] = set()


def deliver(name: str, to: str, **context: Any) -> None:
    """Send templates/mail/<name>.txt and .html once this transaction has ended well; the first line is the subject."""
    subject, _, text = render_to_string(f"mail/{name}.txt", context).strip().partition("\n")
    # What people name themselves or their organizations must not begin a header of its own.
    message = EmailMultiAlternatives(" ".join(subject.split()), text.strip() + "\n", to=[to])
    message.attach_alternative(render_to_string(f"mail/{name}.html", context), "text/html")
    transaction.on_commit(partial(_post, message, name))


def finish_deliveries(seconds: float = 30) -> None:
    """Wait for mails that are on their way."""
    wait(set(_waiting), timeout=seconds)


def _post(message: EmailMultiAlternatives, name: str) -> None:
    future = POSTBOX.submit(_send, message, name)
    _waiting.add(future)
    future.add_done_callback(_waiting.discard)


def _send(message: EmailMultiAlternatives, name: str) -> None:
    try:
        message.send()
    except Exception as error:
        # Neither the address nor the text: a link in a log is a key under the mat.
        logger.error("the mail %r could not be sent: %s; it is not tried again", name, type(error).__name__)
