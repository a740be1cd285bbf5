"""The operational app: what clerks work in, over PostgreSQL. See `docs/engineers/operate.md` and each area's README."""
