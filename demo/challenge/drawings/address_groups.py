"""Address groups: what bounds one person with many keys, without keeping anybody's address.

A group is an IPv4 /24 or an IPv6 /64, the least that one connection commands. The store keeps a keyed hash of it, the
key lies in the store beside it: enough to see that two things came from one place, not to read where from in a copy of
the drawings alone. Whoever holds the whole database could try all networks; that is why groups are forgotten after
KEPT_DAYS and never leave in an export.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import update

from demo.challenge.store import schema
from demo.challenge.store.database import Store
from demo.challenge.store.schema import contributors, drawings, flags
from demo.challenge.store.shared_secrets import shared_secret

SECRET = "address groups"  # noqa: S105  the name of the secret, not its value
IPV4_BITS, IPV6_BITS = 24, 64
KEPT_DAYS = 90


def group_of(store: Store, address: str | None) -> str | None:
    """The group of an address as the store keeps it, 32 hex digits; None for no address."""
    if address is None:
        return None
    key = shared_secret(store, SECRET)
    return hmac.new(key.encode(), network_of(address).encode(), hashlib.sha256).hexdigest()[:32]


def network_of(address: str) -> str:
    """The network that stands for an address; what is no address, such as a host's name, stands for itself."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    bits = IPV6_BITS if isinstance(parsed, IPv6Address) else IPV4_BITS
    return str(ip_network(f"{parsed}/{bits}", strict=False))


def forget_old(store: Store) -> None:
    """Forget the groups of everything older than KEPT_DAYS; what they decided, such as `counted`, stays decided."""
    before = (datetime.now(UTC) - timedelta(days=KEPT_DAYS)).date().isoformat()
    with store.writing() as connection:
        for table in (contributors, drawings, schema.annotations, flags):
            old = (table.c.day < before) & table.c.address_group.is_not(None)
            connection.execute(update(table).where(old).values(address_group=None))
