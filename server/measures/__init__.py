"""考核奖惩: findings, the ladder of measures from admonition to revocation, praise, objections."""
