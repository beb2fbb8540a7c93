from django.apps import AppConfig


class ReferenceConfig(AppConfig):
    name = "bursar.office.reference"
    label = "reference"
