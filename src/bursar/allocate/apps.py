from django.apps import AppConfig


class AllocateConfig(AppConfig):
    name = "bursar.allocate"
    label = "allocate"
