"""The `recordings` storage: private, written whole or not at all."""

from django.core.files.storage import FileSystemStorage


class FileRecordings(FileSystemStorage):
    pass
