from django.apps import AppConfig


class FlowConfig(AppConfig):
    name = "bursar.flow"
    label = "flow"
