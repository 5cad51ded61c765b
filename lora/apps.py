from django.apps import AppConfig


class LoraConfig(AppConfig):
    name = "lora"
    verbose_name = "Radio"
