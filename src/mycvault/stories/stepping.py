"""
The step after a password: how a code reaches her, the request for one, and the judging of what she typed.

Signing in, confirming and recovering take the same step, each with challenges of its own purpose. A try is counted before it is
judged; what was judged is used in the act it allows.
"""

from collections.abc import Mapping

import attrs

from mycvault.accounts import service as accounts
from mycvault.accounts.model import Account
from mycvault.act import Act, Look
from mycvault.codes import rules as code_rules
from mycvault.codes import service as codes
from mycvault.codes.model import Challenge, CodePurpose, CodeRequired
from mycvault.desk import Call
from mycvault.outbox import drafts
from mycvault.values.caller import Caller
from mycvault.values.choices import Assurance, Channel, SecondFactor

_LETTERS = {CodePurpose.SIGN_IN: "sign-in-code", CodePurpose.RECONFIRM: "confirm-code"}


@attrs.frozen(kw_only=True)
class Steps:
    """Whose step it is, and the ways a code reaches her, with the address each leads to."""

    owner: Account
    ways: Mapping[Channel, str] = attrs.field(repr=False)

    def first(self, asked: SecondFactor) -> Channel | None:
        """Choose the way that is taken unless she asks for another; None when there is none."""
        return code_rules.second_step(asked, frozenset(self.ways))

    def besides(self, way: Channel) -> frozenset[Channel]:
        """Tell the ways she may ask for instead."""
        # SMS and e-mail are alike: each makes two steps, neither is a factor. An app, once there is one, stands above both.
        return frozenset(self.ways) - {way}


@attrs.frozen(kw_only=True)
class Passed:
    """A step that was taken right, to be used in the act it allows; how sure it makes that it is she."""

    challenge: Challenge
    assurance: Assurance


def steps(look: Look, account_id: str) -> Steps:
    """Find how a code reaches the holder of an account, and name her as the one concerned."""
    look.concerns(account_id)
    owner = accounts.account(look, account_id)
    return Steps(owner=owner, ways=accounts.ways(look, owner))


def ask(
    act: Act,
    steps: Steps,
    purpose: CodePurpose,
    way: Channel,
    *,
    again: bool = False,
    session: str | None = None,
    caller: Caller | None = None,
) -> CodeRequired:
    """Send a code; *again*: she asked for another one. *session*: the one that asked; *caller*: from where. TooManyAttempts."""
    owner, address = steps.owner, steps.ways[way]
    sent = codes.send(
        act,
        purpose,
        subject=owner.id,
        channel=way,
        address=address,
        again=again,
        session=session,
        caller=caller,
    )
    act.record(owner.id, about=sent.challenge.id, channel=way)
    act.tell(
        drafts.code(
            _LETTERS[purpose],
            accounts.recipient(owner, address, way),
            sent.code,
            lifetime=act.policy.codes.lifetime,
            expires_at=sent.challenge.expires_at,
        )
    )
    return shown(act, steps, sent.challenge, sent.token.reveal())


def shown(look: Look, steps: Steps, challenge: Challenge, token: str) -> CodeRequired:
    """Say what a code page shows of a request; only a sign-in offers another way."""
    signs_in = challenge.purpose is CodePurpose.SIGN_IN
    others = steps.besides(challenge.channel) if signs_in else frozenset[Channel]()
    return codes.required(challenge, token, look, alternatives=others)


def judge(call: Call, challenge: Challenge, typed: str) -> Passed:
    """Count a try, then judge what was typed. CodeRefused, TooManyAttempts."""
    with call.attempt() as attempt:
        left = codes.count_try(attempt, challenge.subject, challenge.purpose)
    with call.look() as look:
        codes.match(look, [challenge], typed, tries_left=left)
    return Passed(challenge=challenge, assurance=Assurance.TWO_STEP)


def take(act: Act, passed: Passed) -> Assurance:
    """Use a step, once; CodeExpired when another call was first."""
    codes.use(act, passed.challenge)
    return passed.assurance
