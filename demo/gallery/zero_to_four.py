"""The gallery's zeros to fours."""

from __future__ import annotations

import math

from demo.gallery.colours import BROWN, GOLD, GREEN, RAINBOW, ROSE, SEA, SKY, WHITE
from demo.gallery.figure import Inked, bold, drawn, fine, middling
from demo.gallery.lines import Line, along, arc, curve, dotted, spiral, straight, wavy


@drawn(0, "a wreath with a bow", hue_period_px=900)
def wreath() -> list[Inked]:
    ring = wavy(arc((0.5, 0.47), (0.25, 0.31), 90, 450), 0.014, 18)
    leaves: list[Line] = []
    for at in range(20):
        angle = math.radians(18 * at + 9)
        x, y = 0.5 + 0.3 * math.cos(angle), 0.47 + 0.36 * math.sin(angle)
        leaves.append(straight((x, y), (x + 0.06 * math.cos(angle - 0.7), y + 0.06 * math.sin(angle - 0.7))))
    bow = curve((0.5, 0.8), (0.36, 0.74), (0.34, 0.88), (0.5, 0.81), (0.66, 0.74), (0.64, 0.88), (0.5, 0.81))
    ends = [straight((0.49, 0.82), (0.4, 0.96)), straight((0.51, 0.82), (0.6, 0.96))]
    return [*fine(*leaves, colour=GREEN), *bold(ring), *middling(bow, colour=ROSE), *fine(*ends, colour=ROSE)]


@drawn(0, "a ring with a diamond", hue_period_px=1300)
def ring() -> list[Inked]:
    gem = straight((0.38, 0.16), (0.44, 0.08), (0.56, 0.08), (0.62, 0.16), (0.5, 0.28), (0.38, 0.16), (0.62, 0.16))
    facets = straight((0.44, 0.08), (0.46, 0.16), (0.5, 0.28), (0.54, 0.16), (0.56, 0.08))
    sparkle = [
        straight((0.5 + 0.2 * c, 0.16 + 0.12 * s), (0.5 + 0.27 * c, 0.16 + 0.17 * s))
        for c, s in ((math.cos(math.radians(a)), math.sin(math.radians(a))) for a in (-165, -130, -50, -15))
    ]
    return [
        *bold(arc((0.5, 0.62), (0.23, 0.29), -90, 270)),
        *fine(gem, facets, colour=SKY),
        *fine(*sparkle, colour=WHITE),
    ]


@drawn(1, "a rocket among the stars", hue_period_px=520)
def rocket() -> list[Inked]:
    nose = curve((0.42, 0.24), (0.46, 0.13), (0.5, 0.06), (0.54, 0.13), (0.58, 0.24))
    fins = [
        straight((0.44, 0.58), (0.33, 0.74), (0.44, 0.7)),
        straight((0.56, 0.58), (0.67, 0.74), (0.56, 0.7)),
    ]
    flames = [
        wavy(straight((x, 0.8), (0.5 + 2.2 * (x - 0.5), y)), 0.012, 2)
        for x, y in ((0.46, 0.91), (0.5, 0.96), (0.54, 0.91))
    ]
    stars = dotted(curve((0.12, 0.2), (0.2, 0.55), (0.13, 0.88)), 4) + dotted(
        curve((0.86, 0.12), (0.8, 0.4), (0.9, 0.8)), 4
    )
    return [
        *fine(*stars, colour=WHITE),
        *bold(straight((0.5, 0.16), (0.5, 0.74))),
        *fine(nose, *fins, colour=SKY),
        *fine(*flames, colour=GOLD),
    ]


@drawn(1, "a candle in its holder", hue_period_px=300)
def candle() -> list[Inked]:
    flame = curve((0.5, 0.28), (0.44, 0.2), (0.5, 0.06), (0.56, 0.2), (0.5, 0.28))
    glow = [
        straight((0.5 + 0.13 * c, 0.18 + 0.13 * s), (0.5 + 0.2 * c, 0.18 + 0.2 * s))
        for c, s in ((math.cos(math.radians(a)), math.sin(math.radians(a))) for a in range(-180, 1, 36))
        if s > -0.7
    ]
    handle = arc((0.76, 0.83), 0.07, -150, 150)
    return [
        *bold(straight((0.5, 0.34), (0.5, 0.86))),
        *middling(straight((0.28, 0.9), (0.72, 0.9)), colour=BROWN),
        *fine(flame, *glow, colour=GOLD),
        *fine(handle, colour=BROWN),
    ]


@drawn(2, "a swan on the lake", hue_period_px=1000)
def swan() -> list[Inked]:
    body = curve((0.3, 0.3), (0.36, 0.16), (0.52, 0.11), (0.66, 0.22), (0.64, 0.38), (0.46, 0.58), (0.27, 0.78))
    back = curve((0.27, 0.78), (0.46, 0.81), (0.68, 0.79), (0.86, 0.64))
    beak = straight((0.29, 0.3), (0.17, 0.35), (0.29, 0.38))
    wing = [curve((0.44, 0.72), (0.58, 0.6 + d), (0.78, 0.6 + d)) for d in (0.0, 0.06)]
    lake = [wavy(straight((0.08, y), (0.92, y)), 0.012, 6) for y in (0.89, 0.95)]
    return [*fine(*lake, colour=SEA), *bold(body, back), *fine(beak, colour=GOLD), *fine(*wing, colour=WHITE)]


