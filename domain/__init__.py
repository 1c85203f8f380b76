"""What the shop is: commands, events and the deciders between them."""
