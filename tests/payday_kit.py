"""What tests of a payroll share: people, payslips for them, and where these lie."""

from kit import pdf
from mycvault import Deposit, Enrolment

MONTH = "2026-10"
MIB = 1024 * 1024


def matricules(count):
    return [f"B-{number:05}" for number in range(count)]


def enrol(house, count):
    rows = [
        Enrolment(one, given_name="Ada", family_name="Exemple", locale="en")
        for one in matricules(count)
    ]
    assert house.acme.enrol_many(rows).ok


def slips(names, size=600, **other):
    return [
        Deposit(one, pdf(size, mark=one), kind="payslip", period=MONTH, **other) for one in names
    ]


def contents_of(house):
    query = 'SELECT id, blob, "offset", length, blob_size FROM mycvault_contents ORDER BY id'
    return house.rows(query)


def read_back(house, matricule):
    """Join, and read every document of hers."""
    house.acme.amend(matricule, email=f"{matricule.lower()}@example.org")
    safe = house.activated(matricule).safe
    return [safe.read(one.id) for one in safe.documents()]
