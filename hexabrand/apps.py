from django.apps import AppConfig


class HexabrandConfig(AppConfig):
    name = "hexabrand"
    verbose_name = "HexaBrand"
