"""How the page looks: paper and ink, and colour only where it means something.

The rest of it is in theme.css, small_screens.css and contrast.css. Fonts are those of the reader's system: nothing is
fetched from anywhere.
"""

from __future__ import annotations

from pathlib import Path

from gradio.themes import Base, Color, sizes

FOLDER = Path(__file__).parent
STYLED = ("components", "draw", "draw/rounds", "teach", "laboratory", "stress", "gallery", "challenge/page")
STYLESHEETS = [
    FOLDER / "theme.css",
    FOLDER / "small_screens.css",
    *(css for room in STYLED for css in sorted(FOLDER.parent.glob(f"{room}/*.css"))),
    FOLDER / "contrast.css",  # the last word
]
SCRIPTS = ("requests.js", "tabs.js")
SANS = ("ui-sans-serif", "-apple-system", "BlinkMacSystemFont", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "Liberation Mono", "monospace")
STONE = Color(
    name="stone",
    c50="#faf9f6",
    c100="#f4f1ea",
    c200="#e6e1d6",
    c300="#d2cbbc",
    c400="#a49c8d",
    c500="#7b7467",
    c600="#625c51",
    c700="#47433b",
    c800="#24262c",
    c900="#1a1c21",
    c950="#131418",
)
INK = Color(
    name="ink",
    c50="#eef0fb",
    c100="#dde1f8",
    c200="#bcc4f1",
    c300="#9aa6ea",
    c400="#7a89e3",
    c500="#4d5fd6",
    c600="#3a4bc0",
    c700="#303e9c",
    c800="#28347d",
    c900="#20295f",
    c950="#161c42",
)


def style() -> str:
    """The page's stylesheets and scripts as elements for its head, in force before anything is shown."""
    scripts = "".join(f"<script>\n{(FOLDER / name).read_text(encoding='utf-8')}</script>" for name in SCRIPTS)
    sheets = "\n".join(path.read_text(encoding="utf-8") for path in STYLESHEETS)
    return f"<style>\n{sheets}</style>{scripts}"


def theme() -> Base:
    """The theme that `launch` takes; `style` goes with it."""
    return Base(
        primary_hue=INK,
        secondary_hue=INK,
        neutral_hue=STONE,
        font=SANS,
        font_mono=MONO,
        radius_size=sizes.radius_md,
    ).set(
        body_background_fill="#faf9f6",
        body_background_fill_dark="#131418",
        body_text_color="#1c1a17",
        body_text_color_dark="#efece5",
        body_text_color_subdued="#625c51",
        body_text_color_subdued_dark="#aaa397",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_border_width_dark="0px",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_border_width="0px",
        block_label_text_color="#625c51",
        block_label_text_color_dark="#aaa397",
        block_title_text_color="#625c51",
        block_title_text_color_dark="#aaa397",
        block_title_text_weight="600",
        block_padding="0px",
        block_shadow="none",
        layout_gap="1rem",
        button_primary_background_fill="#3a4bc0",
        button_primary_background_fill_hover="#303e9c",
        button_primary_background_fill_dark="#5566dd",
        button_primary_background_fill_hover_dark="#6877e5",
        button_primary_text_color="#ffffff",
        button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_dark="#24262c",
        button_secondary_border_color="#d2cbbc",
        button_secondary_border_color_dark="#3c3f48",
        button_secondary_text_color="#1c1a17",
        button_secondary_text_color_dark="#efece5",
        input_background_fill="#ffffff",
        input_background_fill_dark="#1a1c21",
        input_border_color="#d2cbbc",
        input_border_color_dark="#3c3f48",
    )
