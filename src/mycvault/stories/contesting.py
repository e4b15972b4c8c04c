"""
She objects to what she was told of: the link in an alert takes it back.

An objection by any of her addresses is enough, and using its link twice is no error: a page that is loaded again must not
frighten her. Whoever objects was not the one who asked, so every session ends.
"""

from contextlib import suppress

from mycvault.accounts import addressing
from mycvault.accounts import service as accounts
from mycvault.desk import Call
from mycvault.errors import AlreadyActivated
from mycvault.links import service as links
from mycvault.links.model import Purpose
from mycvault.sessions import service as sessions
from mycvault.stories import alerting
from mycvault.support import service as support
from mycvault.values.choices import Alert


def contest(call: Call, token: str) -> None:
    """Take back what a link was sent for. LinkDamaged, LinkInvalid, LinkExpired."""
    with call.look() as look:
        link = links.find(look, token, Purpose.CONTEST)
        with suppress(AlreadyActivated):
            links.judge(look, link)
    with call.act() as act:
        accounts.take(act, link.subject)
        if link.used_at is None:
            links.use(act, link, by=None)
        links.revoke(act, link.owner, Purpose.CONFIRM_ADDRESS)
        act.record(link.subject, link=link.id)
        if addressing.contest(act, link.subject, link.owner):
            done = Alert.EMAIL_CONTESTED
        elif support.stop(act, link.subject, link.owner):
            done = Alert.SUPPORT_STOPPED
        else:
            return
        sessions.end_all(act, link.subject)
        alerting.alert(act, link.subject, done)
