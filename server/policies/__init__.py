"""What the law leaves to a province, as entered: overrides of the policy, and days off."""
