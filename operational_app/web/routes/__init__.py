"""The addresses that the app answers, one file per kind."""
