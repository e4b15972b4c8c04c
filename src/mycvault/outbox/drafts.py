"""
Every letter there is, and what it is told: docs/reference/letters.md in code.

A letter is told no more than it says. Links are built here, from the employer's or the policy's URLs and never from a request.
"""

import datetime as dt
from collections.abc import Mapping

import attrs

from mycvault import locales
from mycvault.outbox.model import Draft
from mycvault.policy import PortalUrls
from mycvault.values.choices import Alert, Channel, Kind
from mycvault.values.secret import Secret

_MINUTE = dt.timedelta(minutes=1)


@attrs.frozen(kw_only=True)
class Recipient:
    """
    Whom a letter is for: one address, one language, a name to greet.

    *about*: the employee record or account whose address it is. *sealed_by*: the key its letters wait under.
    """

    to: str = attrs.field(repr=False)
    channel: Channel
    locale: str
    given_name: str = attrs.field(repr=False)
    about: str = ""
    sealed_by: str = "outbox"


@attrs.frozen(kw_only=True)
class Sender:
    """On whose behalf a letter is written, and where its links lead."""

    reference: str
    name: str
    urls: PortalUrls


@attrs.frozen(kw_only=True)
class Carried:
    """The link a letter carries: its token, its row, its end as a civil day of *zone*."""

    token: Secret
    link_id: str
    expires_at: dt.datetime
    zone: str

    def day(self, locale: str) -> str:
        """Say until when the link is good."""
        return locales.day(locale, self.expires_at, self.zone)


def invitation(recipient: Recipient, sender: Sender, link: Carried, *, identifier: str) -> Draft:
    """Invite her into her safe; *identifier*: the address she will sign in with, if it is known."""
    context = {
        "employer_name": sender.name,
        "given_name": recipient.given_name,
        "link": _url(sender.urls.activate, link.token),
        "expires_on": link.day(recipient.locale),
        "identifier": identifier,
    }
    return _carrying("invitation", recipient, sender, link, context)


def confirm_address(recipient: Recipient, sender: Sender, link: Carried) -> Draft:
    """Ask the mailbox of a typed address to prove itself."""
    context = {
        "given_name": recipient.given_name,
        "link": _url(sender.urls.confirm_address, link.token),
        "expires_on": link.day(recipient.locale),
    }
    return _carrying("confirm-address", recipient, sender, link, context)


