"""What people's acts refuse."""

from __future__ import annotations

from bursar.core.refusal import Refused


class NotAllowed(Refused):
    """The user's role does not include the act."""

    code = "people.not_allowed"


class UnknownUser(Refused):
    """No user has that name."""

    code = "people.unknown_user"


class UserExists(Refused):
    """The user name or e-mail address is taken, or reserved."""

    code = "people.user_exists"


class BadUserName(Refused):
    """The user name or e-mail address is not written as one."""

    code = "people.bad_user"


class WeakPassword(Refused):
    """The password is too short, too common or too much like the user's name."""

    code = "people.weak_password"


class UnknownRole(Refused):
    """There is no such role."""

    code = "people.unknown_role"


class UnknownConsumer(Refused):
    """A grant names a consumer that the organization does not have."""

    code = "people.unknown_consumer"


class LastAdministrator(Refused):
    """The act would leave nobody who may manage users."""

    code = "people.last_administrator"


class SetupClosed(Refused):
    """The first administrator exists, or the set-up link is wrong or used up."""

    code = "people.setup_closed"
