"""The plain inks of the gallery; whatever is the digit itself is mostly drawn with the rainbow."""

WHITE = "#ffffff"
SKY = "#9fd8ff"
SEA = "#3f8cff"
GREEN = "#3ccf5a"
GOLD = "#ffc53d"
ROSE = "#ff5c8a"
BROWN = "#c07a3a"
RAINBOW = ("#ff3b30", "#ff9500", "#ffd60a", "#34c759", "#2f7bff", "#af52de")
