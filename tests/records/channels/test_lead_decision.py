from backend.records.channels.lead_decision import with_unique_names
from backend.records.record import Channel
from tests.records.durations import shortest_s


def test_channels_of_one_name_are_numbered():
    channels = [Channel(name, "mV", True) for name in ("ECG", "ecg", "ECG (2)", "ECG")]
    assert [channel.name for channel in with_unique_names(channels)] == ["ECG", "ecg (2)", "ECG (2) (2)", "ECG (3)"]


def test_numbering_channels_of_one_name_takes_linear_time():
    def seconds(n_channels: int) -> float:
        channels = [Channel("ECG", "mV", True)] * n_channels
        return shortest_s(lambda: with_unique_names(channels))

    assert seconds(40_000) < 12 * seconds(10_000)
