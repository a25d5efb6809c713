"""The gallery's fives to nines."""

from __future__ import annotations

import math

from demo.gallery.colours import BROWN, GOLD, GREEN, ROSE, SEA, SKY, WHITE
from demo.gallery.figure import Inked, bold, drawn, fine, middling
from demo.gallery.lines import Line, arc, curve, dashed, dotted, spiral, straight, wavy

FIVE_BELLY = ((0.3, 0.45), (0.5, 0.38), (0.7, 0.46), (0.76, 0.64), (0.66, 0.82), (0.46, 0.89), (0.25, 0.82))


@drawn(5, "a crane and its hook", hue_period_px=640)
def crane() -> list[Inked]:
    lattice = straight(*[(0.3 + 0.06 * at, 0.05 if at % 2 else 0.13) for at in range(11)])
    cables = [
        straight((0.86, 0.14), (0.86, 0.4)),
        straight((0.79, 0.4), (0.93, 0.4), (0.93, 0.52), (0.79, 0.52), (0.79, 0.4)),
    ]
    frame = straight((0.84, 0.16), (0.3, 0.16), (0.3, 0.45))
    return [*fine(lattice, *cables, colour=GOLD), *bold([*frame, *curve(*FIVE_BELLY)])]


@drawn(5, "a snake in a top hat", hue_period_px=330)
def snake() -> list[Inked]:
    hat = straight((0.34, 0.12), (0.4, 0.12), (0.42, 0.03), (0.62, 0.03), (0.64, 0.12), (0.72, 0.12))
    body = wavy([*straight((0.3, 0.18), (0.3, 0.45)), *curve(*FIVE_BELLY)], 0.012, 9)
    tongue = [straight((0.24, 0.82), (0.14, 0.8), (0.08, 0.75)), straight((0.14, 0.8), (0.07, 0.83))]
    return [*bold(straight((0.3, 0.17), (0.76, 0.17)), body), *fine(hat, colour=SKY), *fine(*tongue, colour=ROSE)]


@drawn(5, "a stencil", hue_period_px=300, thinnest_px=12, widest_px=14)
def stencil() -> list[Inked]:
    outer = ((0.26, 0.09), (0.77, 0.09), (0.77, 0.23), (0.42, 0.23), (0.42, 0.38), (0.64, 0.38), (0.79, 0.51))
    inner = (
        (0.79, 0.77),
        (0.64, 0.91),
        (0.24, 0.91),
        (0.24, 0.77),
        (0.57, 0.77),
        (0.63, 0.71),
        (0.63, 0.57),
        (0.57, 0.52),
        (0.26, 0.52),
    )
    return bold(straight(*outer, *inner, (0.26, 0.09)))


@drawn(6, "a snail", hue_period_px=560)
def snail() -> list[Inked]:
    neck = curve((0.62, 0.13), (0.46, 0.2), (0.33, 0.36), (0.27, 0.52), (0.27, 0.64))
    shell = arc((0.51, 0.64), (0.24, 0.23), 180, -180)
    inside = spiral((0.51, 0.64), (0.13, 0.12), (0.02, 0.02), 180, -450)
    horns = [curve((0.62, 0.12), (0.67, 0.07), (0.68, 0.03)), curve((0.64, 0.13), (0.72, 0.1), (0.77, 0.06))]
    foot = wavy(straight((0.08, 0.94), (0.94, 0.94)), 0.008, 5)
    return [*fine(foot, colour=GREEN), *fine(inside), *bold([*neck, *shell]), *fine(*horns)]


@drawn(6, "a cherry on its stalk", hue_period_px=1500)
def cherry() -> list[Inked]:
    stalk = curve((0.68, 0.08), (0.5, 0.18), (0.34, 0.38), (0.26, 0.62))
    leaf = [
        curve((0.68, 0.09), (0.78, 0.07), (0.9, 0.16), (0.8, 0.2), (0.68, 0.09)),
        straight((0.68, 0.09), (0.86, 0.16)),
    ]
    shine = arc((0.49, 0.67), (0.1, 0.1), -160, -100)
    return [
        *middling(stalk, colour=GREEN),
        *bold(arc((0.49, 0.68), (0.22, 0.21), 180, -180)),
        *fine(*leaf, colour=GREEN),
        *fine(shine, colour=WHITE),
    ]


@drawn(6, "a bomb, lit", hue_period_px=240)
def bomb() -> list[Inked]:
    fuse = wavy(curve((0.72, 0.14), (0.52, 0.18), (0.36, 0.36), (0.28, 0.62)), 0.012, 5)
    sparks = [
        straight((0.76 + 0.05 * c, 0.13 + 0.05 * s), (0.76 + 0.13 * c, 0.13 + 0.12 * s))
        for c, s in ((math.cos(math.radians(a)), math.sin(math.radians(a))) for a in range(-150, 180, 55))
    ]
    ball = arc((0.5, 0.67), (0.22, 0.22), 180, -180)
    return [*fine(*sparks, colour=GOLD), *bold([*fuse, *ball])]


@drawn(7, "a flag in the wind", hue_period_px=800)
def flag() -> list[Inked]:
    top = wavy(straight((0.16, 0.2), (0.74, 0.2)), 0.03, 1.5)
    stripes = [
        wavy(straight((0.16 - d / 3, 0.2 + d), (0.74 - d / 2.6, 0.2 + d)), 0.03, 1.5) for d in (0.09, 0.16, 0.23)
    ]
    edge = straight((0.16, 0.2), (0.08, 0.43))
    return [*fine(*stripes, edge), *bold(top, straight((0.76, 0.14), (0.45, 0.93)))]


