"""Settings for all tests."""

from hypothesis import settings

# the first example of a test may compile a kernel; no test is judged by its time
settings.register_profile("house", deadline=None)
settings.load_profile("house")
