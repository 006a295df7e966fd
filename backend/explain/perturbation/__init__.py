"""Deletion of values: the baseline values that replace them, and deletion by rank.

Every technique and measure that deletes values does so through ``baselines``; start there.
"""
