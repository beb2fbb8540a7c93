"""What the command line itself refuses, before any act or report is asked."""

from __future__ import annotations

from bursar.core.refusal import Refused


class UnreadableFile(Refused):
    """A file named on the command line cannot be read as text."""

    code = "cli.unreadable_file"


class NoSuchFile(Refused):
    """A file or folder named on the command line is not there."""

    code = "cli.no_such_file"


class NotWritten(Refused):
    """The file named by --out cannot be written."""

    code = "cli.not_written"


class UnknownFormat(Refused):
    """The output cannot be written in that format."""

    code = "cli.unknown_format"


class OutNeeded(Refused):
    """A binary document needs `--out FILE`, or a pipe."""

    code = "cli.out_needed"


class BadOptions(Refused):
    """The options given do not go together."""

    code = "cli.bad_options"


class PortTaken(Refused):
    """Something else listens there."""

    code = "serve.port_taken"
