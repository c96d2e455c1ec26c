"""Scores over people and months (趋势分析): distribution, movement, decline, comparison."""
