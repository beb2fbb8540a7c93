from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "bursar.office.calendar"
    label = "calendar"
