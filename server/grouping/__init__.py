"""Which alerts are one matter: groups, what an outage explains, storms after a backlog."""
