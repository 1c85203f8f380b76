"""From a placed order to parcels at the door, or the money back."""
