from django.apps import AppConfig


class HerdConfig(AppConfig):
    name = "herd"
    verbose_name = "Herd"
