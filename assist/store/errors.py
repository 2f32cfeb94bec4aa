"""What can go wrong with the local database, named for what to do next. All are `StoreError`."""

from assist.errors import StoreError


class WrongKey(StoreError):
    """The file is a database of ours, but of another key: ask for the key, or `set_aside` and start anew."""


class Corrupt(StoreError):
    """The bytes are damaged or are no database: `set_aside` and start anew. Nothing was changed."""


class DiskFull(StoreError):
    """There is no room: free some and try again. What was being written is not there, the rest is."""


class ReadOnly(StoreError):
    """The file or its folder cannot be written: put the permissions right or choose another folder."""


class InUse(StoreError):
    """Another process holds the database for too long: close it and try again."""


class NewerSchema(StoreError):
    """A later version of Kibitz wrote this file: upgrade. The file was not touched."""


class Refused(StoreError):
    """The log's own rules forbid this row, e.g. a decision about a suggestion that was never shown."""


class Closed(StoreError):
    """The store has been closed; what was handed in afterwards, or was left over, is not written."""
