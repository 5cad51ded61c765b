from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "remote.api"
    label = "remote"
    verbose_name = "Remote access"
