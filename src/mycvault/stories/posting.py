"""
Letters leave, and what was asked of an identifier is answered.

One letter at a time is claimed under a lease and judged as it leaves, rendered and handed to the courier outside any
transaction, then settled: at least once, never twice but after a crash between the two. A channel whose courier does not
answer is left alone for the rest of the run.
"""

from typing import TYPE_CHECKING

import attrs

from mycvault.desk import Call
from mycvault.directory import service as directory
from mycvault.errors import CourierUnavailable, LetterRefused
from mycvault.links import service as links
from mycvault.outbox import rules as outbox_rules
from mycvault.outbox import service as outbox
from mycvault.outbox.model import Claimed
from mycvault.ports import Courier, Letter
from mycvault.stories import answering
from mycvault.stories.answering import OnBehalf
from mycvault.values.choices import Channel

if TYPE_CHECKING:
    from mycvault.outbox.letters import Letters


@attrs.frozen(kw_only=True)
class PostReport:
    """What a delivery run did; *remaining* letters are due now or later."""

    sent: int
    postponed: int
    dead: int
    remaining: int

    @property
    def ok(self) -> bool:
        """Tell whether nothing was postponed or given up."""
        return not (self.postponed or self.dead)


@attrs.define
class Tally:
    """What a run did so far, and the channels whose courier does not answer."""

    sent: int = 0
    postponed: int = 0
    dead: int = 0
    answered: int = 0
    silent: set[Channel] = attrs.field(factory=set)

    @property
    def handled(self) -> int:
        """How many letters the run has had in hand."""
        return self.sent + self.postponed + self.dead


def deliver_next(
    call: Call,
    courier: Courier,
    letters: "Letters",
    run: Tally,
    *,
    urgent_only: bool,
    on_behalf: OnBehalf,
) -> bool:
    """Hand the next due letter to the courier; False when none is due."""
    with call.act() as act:
        letter = outbox.claim(act.rows, now=act.now, urgent_only=urgent_only)
        cause = letter.draft.cause if isinstance(letter, Claimed) else ""
        is_dead = bool(cause) and cause in links.dead_among(act, [cause])
    if not isinstance(letter, Claimed):
        return letter is not None
    if letter.draft.errand:
        _answer(call, letter, run, on_behalf)
        return True
    _post(call, courier, letters, letter, run, is_dead=is_dead)
    return True


def finish(call: Call, run: Tally) -> PostReport:
    """Report what a run did."""
    with call.look() as look:
        remaining = outbox.waiting(look.rows)
    return PostReport(sent=run.sent, postponed=run.postponed, dead=run.dead, remaining=remaining)


def pending(call: Call, *, due: bool) -> int:
    """Count the letters that wait: all of them, or those whose time has come."""
    with call.look() as look:
        return outbox.waiting(look.rows, now=look.now if due else None)


def report(call: Call, letter_id: str, outcome: str) -> None:
    """Write down what the host heard of a letter; InvalidInput."""
    with call.act() as act:
        about = outbox.report(act.rows, letter_id, outcome)
        if outbox_rules.has_failed(outcome):
            directory.mark_undelivered(act, about)
        elif outbox_rules.has_arrived(outcome):
            directory.mark_reached(act, about)
        act.record(about=letter_id, outcome=outcome)


def _post(
    call: Call, courier: Courier, letters: "Letters", letter: Claimed, run: Tally, *, is_dead: bool
) -> None:
    draft = letter.draft
    if is_dead or (draft.expires_at is not None and draft.expires_at <= call.now):
        _give_up(call, letter, run)
    elif draft.channel in run.silent:
        _try_later(call, letter, run)
    else:
        _send(call, courier, letters, letter, run)


def _answer(call: Call, asked: Claimed, run: Tally, on_behalf: OnBehalf) -> None:
    run.answered += 1
    if asked.draft.expires_at is not None and asked.draft.expires_at <= call.now:
        _give_up(call, asked, run)
    else:
        answering.answer(call, asked, on_behalf)


def _send(call: Call, courier: Courier, letters: "Letters", letter: Claimed, run: Tally) -> None:
    try:
        courier.send(_rendered(letters, letter))
    except CourierUnavailable:
        run.silent.add(letter.draft.channel)
        _try_later(call, letter, run)
    except LetterRefused:
        _give_up(call, letter, run, undelivered=True)
    except Exception:
        # A fault in the courier or a template: told to the host, and not met again at once by every run.
        _try_later(call, letter, run)
        raise
    else:
        with call.act() as act:
            outbox.mark_sent(act.rows, letter, now=act.now)
        run.sent += 1


def _try_later(call: Call, letter: Claimed, run: Tally) -> None:
    with call.act() as act:
        postponed = outbox.try_later(act.rows, letter, now=act.now)
        if not postponed and not letter.draft.urgent:
            directory.mark_undelivered(act, letter.draft.about)
    run.postponed += postponed
    run.dead += not postponed


def _give_up(call: Call, letter: Claimed, run: Tally, *, undelivered: bool = False) -> None:
    with call.act() as act:
        outbox.give_up(act.rows, letter)
        if undelivered:
            directory.mark_undelivered(act, letter.draft.about)
    run.dead += 1


def _rendered(letters: "Letters", letter: Claimed) -> Letter:
    draft = letter.draft
    text = letters.render(
        draft.template, locale=draft.locale, channel=draft.channel, context=draft.context
    )
    return Letter(
        id=letter.id,
        channel=draft.channel,
        to=draft.to,
        template=draft.template,
        locale=draft.locale,
        subject=text.subject,
        text=text.text,
        html=text.html,
        employer=draft.employer,
        context=draft.context,
    )
