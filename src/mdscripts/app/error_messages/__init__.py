"""What can be refused or remarked, each with its cause and remedy: the catalogue, its pages and its search."""
