"""What one connection may take of the gateway, and all of them together."""

from dataclasses import dataclass

from gateway.config import GatewaySettings


@dataclass(frozen=True, slots=True)
class TcpLimits:
    """The bounds; see the settings of the same names for their reasons."""

    connections_max: int
    per_address_max: int
    login_s: float
    login_tries: int
    idle_s: float
    frames_per_s: float
    burst_frames: int
    in_flight_max: int
    write_buffer_bytes: int
    drain_s: float


def limits_from(settings: GatewaySettings) -> TcpLimits:
    """Return the limits that the settings ask for."""
    return TcpLimits(
        connections_max=settings.tcp_connections_max,
        per_address_max=settings.tcp_connections_per_address_max,
        login_s=settings.tcp_login_s,
        login_tries=settings.tcp_login_tries,
        idle_s=settings.tcp_idle_s,
        frames_per_s=settings.tcp_frames_per_s,
        burst_frames=settings.tcp_burst_frames,
        in_flight_max=settings.tcp_in_flight_max,
        write_buffer_bytes=settings.tcp_write_buffer_bytes,
        drain_s=settings.tcp_drain_s,
    )
