"""Opening a connection to the mail server: greeted, encrypted where that is offered or asked for, signed in."""

from __future__ import annotations

import contextlib
import ipaddress
import math
import smtplib
import socket
import ssl
import threading
import time

from tracker.config import Durations, Mail
from tracker.mail.transport import Unreachable


def open_connection(mail: Mail, durations: Durations, *, name: str, until: float) -> smtplib.SMTP:
    """Wait for a connection, by the monotonic clock at most until then: whoever dictates its answers letter by letter
    is hung up on. Raises Unreachable for what it does not offer; else what smtplib, ssl and the socket raise."""
    seconds = durations.smtp_connect.total_seconds()
    if mail.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            mail.host, mail.port, local_hostname=name, timeout=seconds, context=ssl.create_default_context()
        )
    else:
        connection = smtplib.SMTP(mail.host, mail.port, local_hostname=name, timeout=seconds)
    enough = threading.Timer(max(until - time.monotonic(), 0), _shut, [connection])
    enough.daemon = True
    if until != math.inf:
        enough.start()
    try:
        if connection.sock is not None:
            connection.sock.settimeout(durations.smtp_command.total_seconds())
        connection.ehlo_or_helo_if_needed()
        is_sealed = mail.scheme == "smtps"
        if not is_sealed and mail.starttls != "never":
            if connection.has_extn("starttls"):
                connection.starttls(context=ssl.create_default_context())
                connection.ehlo_or_helo_if_needed()
                is_sealed = True
            elif mail.starttls == "required":
                raise Unreachable("The mail server does not offer STARTTLS, which MAIL_URL requires.")
        if mail.user:
            if not is_sealed and not _is_loopback(mail.host):
                raise Unreachable("The mail server offers no encryption; the password is not sent in the clear.")
            connection.login(mail.user, mail.password)
    except BaseException:
        connection.close()
        raise
    finally:
        enough.cancel()
    return connection


def _shut(connection: smtplib.SMTP) -> None:
    """Whoever waits for an answer on it hears that there will be none."""
    if connection.sock is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
