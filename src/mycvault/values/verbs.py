"""Every verb of the public doors, by the name the journal knows it under; its text for people is in `locales/*/events.toml`."""

from enum import StrEnum


class Verb(StrEnum):
    """What a call does."""

    # the deployer
    ADD_EMPLOYER = "add-employer"
    AMEND_EMPLOYER = "amend-employer"
    FIND_EMPLOYER = "find-employer"
    PUBLISH_TERMS = "publish-terms"
    READ_TERMS = "read-terms"
    DELIVER_LETTERS = "deliver-letters"
    REPORT_LETTER = "report-letter"
    LIST_ACCEPTANCES = "list-acceptances"
    HOLD = "hold"
    RELEASE = "release"
    PURGE = "purge"
    ERASE_AGAIN = "erase-again"
    ROTATE_KEYS = "rotate-keys"
    SWEEP = "sweep"
    CHECK_VAULT = "check-vault"
    COMPACT = "compact"
    OPEN_EVIDENCE = "open-evidence"
    ANNOUNCE_CLOSURE = "announce-closure"
    DESCRIBE = "describe"

    # the employer
    ENROL = "enrol"
    SYNC = "sync"
    AMEND = "amend"
    RECORD_LEAVING = "record-leaving"
    LOOK_UP_EMPLOYEE = "look-up-employee"
    INVITE = "invite"
    REVOKE_INVITATION = "revoke-invitation"
    DEPOSIT = "deposit"
    LIST_DEPOSITS = "list-deposits"
    JUDGE_DEPOSIT = "judge-deposit"
    SPLIT = "split"
    WITHDRAW = "withdraw"
    COUNT = "count"
    RECORD_NOTICE = "record-notice"
    RECORD_OBJECTION = "record-objection"
    RECORD_RETURN = "record-return"
    SEND_REFUSAL_LINK = "send-refusal-link"
    LOOK_UP_DELIVERY = "look-up-delivery"

    # arriving
    LOOK_UP_LINK = "look-up-link"
    SEND_CODE = "send-code"
    ACTIVATE = "activate"
    CONFIRM_ADDRESS = "confirm-address"
    LOOK_UP_REFUSAL = "look-up-refusal"
    REFUSE_ELECTRONIC = "refuse-electronic"
    RETURN_TO_ELECTRONIC = "return-to-electronic"

    # signing in
    SIGN_IN = "sign-in"
    LOOK_UP_CODE = "look-up-code"
    RESEND_CODE = "resend-code"
    CONFIRM_CODE = "confirm-code"
    RESUME = "resume"
    END_SESSION = "end-session"
    ACCEPT_TERMS = "accept-terms"
    RECONFIRM = "reconfirm"
    FINISH_RECONFIRM = "finish-reconfirm"
    CHANGE_PASSWORD = "change-password"  # noqa: S105 - the name of a verb
    LIST_SESSIONS = "list-sessions"
    END_OTHER_SESSIONS = "end-other-sessions"
    ERASE_ACCOUNT = "erase-account"

    # the safe
    LIST = "list"
    OPEN = "open"
    CHECK = "check"
    ADD = "add"
    RENAME = "rename"
    LABEL = "label"
    UNLABEL = "unlabel"
    ARCHIVE = "archive"
    UNARCHIVE = "unarchive"
    DISCARD = "discard"
    RESTORE = "restore"
    DESTROY = "destroy"
    EXPORT = "export"
    READ_HISTORY = "read-history"


# Looking changes nothing and says nothing new about anybody: no event is written for it. Refusals of these verbs are.
QUIET = frozenset(
    {
        Verb.FIND_EMPLOYER,
        Verb.READ_TERMS,
        Verb.LOOK_UP_EMPLOYEE,
        Verb.LIST_ACCEPTANCES,
        Verb.LIST_DEPOSITS,
        Verb.JUDGE_DEPOSIT,
        Verb.SPLIT,
        Verb.COUNT,
        Verb.LOOK_UP_DELIVERY,
        Verb.LOOK_UP_REFUSAL,
        Verb.DESCRIBE,
        Verb.LOOK_UP_LINK,
        Verb.LOOK_UP_CODE,
        Verb.RESUME,
        Verb.LIST_SESSIONS,
        Verb.LIST,
        Verb.READ_HISTORY,
        Verb.DELIVER_LETTERS,
    }
)
