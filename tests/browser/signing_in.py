"""The sign-in page, as a person uses it."""

from playwright.sync_api import Page

from .dashboards import TOKEN


def sign_in(page: Page, token: str = TOKEN) -> None:
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Sign in").click()
