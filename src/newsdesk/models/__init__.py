"""Model families, their protocol and the table that names them."""
