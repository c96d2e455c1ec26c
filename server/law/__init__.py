"""What the law says, as data and pure rules: articles, days, parameters, clocks, code tables.

Nothing here reads a clock, a database or a setting.
"""
