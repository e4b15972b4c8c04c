"""
Somebody the host signs in already gets an account, with the hash of the password she has there.

Nobody proves anything here: the employer says who she is and which mailbox is hers, as it does when it invites her, and her first
code proves the mailbox. Whether that address is another account's is found in the act and told to nobody.
"""

from mycvault.accounts import addressing
from mycvault.accounts import service as accounts
from mycvault.accounts.model import Account
from mycvault.act import Act
from mycvault.credentials import service as credentials
from mycvault.crypto import foreign
from mycvault.desk import Call
from mycvault.directory import rules as directory_rules
from mycvault.directory import service as directory
from mycvault.directory.model import EmployeeRecord, EmployerRecord
from mycvault.errors import AddressMissing
from mycvault.links import service as links
from mycvault.links.model import Purpose


def adopt(call: Call, employer: EmployerRecord, matricule: str, password_hash: str) -> None:
    """
    Open an account for a record that never joined.

    Raises:
        InvalidInput, SetupError: The hash is none of the list, too costly, or cannot be verified here.
        EmployeeMissing, AlreadyActivated, AddressMissing: Of the record.
    """
    hashed = foreign.adoptable(password_hash)
    with call.look() as look:
        record = directory.to_invite(look, employer.id, directory_rules.parse_matricule(matricule))
        _email(record)
    account_id = call.new_id()
    call.keys.open_account(account_id, record.safe_id, employer.id, call.now)
    with call.act() as act:
        links.revoke(act, record.id, Purpose.INVITATION)
        directory.mark_joined(act, record)
        _open_account(act, record.id, account_id, record.safe_id)
        credentials.set_first(act, account_id, hashed)
        act.record(record.safe_id, about=record.id)
    call.keys.keep_only(account_id, [record.safe_id])


def _open_account(act: Act, record_id: str, account_id: str, safe_id: str) -> None:
    # Read again: it stands until the act ends, for it was changed in it; HR may have corrected it since the look.
    record = directory.by_ids(act, [record_id])[record_id]
    account = Account(
        id=account_id,
        given_name=record.person.given_name,
        family_name=record.person.family_name,
        locale=record.person.locale,
        created_at=act.now,
    )
    accounts.open_account(act, account, safe_id)
    addressing.adopt_email(act, account_id, _email(record))


def _email(record: EmployeeRecord) -> str:
    if record.person.email is None:
        raise AddressMissing(field="email")
    return record.person.email
