"""Takes the README's pictures of the screens anew: ``python -m tests.browser.pictures http://localhost:8501/``."""

import shutil
import sys

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ROOT
from tests.browser.driving import visit

_PICTURES = (
    ("record", "light", "?record=sim_ventricular_premature"),
    ("beat", "light", "beat?record=sim_ventricular_premature&technique=occlusion"),
    ("beat_dark", "dark", "beat?record=sim_ventricular_premature&technique=mask"),
    ("icu_alarm", "dark", "icu_alarm?record=sim_alarm_vt_pulse"),
    ("icu_stay", "light", "icu_stay?record=sim_stay_septic_shock"),
    ("compare", "light", "compare?record=sim_ventricular_premature&beat=7"),
    ("evidence", "dark", "evidence?model=ecg-beat"),
)


def take_pictures(address: str) -> None:
    """Photograph each screen, 1280 x 800, of a running app, into ``pages/pictures``."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, scheme, link in _PICTURES:
            page = browser.new_page(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
            visit(page, address + link)
            page.screenshot(path=ROOT / "pages" / "pictures" / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    take_pictures(sys.argv[1])
