"""
She is told what happened to her account, at every address she proved: whoever did it may not have been she.

Rule: every security event reaches all her addresses (NIST SP 800-63B-4, 4.6; ASVS 5.0, 6.3.7). What can still be stopped carries
a link for each address; the first one used is enough.
"""

from collections.abc import Iterable

from mycvault.accounts import service as accounts
from mycvault.act import Act
from mycvault.links import service as links
from mycvault.links.model import Purpose
from mycvault.outbox import drafts
from mycvault.outbox.drafts import Carried, Recipient
from mycvault.values.choices import Alert


def alert(
    act: Act,
    account_id: str,
    what: Alert,
    *,
    device: str = "",
    contest: str | None = None,
    to: Iterable[Recipient] | None = None,
) -> None:
    """
    Tell her what happened.

    Args:
        act: The act that does it.

        account_id: Hers.

        what: What happened.

        device: From where, in the host's words; may be empty.

        contest: The row that her objection stops (an address, an act of support); a link for it goes with each letter and
            lives for `Policy.support_delay`.

        to: The addresses to tell, where the act has changed them already; all she proved when None.
    """
    for recipient in accounts.reachable(act, account_id) if to is None else to:
        carried = None if contest is None else _contest(act, account_id, contest, recipient)
        act.tell(
            drafts.security_alert(
                recipient,
                what,
                when=act.now,
                zone=act.policy.legal.zone,
                device=device,
                urls=act.policy.urls,
                contest=carried,
            )
        )


def _contest(act: Act, account_id: str, owner: str, recipient: Recipient) -> Carried:
    link, token = links.issue(
        act,
        Purpose.CONTEST,
        owner=owner,
        subject=account_id,
        channel=recipient.channel,
        lifetime=act.policy.support_delay,
        beside=True,
    )
    zone = act.policy.legal.zone
    return Carried(token=token, link_id=link.id, expires_at=link.expires_at, zone=zone)
