"""What tests of attacks and of what they find share."""

from attack_fixtures import data, images, module  # noqa: F401 -- fixtures
