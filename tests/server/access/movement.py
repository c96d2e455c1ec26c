"""Leave, permits and permissions."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}
DECIDERS = {"supervisor", "head", "officer"}
OWN = {"subject"}

ACCESS = {
    ("POST", "/api/v1/leaves"): DECIDERS,
    ("GET", "/api/v1/leaves"): READERS,
    ("GET", "/api/v1/leaves/{leave_id}"): READERS,
    ("POST", "/api/v1/leaves/{leave_id}/verification"): DECIDERS,
    ("POST", "/api/v1/leaves/{leave_id}/approval"): DECIDERS,
    ("POST", "/api/v1/leaves/{leave_id}/refusal"): DECIDERS,
    ("POST", "/api/v1/leaves/{leave_id}/withdrawal"): DECIDERS,
    ("POST", "/api/v1/leaves/{leave_id}/return"): DECIDERS,
    ("POST", "/api/v1/leaves/{leave_id}/delay"): DECIDERS,
    ("POST", "/api/v1/leaves/{leave_id}/copies"): DECIDERS,
    ("POST", "/api/v1/leaves/{leave_id}/assistance"): DECIDERS,
    ("GET", "/api/v1/assistance"): READERS,
    ("POST", "/api/v1/assistance/{request_id}/answer"): DECIDERS,
    ("POST", "/api/v1/assistance/{request_id}/sightings"): DECIDERS,
    ("POST", "/api/v1/permissions"): DECIDERS,
    ("GET", "/api/v1/permissions"): READERS,
    ("GET", "/api/v1/permissions/{permission_id}"): READERS,
    ("POST", "/api/v1/permissions/{permission_id}/approval"): DECIDERS,
    ("POST", "/api/v1/permissions/{permission_id}/refusal"): DECIDERS,
    ("POST", "/api/v1/permissions/{permission_id}/withdrawal"): DECIDERS,
    ("POST", "/api/v1/permissions/{permission_id}/copies"): DECIDERS,
    ("POST", "/api/v1/permissions/{permission_id}/reports"): DECIDERS,
    ("POST", "/api/v1/me/permissions"): OWN,
    ("GET", "/api/v1/me/permissions"): OWN,
    ("POST", "/api/v1/me/permissions/{permission_id}/withdrawal"): OWN,
    ("POST", "/api/v1/me/permissions/{permission_id}/reports"): OWN,
    ("POST", "/api/v1/me/leaves"): OWN,
    ("GET", "/api/v1/me/leaves"): OWN,
    ("POST", "/api/v1/me/leaves/{leave_id}/withdrawal"): OWN,
    ("POST", "/api/v1/me/leaves/{leave_id}/return"): OWN,
    ("POST", "/api/v1/me/leaves/{leave_id}/delay"): OWN,
}
