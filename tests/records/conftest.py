import pytest

from backend.records.opening import open_record


@pytest.fixture
def open_text(tmp_path):
    """Write a text (or bytes) to a file and open it as a record."""

    def open_text(text, name="stay.txt"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return open_record(path)

    return open_text
