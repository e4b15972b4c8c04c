"""
She forgot her password: a link, a code by another way, a new password.

Nothing changes before the code is judged, then everything in one act: the link is used, and those beside it; the password is set;
what was asked of a code dies; every session ends, and hers begins. A second factor is never removed (ASVS 5.0, 6.4.3).

Rule: whoever reads her mailbox alone does not get in, once she has a number or an app. With nothing but one mailbox the link is
all there is: e-mail is no second factor to itself. The request for the link is `answering`'s.
"""

import datetime as dt

import attrs

from mycvault.accounts import service as accounts
from mycvault.act import Act, Look
from mycvault.codes import rules as code_rules
from mycvault.codes import service as codes
from mycvault.codes.model import Challenge, CodePurpose, CodeRequired
from mycvault.credentials import service as credentials
from mycvault.credentials import strength
from mycvault.desk import Call
from mycvault.directory import service as directory
from mycvault.errors import AddressMissing, CodeExpired, CodeRefused, LinkInvalid
from mycvault.links import service as links
from mycvault.links.model import LinkRecord, Purpose
from mycvault.sessions import service as sessions
from mycvault.sessions.model import SessionRecord
from mycvault.stories import alerting, asking_mailbox, beginning, settling, stepping
from mycvault.stories.stepping import Passed, Steps
from mycvault.values.choices import Alert, Assurance, Channel, Need
from mycvault.values.secret import Secret


@attrs.frozen(kw_only=True)
class RecoveryStep:
    """What the page for a new password shows; *needs* is what `Recovery.complete` must be given."""

    needs: frozenset[Need]
    expires_at: dt.datetime


@attrs.frozen(kw_only=True)
class _Scene:
    """What a live link leads to; *way*: how the code travels, None when none is asked."""

    link: LinkRecord
    steps: Steps
    way: Channel | None


def look_up(call: Call, token: str) -> RecoveryStep:
    """Show what a link asks, using nothing. LinkDamaged, LinkInvalid, LinkExpired, AlreadyActivated."""
    scene = _find(call, token)
    needs = {Need.PASSWORD} if scene.way is None else {Need.PASSWORD, Need.CODE}
    return RecoveryStep(needs=frozenset(needs), expires_at=scene.link.expires_at)


def send_code(call: Call, token: str) -> CodeRequired:
    """Send the code by another way than the link's. AddressMissing, TooManyAttempts, and the link's errors."""
    scene = _find(call, token)
    if scene.way is None:
        raise AddressMissing(field="phone")
    with call.act() as act:
        return stepping.ask(act, scene.steps, CodePurpose.RECOVERY, scene.way, again=True)


def complete(
    call: Call, token: str, *, password: str, code: str | None
) -> tuple[SessionRecord, Secret]:
    """
    Set a new password.

    Raises:
        LinkDamaged, LinkInvalid, LinkExpired, AlreadyActivated: The link does not lead there.
        PasswordTooWeak, InvalidInput: She can mend it; nothing is counted.
        CodeRefused: The code is missing (counts for nothing) or wrong.
        CodeExpired, TooManyAttempts: A new code, or a pause.
    """
    scene = _find(call, token)
    password = _judge_password(call, scene, password)
    passed = _confirm_code(call, scene, code)
    hashed = call.hasher.hash(password)
    with call.act() as act:
        account_id = scene.link.owner
        # Her account before what hangs on it, as in every act: two that cross would wait for each other.
        accounts.keep_standing(act, account_id)
        links.use(act, scene.link, by=account_id, with_others=True)
        # Whoever was in with her old password may have begun to make an address of his hers.
        asking_mailbox.void(act, account_id)
        # What the look saw is proved again: an address taken off, a factor added, an account erased since.
        if _scene(act, scene.link).way is not scene.way:
            raise CodeExpired(field="code")
        assurance = _take(act, passed)
        credentials.replace(act, account_id, hashed)
        # A sign-in that is half way in knows the old password: its request for a code dies with it.
        codes.forget(act, account_id)
        sessions.end_all(act, account_id)
        device = call.caller.user_agent or ""
        alerting.alert(act, account_id, Alert.RECOVERED, device=device)
        return beginning.begin(act, call.caller, account_id, assurance)


# ------------------------------------------------------------------ what a link leads to


def _find(call: Call, token: str) -> _Scene:
    with call.look() as look:
        link = links.find(look, token, Purpose.RECOVERY)
        links.judge(look, link)
    settling.settle(call, link.owner)
    with call.look() as look:
        return _scene(look, link)


def _scene(look: Look, link: LinkRecord) -> _Scene:
    """Find whose password it is; LinkInvalid when she is erased, or the address the link went to is hers no more."""
    if accounts.is_erased(look, link.owner):
        raise LinkInvalid
    keys = accounts.identifier_keys(look, link.owner)
    if not any(links.came_to(look, link, key) for key in keys):
        raise LinkInvalid
    steps = stepping.steps(look, link.owner)
    way = code_rules.recovery_step(Channel(link.channel), frozenset(steps.ways))
    return _Scene(link=link, steps=steps, way=way)


# ------------------------------------------------------------------ judging what she typed


def _judge_password(call: Call, scene: _Scene, password: str) -> str:
    """
    Judge the new password alone; the old one is not asked for.

    Whether it is the old one is not told: it would tell whoever holds the link what her password is.
    """
    owner = scene.steps.owner
    with call.look() as look:
        known = [address.text for address in accounts.addresses(look, owner.id)]
        employer_ids = {safe.employer_id for safe in accounts.safes_of(look, owner.id)}
        names = [employer.name for employer in directory.employers(look, employer_ids).values()]
    personal = [owner.given_name, owner.family_name, *known, *names]
    alone = scene.steps.first(call.policy.second_factor) is None
    return strength.check(password, call.policy.passwords, alone=alone, personal=personal)


def _confirm_code(call: Call, scene: _Scene, code: str | None) -> Passed | None:
    """Judge the code that is asked: a missing one counts for nothing, a typed one is counted before it is judged."""
    if scene.way is None:
        return None
    if not code:
        raise CodeRefused(call.policy.codes.tries)
    challenge, *others = _asked(call, scene, scene.way)
    return stepping.judge(call, challenge, code, *others)


def _asked(call: Call, scene: _Scene, way: Channel) -> list[Challenge]:
    """Find what the code answers: what was sent by *way* to the address that is hers now; CodeExpired."""
    for _ in range(2):
        with call.look() as look:
            sent = codes.live(look, scene.link.owner, CodePurpose.RECOVERY)
        live = [c for c in sent if (c.channel, c.address) == (way, scene.steps.ways[way])]
        if live or way is not Channel.APP:
            break
        # An app needs nobody to send it anything: its code is typed at once.
        with call.act() as act:
            stepping.ask(act, scene.steps, CodePurpose.RECOVERY, way)
    if not live:
        raise CodeExpired(field="code")
    return live


def _take(act: Act, passed: Passed | None) -> Assurance:
    """Use the code. A password that was set a moment ago is no proof of knowing it: two steps, whatever the code came from."""
    if passed is None:
        return Assurance.PASSWORD
    stepping.take(act, passed)
    return Assurance.TWO_STEP
