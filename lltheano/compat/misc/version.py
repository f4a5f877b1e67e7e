"""The version of Theano whose interface this package follows, for programs that ask."""

__all__ = ["full_version", "git_revision", "release", "short_version", "version"]

version = "1.0.5"
short_version = version
full_version = version
git_revision = ""
release = True
