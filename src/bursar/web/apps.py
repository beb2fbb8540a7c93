from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "bursar.web"
    label = "web"
