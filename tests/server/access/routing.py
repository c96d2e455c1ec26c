"""Who has which alerts."""

EVERYONE = {"admin", "supervisor", "head", "officer", "auditor", "procurator"}
READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
HANDLERS = {"supervisor", "officer"}

ACCESS = {
    ("POST", "/api/v1/alerts/{alert_id}/assignment"): HANDLERS,
    ("GET", "/api/v1/routing/officers"): READERS,
    ("GET", "/api/v1/routing/status"): EVERYONE,
}
