"""What the owner should hear of: rules over what happens, and how they are told."""
