"""What the doors of one session share: how it stands now, and its token. A verb that makes the session surer changes both."""

import attrs

from mycvault.sessions.model import SessionRecord
from mycvault.stories.admitting import Standing
from mycvault.values.secret import Secret


class Current:
    """The newest standing and token of one session in this process."""

    def __init__(self, standing: Standing, token: Secret) -> None:
        self.standing = standing
        self.token = token

    def renewed(self, session: SessionRecord, token: Secret | None) -> None:
        """Take what a verb made of the session; *token* when it has another one."""
        self.standing = attrs.evolve(self.standing, session=session)
        self.token = token or self.token
