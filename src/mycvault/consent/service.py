"""Publishing and accepting terms of use."""

from mycvault.act import Act, Look
from mycvault.consent import records, rules
from mycvault.consent.model import Acceptance
from mycvault.errors import InvalidInput, Terms
from mycvault.values.caller import Caller
from mycvault.values.page import Page, check_limit, parse_after


def publish(act: Act, version: str, text: str, *, locale: str) -> Terms:
    """Publish a text of terms; InvalidInput when this version has another text in this language."""
    terms = Terms(
        version=version, text=text, locale=locale, sha256=rules.digest(text), published_at=act.now
    )
    if not records.publish(act.rows, act.new_id(), terms):
        raise InvalidInput("this version has another text", field="version", reason="taken")
    act.record(about=version, sha256=terms.sha256, locale=locale)
    return terms


def published(look: Look, version: str, *, locale: str) -> Terms | None:
    """Find one version's text in one language."""
    texts = records.of_version(look.rows, version)
    return next((terms for terms in texts if terms.locale == locale), None)


def current(look: Look) -> list[Terms]:
    """List the texts of the current version; empty when nothing was published."""
    version = records.newest(look.rows)
    return [] if version is None else records.of_version(look.rows, version)


def shown(look: Look, *, version: str | None, locale: str) -> Terms | None:
    """Find the text to show: of a version or the current one, in her language if it exists."""
    texts = current(look) if version is None else records.of_version(look.rows, version)
    return rules.in_language(texts, locale)


def pending(look: Look, account_id: str, *, locale: str) -> Terms | None:
    """Find the text she has yet to accept; None when there is none."""
    terms = shown(look, version=None, locale=locale)
    if terms is None or records.has_accepted(look.rows, account_id, terms.version):
        return None
    return terms


def acceptances(
    look: Look, *, version: str | None, after: str | None, limit: int
) -> Page[Acceptance]:
    """List who accepted which text when, oldest first; nobody's key is asked for."""
    count = check_limit(limit) + 1
    found = records.acceptances(look.rows, version=version, after=parse_after(after), count=count)
    shown = [acceptance for _, acceptance in found[:limit]]
    return Page(shown, found[limit - 1][0] if len(found) > limit else None)


def accept(act: Act, account_id: str, terms: Terms, caller: Caller) -> None:
    """Write down that she accepted the text that was shown to her."""
    acceptance = Acceptance(
        account_id=account_id,
        version=terms.version,
        locale=terms.locale,
        sha256=terms.sha256,
        accepted_at=act.now,
    )
    known = {"address": caller.address, "user_agent": caller.user_agent}
    client = {name: text for name, text in known.items() if text}
    records.accept(act.rows, act.new_id(), acceptance, client)
    act.record(account_id, terms=terms.version)
