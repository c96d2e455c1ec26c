"""People: second factors, own sessions, accounts, recoveries, procurators' looks."""

STAFF = {"admin", "security", "auditor", "supervisor", "head", "officer", "procurator"}

ADMINISTRATORS = {"admin", "security", "auditor"}

ACCESS = {
    ("GET", "/api/v1/accounts"): ADMINISTRATORS,
    ("POST", "/api/v1/accounts"): {"admin"},
    ("GET", "/api/v1/accounts/{login}"): ADMINISTRATORS,
    ("POST", "/api/v1/accounts/{login}/role"): {"admin"},
    ("POST", "/api/v1/accounts/{login}/disable"): {"admin", "security"},
    ("POST", "/api/v1/accounts/{login}/enable"): {"admin"},
    ("POST", "/api/v1/accounts/{login}/grant"): {"security"},
    ("POST", "/api/v1/accounts/{login}/unlock"): {"security"},
    ("GET", "/api/v1/recoveries"): {"security", "auditor"},
    ("POST", "/api/v1/recoveries"): {"security"},
    ("POST", "/api/v1/recoveries/{recovery_id}/approval"): {"security"},
    ("POST", "/api/v1/recoveries/{recovery_id}/refusal"): {"security"},
    ("GET", "/api/v1/procurator-looks"): {"procurator", "auditor"},
    ("POST", "/api/v1/session/code"): STAFF | {"subject"},
    ("POST", "/api/v1/session/factor"): STAFF,
    ("PUT", "/api/v1/session/factor"): STAFF,
    ("GET", "/api/v1/sessions"): STAFF | {"subject"},
    ("DELETE", "/api/v1/sessions"): STAFF | {"subject"},
    ("DELETE", "/api/v1/sessions/{session_id}"): STAFF | {"subject"},
}
