"""请假外出与活动范围: leave, frequent movement, places and contacts by permission."""
