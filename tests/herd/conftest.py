"""Who works in the admin."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from remote.api.roles import ensure_groups


@pytest.fixture
def manager(client: Client) -> Client:
    ensure_groups()
    user = User.objects.create_user("fred", password="hay-and-corn-7")
    user.groups.add(Group.objects.get(name="manager"))
    client.force_login(user)
    return client
