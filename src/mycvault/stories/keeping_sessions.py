"""She looks after her sessions: which there are, and which are to end. None of it asks for new terms to be accepted first."""

from mycvault.desk import Call
from mycvault.sessions import service as sessions
from mycvault.sessions.model import SessionInfo
from mycvault.stories import admitting


def list_sessions(call: Call, session_id: str) -> list[SessionInfo]:
    """List her live sessions, newest first. SessionEnded."""
    with call.look() as look:
        admission = admitting.admit_despite_terms(look, session_id)
        found = sessions.listed(look, admission.account_id, current=session_id)
    admitting.keep_alive(call, admission)
    return found


def end_session(call: Call, session_id: str, ended_id: str) -> None:
    """End one of her sessions; one that is over is no error. SessionEnded, SessionMissing."""
    with call.look() as look:
        admission = admitting.admit_despite_terms(look, session_id)
        ended = sessions.find_of(look, admission.account_id, ended_id)
    with call.act() as act:
        sessions.end(act, ended.id)
        act.record(admission.account_id, session=ended.id)
        admitting.touch(act, admission)


def end_others(call: Call, session_id: str) -> int:
    """End all her sessions but this one; tell how many there were. SessionEnded."""
    with call.look() as look:
        admission = admitting.admit_despite_terms(look, session_id)
    with call.act() as act:
        ended = sessions.end_others(act, admission.session)
        act.record(admission.account_id, sessions=str(ended))
        admitting.touch(act, admission)
    return ended
