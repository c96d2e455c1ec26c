"""Looks into closed files (查询封存、未成年人档案): asked for, granted by another person, noted."""
