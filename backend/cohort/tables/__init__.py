"""The tables of the evidence, made from finished parts.

Each table is one function of the plan, the parts and the store; no figure is computed here that the parts do not hold,
except means, intervals and shares over windows. Start with ``measure_tables``.
"""
