"""Flow (分数流转): what city scores are told of correction scores, and what is taken back."""
