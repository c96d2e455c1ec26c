"""How an officer looks at alerts that a gateway shows on the terminal by itself. Pure."""

from collections import OrderedDict
from typing import Final

from device_sims.dice import Dice

SEES_S: Final = (4.0, 20.0)
"""Seconds from the screen to the button. Assumed: awake and on duty."""

REMEMBERED: Final = 256
"""Alerts whose repetition is known."""


class Attention:
    """Sees each alert once; a repeated one is answered again as soon as it was seen."""

    def __init__(self, device: str) -> None:
        """Take whose terminal it is."""
        self._device = device
        self._alerts: OrderedDict[str, bool] = OrderedDict()

    def shown(self, alert: str) -> float | None:
        """Return after how many simulated seconds to answer; None: that is on its way."""
        is_seen = self._alerts.get(alert)
        if is_seen is not None:
            return 0.0 if is_seen else None
        self._alerts[alert] = False
        if len(self._alerts) > REMEMBERED:
            self._alerts.popitem(last=False)
        return Dice(0, self._device, "alert", alert).uniform(0, *SEES_S)

    def saw(self, alert: str) -> None:
        """Note that the person has pressed the button."""
        self._alerts[alert] = True
