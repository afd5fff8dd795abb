"""What is put into optuna-dashboard's own page."""

from optisearch.dashboard.pages import static


def with_our_script(html: bytes) -> bytes:
    """optuna-dashboard's page, with the way back to ours and the warning of large studies.

    Args:
        html: Its `index.html`, as it serves it for each of its addresses.
    """
    script = f'<script src="{static.address("dashboard.js")}" defer></script>\n'
    return html.replace(b"</head>", script.encode() + b"</head>", 1)
