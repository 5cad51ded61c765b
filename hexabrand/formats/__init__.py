"""How a language writes numbers and days, where Django's own way does not fit."""
