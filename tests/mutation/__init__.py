"""Mutation testing: plant small bugs in the code, one after the other, and see which of them no test catches."""
