"""The rota: shifts, absences, hand-over notes."""

EVERYONE = {"admin", "supervisor", "head", "officer", "auditor", "procurator"}
READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
HANDLERS = {"supervisor", "officer"}
REGISTRARS = {"admin", "supervisor"}
STAFF = {"admin", "supervisor", "officer"}

ACCESS = {
    ("GET", "/api/v1/rota"): EVERYONE,
    ("GET", "/api/v1/rota/on-duty"): EVERYONE,
    ("GET", "/api/v1/rota/handovers"): READERS,
    ("POST", "/api/v1/rota/shifts"): REGISTRARS,
    ("POST", "/api/v1/rota/shifts/{shift_id}/cancellation"): REGISTRARS,
    ("POST", "/api/v1/rota/absences"): STAFF,
    ("POST", "/api/v1/rota/absences/{absence_id}/end"): STAFF,
    ("POST", "/api/v1/rota/shifts/{shift_id}/handover"): HANDLERS,
    ("POST", "/api/v1/rota/handovers/{handover_id}/signature"): HANDLERS,
}
