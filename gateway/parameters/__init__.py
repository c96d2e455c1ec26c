"""The parameters of the rules: data with units, bounds and the reason for each default."""

from gateway.parameters.sets import Parameters, parameters_from

__all__ = ["Parameters", "parameters_from"]
