"""Somebody with a browser: walks pages and notes whatever the browser complains about."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.surfaces.web.company import PASSWORD

SCREENSHOTS = Path(__file__).resolve().parents[3] / "var" / "screenshots"

# Runs before any script of a page: violations of the content security policy become messages.
LISTEN = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`POLICY ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""
UNDRAWN = "figure.chart:not([data-drawn='yes'])"
SERIOUS = ("serious", "critical")


@dataclass
class Visitor:
    """One browser window of its own, with nothing remembered from others."""

    address: str
    context: Any
    page: Any
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def arrive(
        cls,
        browser: Any,
        address: str,
        *,
        width: int = 1440,
        height: int = 900,
        theme: str = "light",
        scripts: bool = True,
    ) -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            java_script_enabled=scripts,
            accept_downloads=True,
        )
        context.add_init_script(LISTEN)
        visitor = cls(address=address, context=context, page=context.new_page())
        visitor.page.on("console", visitor._note)
        visitor.page.on("pageerror", lambda problem: visitor.complaints.append(str(problem)))
        return visitor

    def _note(self, message: Any) -> None:
        """Errors and warnings count; a refused page's own status is what the test asked for."""
        text = message.text
        if message.type in ("error", "warning") and "Failed to load resource" not in text:
            self.complaints.append(f"{self.page.url}: {text}")

    def leave(self) -> list[str]:
        self.context.close()
        return self.complaints

    def go(self, path: str, *, status: int = 200) -> None:
        answer = self.page.goto(self.address + path)
        assert answer.status == status, f"{path}: {answer.status}"
        self.wait_for_charts()

    def wait_for_charts(self) -> None:
        """Until each is drawn; a locator waits without making code from text."""
        from playwright.sync_api import expect

        expect(self.page.locator(UNDRAWN)).to_have_count(0, timeout=20_000)

    def sign_in(self, username: str, password: str = PASSWORD) -> None:
        self.page.goto(f"{self.address}/accounts/login/")
        self.page.get_by_label("User name or e-mail address").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def heading(self) -> str:
        return str(self.page.locator("h1").first.inner_text())

    def accessibility_problems(self, *rules: str) -> list[str]:
        """What axe finds serious or critical, by these of its rules or by all."""
        from axe_playwright_python.sync_playwright import Axe

        chosen = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else None
        found = Axe().run(self.page, options=chosen).response["violations"]
        return [
            f"{problem['id']}: {node['html'][:160]}"
            for problem in found
            if problem["impact"] in SERIOUS
            for node in problem["nodes"]
        ]

    def photograph(self, name: str) -> None:
        """A picture to look at, where BURSAR_PICTURES is set: pictures take their time."""
        if not os.environ.get("BURSAR_PICTURES"):
            return
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        # Hiding the caret would write style attributes, which the policy refuses later on.
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, caret="initial")
