"""How properties are searched: the same inputs in each run, and as long as it takes on a machine that others use too."""

from hypothesis import HealthCheck, settings

settings.register_profile("hub", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("hub")