@drawn(7, "a desk lamp", hue_period_px=520)
def lamp() -> list[Inked]:
    rays = [straight((0.2 + 0.07 * at, 0.3), (0.06 + 0.13 * at, 0.56)) for at in range(4)]
    shade = curve((0.16, 0.24), (0.2, 0.32), (0.36, 0.32), (0.42, 0.24))
    arm = straight((0.18, 0.17), (0.75, 0.17), (0.46, 0.84))
    return [*fine(*rays, shade, colour=GOLD), *bold(arm), *middling(straight((0.28, 0.91), (0.66, 0.91)), colour=BROWN)]


@drawn(7, "a seven in the rain", hue_period_px=480)
def rain() -> list[Inked]:
    drops = [
        straight((x, y), (x - 0.05, y + 0.11))
        for row, y in enumerate((0.04, 0.22, 0.4, 0.58, 0.76))
        for x in (
            0.12 + 0.09 * (row % 2),
            0.32 + 0.09 * (row % 2),
            0.52 + 0.09 * (row % 2),
            0.72 + 0.09 * (row % 2),
            0.9,
        )
    ]
    return [*fine(*drops, colour=SEA), *bold(straight((0.22, 0.18), (0.78, 0.18), (0.44, 0.88)))]


@drawn(8, "a snowman", hue_period_px=680)
def snowman() -> list[Inked]:
    hat = straight((0.36, 0.15), (0.64, 0.15), (0.58, 0.15), (0.58, 0.04), (0.42, 0.04), (0.42, 0.15))
    arms = [straight((0.3, 0.56), (0.12, 0.42), (0.05, 0.44)), straight((0.7, 0.56), (0.88, 0.42), (0.93, 0.35))]
    buttons = [*dotted(straight((0.5, 0.6), (0.5, 0.78)), 3), [(0.45, 0.28)], [(0.55, 0.28)]]
    snow = [[(x, y)] for x, y in ((0.15, 0.15), (0.85, 0.18), (0.1, 0.75), (0.9, 0.7), (0.24, 0.3), (0.8, 0.92))]
    return [
        *fine(*snow, colour=WHITE),
        *fine(*arms, colour=BROWN),
        *bold(arc((0.5, 0.31), (0.16, 0.15)), arc((0.5, 0.69), (0.23, 0.22))),
        *fine(hat, *buttons, colour=WHITE),
    ]


@drawn(8, "an hourglass", hue_period_px=900)
def hourglass() -> list[Inked]:
    glass = straight((0.26, 0.13), (0.74, 0.13), (0.26, 0.87), (0.74, 0.87), (0.26, 0.13))
    sand = [[(0.5, y)] for y in (0.58, 0.66)] + [
        straight((0.42 - d, 0.74 + d), (0.58 + d, 0.74 + d)) for d in (0.0, 0.05)
    ]
    return [*bold(glass), *fine(*sand, straight((0.38, 0.22), (0.62, 0.22)), colour=GOLD)]


@drawn(8, "a race track", hue_period_px=1100)
def track() -> list[Inked]:
    way = [
        (0.5 + 0.23 * math.sin(2 * a), 0.5 - 0.37 * math.cos(a)) for a in (2 * math.pi * at / 240 for at in range(241))
    ]
    return [*bold(way), *fine(*dashed(way, 22), colour=WHITE)]


@drawn(9, "a balloon in the wind", hue_period_px=900)
def balloon() -> list[Inked]:
    string = wavy(curve((0.68, 0.3), (0.7, 0.5), (0.62, 0.72), (0.5, 0.94)), 0.014, 3)
    clouds = [
        curve((0.06, 0.66), (0.1, 0.58), (0.17, 0.62), (0.24, 0.56), (0.3, 0.64), (0.36, 0.66)),
        curve((0.74, 0.86), (0.79, 0.79), (0.85, 0.83), (0.91, 0.8), (0.95, 0.87)),
    ]
    shine = arc((0.48, 0.3), (0.1, 0.11), -160, -100)
    return [
        *fine(*clouds, colour=SKY),
        *bold(arc((0.48, 0.3), (0.2, 0.21), 0, -360)),
        *middling(string, colour=WHITE),
        *fine(shine, colour=WHITE),
    ]


@drawn(9, "a flower", hue_period_px=420)
def flower() -> list[Inked]:
    petals: list[Line] = []
    for at in range(9):
        angle = math.radians(40 * at)
        petals.append(
            arc((0.46 + 0.255 * math.cos(angle), 0.35 + 0.255 * math.sin(angle)), 0.075, 40 * at - 120, 40 * at + 120)
        )
    stem = curve((0.61, 0.35), (0.65, 0.55), (0.62, 0.76), (0.52, 0.94))
    leaf = curve((0.61, 0.78), (0.76, 0.66), (0.88, 0.7), (0.76, 0.8), (0.61, 0.79))
    return [*fine(*petals, colour=ROSE), *fine(leaf, colour=GREEN), *bold([*arc((0.46, 0.35), 0.15, 0, -360), *stem])]


@drawn(9, "a nine behind a fence", hue_period_px=620)
def fence() -> list[Inked]:
    posts = [straight((x, 0.05), (x, 0.96)) for x in (0.1, 0.3, 0.5, 0.7, 0.9)]
    rails = [straight((0.04, y), (0.96, y)) for y in (0.18, 0.8)]
    nine = [*arc((0.46, 0.34), (0.2, 0.21), 0, -360), *curve((0.66, 0.34), (0.68, 0.55), (0.62, 0.75), (0.5, 0.93))]
    return [*bold(nine), *fine(*posts, *rails, colour=BROWN)]
