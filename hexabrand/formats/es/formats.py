"""Spanish as it is written where cattle are fed: a point before the decimals, as on the scale.

Django has Spain's comma, which no picture and no field for numbers understands.
"""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
