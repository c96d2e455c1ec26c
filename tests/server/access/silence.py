"""Who reads what coverage is lost."""

READERS = {"supervisor", "head", "officer", "auditor", "procurator"}

ACCESS = {("GET", "/api/v1/gateways/{gateway}/coverage"): READERS}
