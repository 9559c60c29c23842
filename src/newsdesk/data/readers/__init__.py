"""One module per form of table: files and bytes in, Arrow tables out."""
