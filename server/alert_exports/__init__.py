"""Alerts that leave the system (报警导出): CAP 1.2, CloudEvents 1.0 and CSV."""
