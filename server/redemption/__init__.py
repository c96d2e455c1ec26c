"""Redemption of points (积分兑换): an account beside the score, which it never changes."""
