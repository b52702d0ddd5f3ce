"""How much somebody may do in a while, and what is said when that is used up."""