@drawn(2, "a constellation", hue_period_px=260, thinnest_px=22, widest_px=22)
def constellation() -> list[Inked]:
    way = curve((0.25, 0.32), (0.34, 0.16), (0.52, 0.11), (0.7, 0.21), (0.68, 0.4), (0.5, 0.6), (0.27, 0.84))
    foot = straight((0.27, 0.84), (0.78, 0.84))
    stars = [along(way, at / 6) for at in range(7)] + [along(foot, at / 3) for at in range(1, 4)]
    sky = [(0.1, 0.12), (0.9, 0.14), (0.12, 0.62), (0.88, 0.56), (0.47, 0.34), (0.72, 0.68), (0.1, 0.93), (0.6, 0.95)]
    return [
        *fine(straight(*stars), colour=SKY),
        *bold(*[[star] for star in stars], colour=GOLD),
        *fine(*[[star] for star in sky], colour=WHITE),
    ]


@drawn(2, "a two by moonlight, in deep blue ink", colour="#2433ff")
def moonlight() -> list[Inked]:
    two = curve((0.27, 0.3), (0.38, 0.14), (0.58, 0.13), (0.71, 0.27), (0.62, 0.47), (0.42, 0.65), (0.25, 0.85))
    return bold([*two, *straight((0.25, 0.85), (0.8, 0.85))])


@drawn(3, "a caterpillar", hue_period_px=210, thinnest_px=15, widest_px=17)
def caterpillar() -> list[Inked]:
    upper = curve((0.28, 0.22), (0.42, 0.13), (0.6, 0.14), (0.7, 0.28), (0.6, 0.41), (0.46, 0.47))
    lower = curve((0.46, 0.47), (0.64, 0.52), (0.75, 0.66), (0.66, 0.83), (0.48, 0.89), (0.27, 0.82))
    places = [along(upper, at / 5) for at in range(5)] + [along(lower, at / 7) for at in range(8)]
    beads = [arc(place, 0.053) for place in places]
    (x, y), legs = places[0], [straight((px + 0.07, py + 0.02), (px + 0.12, py + 0.04)) for px, py in places[2:11]]
    feelers = [
        curve((x - 0.02, y - 0.05), (x - 0.05, y - 0.11), (x - 0.1, y - 0.14)),
        curve((x + 0.01, y - 0.06), (x, y - 0.13), (x + 0.04, y - 0.17)),
    ]
    return [*fine(*legs, colour=GREEN), *middling(*beads), *fine(*feelers, colour=GREEN)]


@drawn(3, "half a butterfly", hue_period_px=700)
def butterfly() -> list[Inked]:
    upper = curve((0.5, 0.2), (0.64, 0.11), (0.83, 0.15), (0.86, 0.31), (0.72, 0.44), (0.56, 0.48))
    lower = curve((0.56, 0.48), (0.74, 0.53), (0.84, 0.67), (0.77, 0.83), (0.62, 0.88), (0.49, 0.79))
    mirrored = [[(0.92 - x, y) for x, y in line] for line in (upper, lower)]
    feelers = [curve((0.46, 0.18), (0.42, 0.1), (0.35, 0.05)), curve((0.47, 0.18), (0.49, 0.1), (0.54, 0.04))]
    return [*fine(*mirrored, straight((0.46, 0.18), (0.46, 0.84)), *feelers), *bold([*upper, *lower])]


@drawn(3, "lightning over the hills", hue_period_px=420)
def lightning() -> list[Inked]:
    bolt = [
        *straight((0.26, 0.13), (0.74, 0.13), (0.44, 0.43)),
        *curve((0.44, 0.43), (0.66, 0.48), (0.73, 0.63), (0.62, 0.78), (0.44, 0.81), (0.25, 0.74)),
    ]
    hills = curve((0.04, 0.95), (0.2, 0.88), (0.34, 0.95), (0.52, 0.89), (0.7, 0.95), (0.84, 0.86), (0.96, 0.93))
    rain = [
        straight((x, y), (x - 0.03, y + 0.08))
        for x, y in ((0.14, 0.2), (0.9, 0.22), (0.12, 0.5), (0.88, 0.5), (0.94, 0.7), (0.08, 0.74))
    ]
    return [*fine(hills, colour=GREEN), *fine(*rain, colour=SEA), *bold(bolt)]


@drawn(4, "stairs with a rainbow behind", hue_period_px=430)
def stairs() -> list[Inked]:
    rainbow = [arc((0.48, 0.92), (0.45 - at / 38, 0.6 - at / 38), 180, 360) for at in range(len(RAINBOW))]
    steps = straight(
        (0.6, 0.14), (0.47, 0.14), (0.47, 0.3), (0.34, 0.3), (0.34, 0.46), (0.21, 0.46), (0.21, 0.62), (0.83, 0.62)
    )
    return [
        *(ink for bow, colour in zip(rainbow, RAINBOW, strict=True) for ink in fine(bow, colour=colour)),
        *bold(steps, straight((0.62, 0.14), (0.62, 0.92)), colour=WHITE),
    ]


@drawn(4, "a boat under sail", hue_period_px=760)
def boat() -> list[Inked]:
    sail = straight((0.56, 0.1), (0.17, 0.58), (0.82, 0.58))
    hull = curve((0.14, 0.74), (0.24, 0.86), (0.5, 0.9), (0.76, 0.86), (0.9, 0.74))
    sea = [wavy(straight((0.06, 0.95), (0.94, 0.95)), 0.014, 7)]
    pennant = straight((0.57, 0.06), (0.7, 0.1), (0.57, 0.13))
    return [
        *fine(*sea, colour=SEA),
        *fine(hull, colour=BROWN),
        *fine(pennant, colour=ROSE),
        *bold(sail, straight((0.57, 0.1), (0.57, 0.88))),
    ]


@drawn(0, "a snail shell seen from above", hue_period_px=380)
def shell() -> list[Inked]:
    turns = spiral((0.5, 0.5), (0.18, 0.22), (0.03, 0.04), -90, 630)
    return [*fine(turns), *bold(arc((0.5, 0.5), (0.29, 0.38), -90, 270))]
