from django.apps import AppConfig


class ManifestConfig(AppConfig):
    name = "bursar.office.manifest"
    label = "manifest"
