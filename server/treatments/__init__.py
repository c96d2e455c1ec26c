"""Reward and restriction (奖惩) by grade: proposed by a close, decided by a person."""
