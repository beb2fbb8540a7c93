from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "bursar.office.journal"
    label = "journal"
