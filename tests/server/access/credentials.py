"""Credentials of devices."""

ENDERS = {"admin", "supervisor", "head", "officer"}

ACCESS = {
    ("GET", "/api/v1/devices/{device_id}/credentials"): ENDERS | {"auditor"},
    ("POST", "/api/v1/devices/{device_id}/credentials"): {"admin", "supervisor"},
    ("POST", "/api/v1/devices/{device_id}/credentials/end"): ENDERS,
}
