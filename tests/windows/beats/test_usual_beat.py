import numpy as np

from backend.windows.beats.usual_beat import MIN_AMPLITUDE_MV, preceding_blocks, usual_amplitudes, usual_beats

R_S = np.arange(100) * 0.8


def test_the_usual_beat_is_the_median_of_the_beats_before_the_run():
    windows = np.random.default_rng(0).normal(size=(100, 7, 2)).astype(np.float32)
    blocks = preceding_blocks(R_S, until_s=0.6)
    usual = usual_beats(windows, blocks)
    for beat in (3, 10, 15):
        np.testing.assert_allclose(usual[beat], np.median(windows[:beat], axis=0))
    # From the seventeenth beat on it is renewed at every eighth beat and remembers sixty.
    for beat in (16, 23, 95):
        first = 16 + (beat - 16) // 8 * 8
        np.testing.assert_allclose(usual[beat], np.median(windows[max(first - 60, 0) : first], axis=0))


def test_a_beat_with_fewer_than_three_before_it_has_no_usual_one():
    windows = np.ones((5, 4, 1), dtype=np.float32)
    usual = usual_beats(windows, preceding_blocks(R_S[:5], until_s=0.6))
    assert np.isnan(usual[:3]).all()
    assert np.isfinite(usual[3:]).all()


def test_beats_count_only_if_they_are_over_before_the_window_begins():
    close = np.array([0.0, 1.0, 1.5, 2.0])
    found = [(beats, before.tolist()) for beats, before in preceding_blocks(close, until_s=0.6)]
    assert found == [(slice(0, 1), []), (slice(1, 2), [0]), (slice(2, 3), [0]), (slice(3, 4), [0, 1])]


def test_where_every_other_beat_is_premature_the_usual_beat_is_one_on_time():
    r_s = np.cumsum(np.tile([1.1, 0.5], 30))
    windows = np.tile([[[0.0]], [[1.0]]], (30, 1, 1)).astype(np.float32)
    usual = usual_beats(windows, preceding_blocks(r_s, until_s=0.6))
    assert not usual[8:].any()
    amplitudes = usual_amplitudes(np.tile([1.0, 3.0], 30), preceding_blocks(r_s, until_s=0.6))
    assert (amplitudes[8:] == 1.0).all()


def test_with_fewer_than_three_beats_on_time_all_count():
    r_s = np.array([0.0, 1.2, 1.7, 2.2, 2.7, 4.5])
    (*_, (beats, before)) = preceding_blocks(r_s, until_s=0.6)
    assert (beats, before.tolist()) == (slice(5, 6), [0, 1, 2, 3, 4])


def test_every_beat_belongs_to_one_run():
    for n in (0, 1, 15, 16, 17, 24, 61):
        runs = [beats for beats, _ in preceding_blocks(np.arange(n) * 1.0, 0.6)]
        assert [beat for run in runs for beat in range(n)[run]] == list(range(n))


def test_the_usual_amplitude_ignores_beats_without_one_and_is_never_that_of_noise():
    blocks = preceding_blocks(R_S[:4], until_s=0.6)
    assert usual_amplitudes(np.array([2.0, np.nan, 4.0, 9.0]), blocks).tolist() == [1.0, 2.0, 2.0, 3.0]
    assert usual_amplitudes(np.array([0.001, 0.001, 0.001, 0.001]), blocks)[3] == MIN_AMPLITUDE_MV
