from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "bursar.record"
    label = "record"
