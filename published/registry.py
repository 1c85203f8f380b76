"""Every kind of message by its name."""

from published import feeds, message, orders, payments, products, shipments, stock

SPOKEN_IN = (feeds, orders, payments, products, shipments, stock)
"""Modules that declare messages."""

KINDS = message.KINDS
