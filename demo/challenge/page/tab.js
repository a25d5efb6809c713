(drawing, consent, nickname, device, browser) => [
  drawing,
  consent,
  nickname,
  document.documentElement.dataset.challengePointer ?? "unknown",
  browser,
]
