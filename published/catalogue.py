"""Every kind of message by its name."""

from published import message, orders, payments, products, shipments, stock

SPOKEN_IN = (orders, payments, products, shipments, stock)
"""Modules that declare messages."""

KINDS = message.KINDS
