"""Employers and employee records: one reference in a vault, one matricule at an employer, found within it alone."""

import datetime as dt

import attrs
import pytest

from attack_kit import rig_at
from mycvault.directory import employer_records, records
from mycvault.directory.model import EmployeeRecord, EmployerRecord, Person
from mycvault.policy import PortalUrls
from mycvault.values.choices import EmployeeStatus

DAY = dt.date(2026, 10, 5)
LATER = dt.timedelta(days=1)


@pytest.fixture
def rig(records_url):
    with rig_at(records_url) as rig:
        yield rig


def employer(rig, reference="acme", **other):
    values = {
        "id": rig.employer(),
        "reference": reference,
        "name": "Acme SAS",
        "siren": None,
        "urls": None,
        "created_at": rig.now,
    }
    return EmployerRecord(**values | other)


def employee(rig, employer_id, matricule="A-1", **other):
    record_id, safe_id = rig.person(employer_id)
    person = Person(
        given_name="Zélie",
        family_name="Exemple",
        email="zelie@example.org",
        birth_date=dt.date(1984, 2, 29),
    )
    values = {
        "id": record_id,
        "employer_id": employer_id,
        "safe_id": safe_id,
        "matricule": matricule,
        "person": person,
        "left_on": None,
        "invited_until": None,
        "joined_at": None,
    }
    return EmployeeRecord(**values | other)


def test_a_reference_is_taken_once(rig):
    """The second employer with one reference is told so; both ways of finding give the first."""
    made = employer(rig, siren="732829320", urls=PortalUrls(sign_in="https://safe.example.org"))
    second, other = employer(rig, name="Other"), employer(rig, "globex")

    with rig.rows() as rows:
        told = [employer_records.add(rows, one) for one in (made, second, other)]

        assert told == [True, False, True]
        assert employer_records.by_reference(rows, "acme") == made
        assert employer_records.by_reference(rows, "no") is None
        assert employer_records.by_ids(rows, [made.id, second.id]) == {made.id: made}
        assert employer_records.after(rows, "", 5) == [made, other]
        assert employer_records.after(rows, made.id, 5) == [other]


def test_an_employers_own_fields_change(rig):
    """What is changed is changed, all else stays; an employer that is not there is not changed."""
    made = employer(rig)

    with rig.rows() as rows:
        employer_records.add(rows, made)

        assert employer_records.amend(rows, made.id, {"name": "Acme SA", "siren": "732829320"})
        assert not employer_records.amend(rows, "no", {"name": "Acme SA"})
        found = employer_records.by_reference(rows, "acme")
    assert found == attrs.evolve(made, name="Acme SA", siren="732829320")


def test_a_matricule_is_one_employers_own(rig):
    """A matricule is taken once at each employer, and found at its own alone."""
    acme, globex = rig.employer(), rig.employer()
    one, again, other = (employee(rig, who) for who in (acme, acme, globex))

    with rig.rows() as rows:
        told = [records.add(rows, record) for record in (one, again, other)]

        assert told == [True, False, True]
        assert records.by_matricule(rows, acme, "A-1") == one
        assert records.by_matricule(rows, globex, "A-1") == other
        assert records.by_matricule(rows, acme, "A-2") is None
        assert records.by_ids(rows, [one.id, again.id]) == {one.id: one}
        assert records.by_safes(rows, [other.safe_id]) == {other.safe_id: other}


def test_a_record_is_marked_while_it_is_as_was_said(rig):
    """She joins once; what is said of her changes with its index and seal."""
    record = employee(rig, rig.employer())

    with rig.rows() as rows:
        records.add(rows, record)
        told = [
            records.mark(rows, record.id, {"joined_at": rig.now}, where={"joined_at": None})
            for _ in range(2)
        ]
        records.mark(rows, record.id, {"left_on": DAY.isoformat(), "email": None}, where={})
        found = records.by_matricule(rows, record.employer_id, "A-1")

    assert told == [True, False]
    assert (found.joined_at, found.left_on, found.person.email) == (rig.now, DAY, None)


def test_a_page_holds_one_employers_people_in_one_state(rig):
    """Each state lists its own people in the order of enrolment, and no list shows another employer's."""
    acme = rig.employer()
    states = {
        EmployeeStatus.ENROLLED: {},
        EmployeeStatus.INVITED: {"invited_until": rig.now + LATER},
        EmployeeStatus.EXPIRED: {"invited_until": rig.now},
        EmployeeStatus.ACTIVE: {"invited_until": rig.now, "joined_at": rig.now},
        EmployeeStatus.LEFT: {"joined_at": rig.now},
    }
    people = {one: employee(rig, acme, str(one), **more) for one, more in states.items()}
    asked = {"after": "", "count": 10, "now": rig.now, "today": DAY}
    stranger = employee(rig, rig.employer())

    with rig.rows() as rows:
        records.add(rows, stranger)
        for record in people.values():
            records.add(rows, record)
        gone = people[EmployeeStatus.LEFT]
        records.mark(rows, gone.id, {"left_on": DAY.isoformat()}, where={})
        listed = {
            status: [one.id for one in records.page(rows, acme, status=status, **asked)]
            for status in states
        }
        everybody = records.page(rows, acme, status=None, **asked | {"count": 2})

    assert listed == {status: [record.id] for status, record in people.items()}
    assert [one.id for one in everybody] == [one.id for one in people.values()][:2]
