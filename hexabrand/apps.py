from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class HexabrandConfig(AppConfig):
    default = True
    name = "hexabrand"
    verbose_name = "HexaBrand"


class FarmAdminConfig(admin_apps.AdminConfig):
    default = False  # its parent says True, and there is one default in a module
    default_site = "remote.api.roles.FarmAdminSite"
