"""People by whom the rules are judged: every habit, violation and near miss, with the truth."""
