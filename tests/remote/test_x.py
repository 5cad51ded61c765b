import pytest
from tests.remote.rows import *
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])
@pytest.mark.parametrize("n", range(10))
def test_a(api, n):
    a = an_animal()
    r = api.get("/api/remote/cattle")
    print(r.status_code, r.content, r.headers)
    assert r.status_code==200
