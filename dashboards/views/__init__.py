"""Pages of the dashboards, one module each, with a function `page` that draws it for a visit.

Not in a folder called `pages`: Streamlit would run its files as pages of their own, past the sign-in in `home.py`, for the
first visitor after a start.
"""
