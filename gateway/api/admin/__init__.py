"""The routes of the admin page, for admins only."""
