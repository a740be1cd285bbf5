"""People: who works here, where and since when."""
