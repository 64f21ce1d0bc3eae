"""Settings for all tests."""

import os

from hypothesis import settings

# the first example of a test may compile a kernel; no test is judged by its time
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# the texts that tests look for are English, whatever the language of the system
os.environ["ACTUARIAL_LANG"] = "en"
