from streamlit.testing.v1 import AppTest

PATIENCE_S = 30


def _screen(empty=(), is_of_one_patient=False):
    """The summary of made-up evidence, without some of its tables, or of too few patients for an interval."""
    from dataclasses import replace

    from pages.parts.evidence.evidence_choice import EvidenceChoice
    from pages.parts.evidence.evidence_summary import show_summary
    from tests.made_evidence import made_evidence

    evidence = made_evidence()
    bare = replace(evidence, **{name: getattr(evidence, name).head(0) for name in empty})
    if is_of_one_patient:
        bare = replace(bare, measures=bare.measures.assign(low=float("nan"), high=float("nan")))
    show_summary(EvidenceChoice("ecg-beat", bare, "0", "PVC", ("mask",)))


def summary(*empty):
    screen = AppTest.from_function(_screen, default_timeout=PATIENCE_S, args=(empty,)).run()
    assert not screen.exception
    return screen


def sentences(*empty):
    return summary(*empty).markdown[0].value.splitlines()


def table(*empty):
    return summary(*empty).table[0].value.set_index("technique")


def test_techniques_better_with_every_k_with_some_and_worse_are_distinguished():
    chance, r_peak, *_ = sentences()
    assert "**with every k** Occlusion, Learned mask;" in chance
    assert "**with none** Input derivative; **worse with some k** Input derivative (1 of 2)." in chance
    assert "**with every k** Learned mask; **with some k** Occlusion (1 of 2);" in r_peak


def test_techniques_that_fail_after_randomisation_are_named_with_the_figure():
    sanity = sentences()[2]
    failed, passed = sanity.split("; **passes** ")
    assert failed.endswith("**fails** Occlusion (0.70)")
    assert passed == "Learned mask (0.02), Input derivative (0.10)."


def test_stability_names_only_techniques_stable_or_unreliable_on_most_beats():
    stability = sentences()[3]
    assert "Stable on most beats: Occlusion (80%)." in stability
    assert "Not stable on most beats: Input derivative (75%)." in stability
    assert "Learned mask" not in stability


def test_the_table_has_the_figures_of_every_technique_drawn_or_not():
    row = table().loc["Occlusion"]
    assert row["score reduction"] == "2.00 (1.90–2.10)"
    assert row["better than the R peak"] == "1 of 2 k"
    assert row["similarity after randomisation"] == "0.70, fails"
    assert (row["stable"], row["not stable"]) == ("80%", "5%")
    assert table().loc["Input derivative", "better than random"] == "0 of 2 k, worse with 1"


def test_what_was_not_measured_is_marked_so():
    *_, sanity, stability = sentences("sanity", "verdicts")
    assert sanity.endswith("Not measured.")
    assert stability.endswith("Not measured.")
    assert table("sanity", "verdicts").loc["Occlusion", "similarity after randomisation"] == "–"
    assert sentences("measures")[0].endswith("Not measured.")


def test_a_figure_without_an_interval_stands_alone():
    screen = AppTest.from_function(_screen, default_timeout=PATIENCE_S, args=((), True)).run()
    assert screen.table[0].value["score reduction"][0] == "2.00"
