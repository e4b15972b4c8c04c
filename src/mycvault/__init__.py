"""
A digital safe for payslips and HR documents, to embed in an HR system.

Everything public is here and loaded on first use: `import mycvault` is quick and pulls in no database, no template engine and
no telephone numbers. `docs/map.md` leads from an idea to its file.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mycvault.accounts.model import Holder as Holder
    from mycvault.codes.model import CodeRequired as CodeRequired
    from mycvault.consent.model import Acceptance as Acceptance
    from mycvault.couriers import ConsoleCourier as ConsoleCourier
    from mycvault.couriers import MemoryCourier as MemoryCourier
    from mycvault.couriers import RoutingCourier as RoutingCourier
    from mycvault.couriers import SmtpCourier as SmtpCourier
    from mycvault.delivery.model import Notice as Notice
    from mycvault.delivery.model import Objection as Objection
    from mycvault.directory.model import Employee as Employee
    from mycvault.directory.model import Enrolment as Enrolment
    from mycvault.directory.model import SyncReport as SyncReport
    from mycvault.documents.model import Deposit as Deposit
    from mycvault.documents.model import DepositReport as DepositReport
    from mycvault.documents.model import Document as Document
    from mycvault.documents.model import ExportManifest as ExportManifest
    from mycvault.documents.model import Outcome as Outcome
    from mycvault.documents.model import Receipt as Receipt
    from mycvault.documents.model import SplitReport as SplitReport
    from mycvault.doors.delivery import Delivery as Delivery
    from mycvault.doors.employer import Employer as Employer
    from mycvault.doors.joining import Joining as Joining
    from mycvault.doors.journal import Journal as Journal
    from mycvault.doors.outbox import Outbox as Outbox
    from mycvault.doors.recovery import Recovery as Recovery
    from mycvault.doors.safe import Safe as Safe
    from mycvault.doors.security import Security as Security
    from mycvault.doors.session import Session as Session
    from mycvault.doors.upkeep import Upkeep as Upkeep
    from mycvault.errors import *
    from mycvault.factors.enrolment import AppEnrolment as AppEnrolment
    from mycvault.journal.model import Event as Event
    from mycvault.keys.local import LocalKeys as LocalKeys
    from mycvault.legal.profile import LegalProfile as LegalProfile
    from mycvault.links.model import Invitation as Invitation
    from mycvault.links.model import Link as Link
    from mycvault.policy import CodePolicy as CodePolicy
    from mycvault.policy import DocumentPolicy as DocumentPolicy
    from mycvault.policy import PasswordPolicy as PasswordPolicy
    from mycvault.policy import Policy as Policy
    from mycvault.policy import PortalUrls as PortalUrls
    from mycvault.policy import Retention as Retention
    from mycvault.policy import SessionPolicy as SessionPolicy
    from mycvault.policy import ThrottlePolicy as ThrottlePolicy
    from mycvault.policy import Tier as Tier
    from mycvault.ports import Blobs as Blobs
    from mycvault.ports import Clock as Clock
    from mycvault.ports import Courier as Courier
    from mycvault.ports import KeyProvider as KeyProvider
    from mycvault.ports import Letter as Letter
    from mycvault.retention.model import Destruction as Destruction
    from mycvault.sessions.model import SessionInfo as SessionInfo
    from mycvault.stories.activating import Welcome as Welcome
    from mycvault.stories.admitting import Employment as Employment
    from mycvault.stories.counting import Statistics as Statistics
    from mycvault.stories.posting import PostReport as PostReport
    from mycvault.stories.recovering import RecoveryStep as RecoveryStep
    from mycvault.stories.refusing import Refusal as Refusal
    from mycvault.stories.reviewing import SecurityOverview as SecurityOverview
    from mycvault.values.caller import Caller as Caller
    from mycvault.values.choices import Alert as Alert
    from mycvault.values.choices import Assurance as Assurance
    from mycvault.values.choices import Channel as Channel
    from mycvault.values.choices import DeliveryMode as DeliveryMode
    from mycvault.values.choices import EmployeeStatus as EmployeeStatus
    from mycvault.values.choices import Kind as Kind
    from mycvault.values.choices import Need as Need
    from mycvault.values.choices import SecondFactor as SecondFactor
    from mycvault.values.content import Content as Content
    from mycvault.values.page import Page as Page
    from mycvault.values.period import Period as Period
    from mycvault.values.report import Health as Health
    from mycvault.values.report import Report as Report
    from mycvault.values.report import UpgradeReport as UpgradeReport
    from mycvault.values.secret import Secret as Secret
    from mycvault.vault import Vault as Vault
else:
    from importlib import import_module

    _HOMES = {
        "accounts.model": "Holder",
        "codes.model": "CodeRequired",
        "consent.model": "Acceptance",
        "couriers": "ConsoleCourier MemoryCourier RoutingCourier SmtpCourier",
        "delivery.model": "Notice Objection",
        "directory.model": "Employee Enrolment SyncReport",
        "documents.model": "Deposit DepositReport Document ExportManifest Outcome Receipt SplitReport",
        "doors.delivery": "Delivery",
        "doors.employer": "Employer",
        "doors.joining": "Joining",
        "doors.journal": "Journal",
        "doors.outbox": "Outbox",
        "doors.recovery": "Recovery",
        "doors.safe": "Safe",
        "doors.security": "Security",
        "doors.session": "Session",
        "doors.upkeep": "Upkeep",
        "errors": (
            "AccountDisabled AddressMissing AlreadyActivated BlobMissing BlobsUnavailable CodeExpired CodeRefused "
            "ConflictError CourierUnavailable DeniedError DepositConflict DocumentDamaged DocumentMissing EmployeeExists "
            "EmployeeMissing EmployerExists EmployerMissing EventMissing FreshConfirmationRequired IdentityMismatch "
            "InputError InvalidInput JournalBroken KeysUnavailable LegalHold LetterRefused LinkDamaged LinkExpired "
            "LinkInvalid MissingError MycvaultError NotYetSealed PaperRequired PasswordTooWeak Reason RecordDamaged "
            "RecordsUnavailable SchemaMismatch SessionEnded SessionMissing SetupError SignInRefused TamperedError Terms "
            "TermsRequired TooManyAttempts UnacceptableContent UnavailableError VaultExists VaultMissing WithdrawalRefused "
            "WrongKeys"
        ),
        "factors.enrolment": "AppEnrolment",
        "journal.model": "Event",
        "keys.local": "LocalKeys",
        "legal.profile": "LegalProfile",
        "links.model": "Invitation Link",
        "policy": (
            "CodePolicy DocumentPolicy PasswordPolicy Policy PortalUrls Retention SessionPolicy ThrottlePolicy Tier"
        ),
        "ports": "Blobs Clock Courier KeyProvider Letter",
        "retention.model": "Destruction",
        "sessions.model": "SessionInfo",
        "stories.activating": "Welcome",
        "stories.admitting": "Employment",
        "stories.counting": "Statistics",
        "stories.posting": "PostReport",
        "stories.recovering": "RecoveryStep",
        "stories.refusing": "Refusal",
        "stories.reviewing": "SecurityOverview",
        "values.caller": "Caller",
        "values.choices": "Alert Assurance Channel DeliveryMode EmployeeStatus Kind Need SecondFactor",
        "values.content": "Content",
        "values.page": "Page",
        "values.period": "Period",
        "values.report": "Health Report UpgradeReport",
        "values.secret": "Secret",
        "vault": "Vault",
    }
    _PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}
    __all__ = sorted(_PLACES)

    def __getattr__(name):
        """Load a public name from its place, once."""
        if name not in _PLACES:
            raise AttributeError(f"module 'mycvault' has no attribute {name!r}")
        value = getattr(import_module(f"mycvault.{_PLACES[name]}"), name)
        globals()[name] = value
        return value

    def __dir__():
        return __all__
