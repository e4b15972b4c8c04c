"""
A process forks after its vault was opened: the child is refused at every door, and the parent goes on.

The child has copies of the parent's sockets, locks and open database files, and must not touch one of them.
"""

import gc
import io
import os
import pickle
import traceback

import pytest

import kit
import remotes
import services
from mycvault import Deposit, SetupError


@pytest.fixture(params=["sqlite+folder", "postgresql+s3", "postgresql+sftp"])
def house(request, tmp_path):
    """A vault as a web server has it before it forks its workers."""
    if request.param == "sqlite+folder":
        with kit.house_at(tmp_path) as house:
            yield house
        return
    url = services.fresh_database(request.getfixturevalue("postgres_url"))
    place: remotes.Place = request.getfixturevalue(request.param.partition("+")[2])
    with kit.house_on(place, url, tmp_path) as house:
        yield house
    services.drop_database(url)


def in_child(work) -> object:
    """Do *work* in a forked child and give what it gave; the child cleans nothing up, as a worker that is killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            told = pickle.dumps(work())
        except BaseException:  # noqa: BLE001 - a child must end here
            told = pickle.dumps(traceback.format_exc())
        os.write(writing, told)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    return pickle.loads(told)


def answers(calls) -> dict[str, str]:
    """Call each, and name what it raised."""
    found = {}
    for name, call in calls.items():
        try:
            call()
            found[name] = "answered"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            found[name] = f"{type(error).__name__}: {error}"
    return found


# A finaliser of a dropped connection in the child may complain of a loop that does not run there.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_is_refused_at_every_door(house, tmp_path):
    """Every kind of caller is told to open the vault after forking, also in what was begun before."""
    session = house.joined()
    small = kit.slip(house, "small", reference="small")
    large_content = kit.pdf(3 << 20, mark="large")
    large = house.acme.deposit("A-0042", io.BytesIO(large_content), kind="other", reference="large")
    safe, acme, vault = session.safe, house.acme, house.vault
    stream = safe.open(large.document_id)
    begin = stream.read(100)
    held = safe.open(small.document_id)
    begun = acme.deposit_each(
        Deposit("A-0042", kit.pdf(mark=f"each {number}"), kind="other", reference=f"each-{number}")
        for number in range(4)
    )
    next(begun)
    employers = vault.employers()

    calls = {
        "vault": lambda: vault.employer("acme"),
        "vault.employers": lambda: next(employers),
        "vault.terms": vault.terms,
        "vault.ping": vault.ping,
        "sign_in": lambda: vault.sign_in(kit.EMAIL, kit.PASSWORD),
        "resume": lambda: vault.resume(session.token.reveal()),
        "joining": lambda: vault.joining.look_up("mcv_nothing"),
        "outbox": vault.outbox.pending,
        "upkeep": vault.upkeep.purge,
        "session.security": session.security.erase_account,
        "employer.deposit": lambda: kit.slip(house, "child"),
        "employer.employees": acme.employees,
        "employer.delivery": acme.delivery.paper_list,
        "deposit_each": lambda: list(begun),
        "safe.documents": safe.documents,
        "safe.read": lambda: safe.read(small.document_id),
        "safe.open": lambda: safe.open(small.document_id),
        "safe.export": lambda: safe.export(io.BytesIO()),
        "session.end": session.end,
        "session.reconfirm": lambda: session.reconfirm(kit.PASSWORD),
    }
    for _ in range(2):
        told = in_child(lambda: answers(calls))
        assert isinstance(told, dict), told
        wrong = {name: said for name, said in told.items() if "after forking" not in said}
        assert wrong == {}
        gc.collect()

        # A stream begun before is the one thing that may go on: whole and right, or refused.
        told = in_child(lambda: read_on(stream, held))
        assert told in ([large_content[100:], kit.pdf(mark="small")], "refused")

        assert vault.ping().ok
        assert safe.read(small.document_id) == kit.pdf(mark="small")
        assert safe.read(large.document_id) == large_content

    assert begin + stream.read() == large_content
    assert len(list(begun)) == 3
    assert safe.count() == 6
    assert kit.slip(house, "after", reference="after")


def read_on(stream, held) -> object:
    try:
        return [stream.read(), held.read()]
    except SetupError:
        return "refused"
