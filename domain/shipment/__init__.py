"""One parcel from shelf to door."""
