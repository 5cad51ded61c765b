from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "remote.office"
    label = "office"
    verbose_name = "Office"