def activation_code(
    recipient: Recipient,
    sender: Sender,
    code: Secret,
    *,
    lifetime: dt.timedelta,
    expires_at: dt.datetime,
) -> Draft:
    """Carry the code of an activation."""
    context = {
        "code": code.reveal(),
        "minutes": str(lifetime // _MINUTE),
        "employer_name": sender.name,
    }
    draft = _plain("activation-code", recipient, context, employer=sender.reference)
    return attrs.evolve(draft, urgent=True, expires_at=expires_at)


def code(
    template: str,
    recipient: Recipient,
    code: Secret,
    *,
    lifetime: dt.timedelta,
    expires_at: dt.datetime,
) -> Draft:
    """Carry a code to an address of hers; *template* says what it is for."""
    context = {"code": code.reveal(), "minutes": str(lifetime // _MINUTE)}
    draft = _plain(template, recipient, context, employer=None)
    return attrs.evolve(draft, urgent=True, expires_at=expires_at)


def activated(recipient: Recipient, sender: Sender) -> Draft:
    """Tell her that her safe was opened."""
    context = {
        "given_name": recipient.given_name,
        "employer_name": sender.name,
        "sign_in_url": sender.urls.sign_in,
    }
    return _plain("activated", recipient, context, employer=sender.reference)


def new_document(
    recipient: Recipient, sender: Sender, kind: Kind, *, available_from: dt.datetime | None
) -> Draft:
    """Tell her that a document came, once she can see it; its title stays in the safe."""
    context = {
        "given_name": recipient.given_name,
        "employer_name": sender.name,
        "kind": locales.text(recipient.locale, "kinds", kind),
        "sign_in_url": sender.urls.sign_in,
    }
    draft = _plain("new-document", recipient, context, employer=sender.reference)
    return attrs.evolve(draft, not_before=available_from)


def delivery_receipt(recipient: Recipient, sender: Sender, *, receipt: str, summary: str) -> Draft:
    """Carry the dated text that says what was declared about her payslips, and what follows; *summary*: in short."""
    context = {
        "given_name": recipient.given_name,
        "employer_name": sender.name,
        "receipt": receipt,
        "summary": summary,
    }
    return _plain("delivery-receipt", recipient, context, employer=sender.reference)


def refusal_link(recipient: Recipient, sender: Sender, link: Carried) -> Draft:
    """Let her refuse electronic payslips without an account."""
    context = {
        "given_name": recipient.given_name,
        "employer_name": sender.name,
        "link": _url(sender.urls.refuse, link.token),
        "expires_on": link.day(recipient.locale),
    }
    return _carrying("refusal-link", recipient, sender, link, context)


def document_withdrawn(recipient: Recipient, sender: Sender, kind: Kind) -> Draft:
    """Tell somebody invited that a document she has not seen was withdrawn."""
    context = {
        "given_name": recipient.given_name,
        "employer_name": sender.name,
        "kind": locales.text(recipient.locale, "kinds", kind),
    }
    return _plain("document-withdrawn", recipient, context, employer=sender.reference)


def closing(
    recipient: Recipient, sender: Sender, *, on: dt.date, retrieval_until: dt.date
) -> Draft:
    """Announce that an employer's service closes, and until when everything can be retrieved."""
    context = {
        "given_name": recipient.given_name,
        "employer_name": sender.name,
        "closes_on": locales.date(recipient.locale, on),
        "retrieval_until": locales.date(recipient.locale, retrieval_until),
        "sign_in_url": sender.urls.sign_in,
    }
    return _plain("closing", recipient, context, employer=sender.reference)


def security_alert(
    recipient: Recipient,
    what: Alert,
    *,
    when: dt.datetime,
    zone: str,
    device: str,
    urls: PortalUrls,
    contest: Carried | None,
) -> Draft:
    """Tell her what happened to her account; *contest*: the link by which she stops it, while she can."""
    locale = recipient.locale
    context = {
        "given_name": recipient.given_name,
        "alert": str(what),
        "heading": locales.text(locale, "alerts", f"{what}.subject"),
        "fact": locales.text(locale, "alerts", f"{what}.fact"),
        "when": locales.moment(locale, when, zone),
        "device": device,
        "link": "" if contest is None else _url(urls.contest, contest.token),
        "expires_on": "" if contest is None else contest.day(locale),
    }
    draft = _plain("security-alert", recipient, context, employer=None)
    if contest is None:
        return draft
    return attrs.evolve(draft, cause=contest.link_id, expires_at=contest.expires_at)


def account_erased(
    recipient: Recipient, *, certificate: str, effective_on: dt.date, kept: int
) -> Draft:
    """Tell her that her account is erased, but for what a hold keeps; it waits under no key of hers."""
    context = {
        "given_name": recipient.given_name,
        "certificate": certificate,
        "kept": str(kept) if kept else "",
        "effective_on": locales.date(recipient.locale, effective_on),
    }
    nobody = attrs.evolve(recipient, about="", sealed_by="outbox")
    return _plain("account-erased", nobody, context, employer=None)


def _url(template: str, token: Secret) -> str:
    return template.replace("{token}", token.reveal())


def _plain(
    template: str, recipient: Recipient, context: Mapping[str, str], *, employer: str | None
) -> Draft:
    return Draft(
        template=template,
        channel=recipient.channel,
        to=recipient.to,
        locale=recipient.locale,
        context=context,
        employer=employer,
        about=recipient.about,
        sealed_by=recipient.sealed_by,
    )


def _carrying(
    template: str, recipient: Recipient, sender: Sender, link: Carried, context: Mapping[str, str]
) -> Draft:
    draft = _plain(template, recipient, context, employer=sender.reference)
    return attrs.evolve(draft, cause=link.link_id, expires_at=link.expires_at)
