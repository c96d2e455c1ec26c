"""The nuisance budget: how many alerts that nobody confirmed an office may get for each person."""
