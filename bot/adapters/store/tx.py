"""One transaction: every side of the store over one connection."""

from bot.adapters.store.parcels import ParcelRows
from bot.adapters.store.records import RecordRows
from bot.adapters.store.timers import TimerRows
from bot.ports.store import Tx


class SqlTx(TimerRows, ParcelRows, RecordRows):
    """Everything one transaction can do; it is valid only inside the function it was handed to."""


def as_port(tx: SqlTx) -> Tx:
    """Show that a transaction keeps the port's contract; the type checker reads this."""
    return tx
