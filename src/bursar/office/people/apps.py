from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "bursar.office.people"
    label = "people"
