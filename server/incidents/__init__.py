"""指挥模式: one incident, many alerts, one commander, tasks with owners and clocks."""
