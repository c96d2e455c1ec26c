"""Incidents: plans, tasks, the time line."""

EVERYONE = {"admin", "supervisor", "head", "officer", "auditor", "procurator"}
READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
HANDLERS = {"supervisor", "officer"}
OF = "/api/v1/incidents/{incident_id}"

ACCESS = {
    ("GET", "/api/v1/incident-plans"): EVERYONE,
    ("POST", "/api/v1/incident-plans"): {"admin", "supervisor"},
    ("GET", "/api/v1/incidents"): READERS,
    ("POST", "/api/v1/incidents"): {"supervisor"},
    ("GET", OF): READERS,
    ("GET", OF + "/timeline"): READERS,
    ("POST", OF + "/alerts"): HANDLERS,
    ("POST", OF + "/notes"): HANDLERS,
    ("POST", OF + "/commander"): {"supervisor"},
    ("POST", OF + "/tasks"): HANDLERS,
    ("POST", OF + "/tasks/{number}/owner"): HANDLERS,
    ("POST", OF + "/tasks/{number}/end"): HANDLERS,
    ("POST", OF + "/closing"): {"supervisor"},
}
