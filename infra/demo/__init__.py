"""A real year of a real grocer: the catalogue and the baskets of The Complete Journey."""
