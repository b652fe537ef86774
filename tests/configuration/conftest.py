import copy

import pytest
from refusals import SHIPPED


@pytest.fixture
def config():
    return copy.deepcopy(SHIPPED)
