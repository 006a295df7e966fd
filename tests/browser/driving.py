"""What a person does on the screens, and what they must never see."""

import json
import re

from playwright.sync_api import Locator, Page, expect

from backend.models.bundle import BUNDLES

_IDLE = """() => {
    const app = document.querySelector('[data-testid=stApp]');
    const idle = app && app.getAttribute('data-test-script-state') === 'notRunning';
    window.idleSince = idle ? (window.idleSince || performance.now()) : 0;
    return idle && performance.now() - window.idleSince > 300;
}"""


def settle(page: Page) -> None:
    """Wait until the app has answered, and see that it has not answered with an error of its own."""
    page.evaluate("window.idleSince = 0")
    page.wait_for_function(_IDLE, polling=50)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    text = page.locator("body").inner_text()
    assert "Traceback" not in text
    assert "encountered an error" not in text


def visit(page: Page, link: str) -> None:
    """Open a link and wait for its charts."""
    page.goto(link)
    expect(charts(page).first).to_be_visible()
    settle(page)


def charts(page: Page) -> Locator:
    """All charts of the screen, from the top."""
    return page.get_by_test_id("stVegaLiteChart")


def picture_of(chart: Locator) -> Locator:
    """What a chart is drawn on: many marks go to a canvas, few to an SVG."""
    return chart.locator("svg, canvas").first


def word_in(chart: Locator, word: str) -> Locator:
    """A word that is drawn in a chart."""
    return chart.locator("svg text", has_text=word).first


def pick(page: Page, label: str, option: str) -> None:
    """Choose an option of a select box by its first words."""
    picked(page, label).click()
    page.get_by_role("option", name=re.compile(rf"^{re.escape(option)}( |$)")).click()
    settle(page)


def picked(page: Page, label: str) -> Locator:
    """The field of a select box; its value is what is chosen."""
    return page.get_by_test_id("stSelectbox").filter(has_text=label).locator("input")


def usual_detector(model: str) -> str:
    """The detector that a model is used with unless a person chooses another."""
    return json.loads((BUNDLES / model / "card.json").read_text())["window"]["detector"]


def drag(page: Page, from_x: float, to_x: float, y: float) -> None:
    """Drag as slowly as a hand does: a brush that is jumped over its first pixels is none."""
    page.mouse.move(from_x, y)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(from_x + (to_x - from_x) * step / 5, y)
    page.mouse.up()


def go_to(page: Page, screen: str) -> None:
    """Change the screen by the navigation at the top."""
    page.get_by_test_id("stTopNavLink").filter(has_text=screen).click()
    expect(charts(page).first).to_be_visible()
    settle(page)


def widest_overhang_px(page: Page) -> int:
    """How far something reaches beyond the window or the screen's main part: what would have to be scrolled to."""
    return page.evaluate(
        """() => Math.max(...[document.documentElement, document.querySelector('[data-testid=stMain]'),
        document.querySelector('[data-testid=stSidebarContent]')].map(part => part.scrollWidth - part.clientWidth))"""
    )
