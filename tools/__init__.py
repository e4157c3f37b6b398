"""Programs that keep the book: environment, site, notebooks, files of others."""
