"""Scripts that keep the project itself in order: environment, system packages, generated pages."""
