"""Property tests here repeat exactly from run to run and are never timed."""

from hypothesis import settings

settings.register_profile("core", deadline=None, derandomize=True)
settings.load_profile("core")
