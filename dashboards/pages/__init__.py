"""Pages of the dashboards, one module each, with a function `page` that draws it for a visit."""
