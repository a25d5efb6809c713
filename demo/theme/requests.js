// What the page asks of its server is watched here, for Gradio is silent where it fails: each request has a time limit;
// a refusal, an error and a dead connection are said in words by the verdict (the event "trouble"), and what is on the
// pad is asked about again, with growing pauses.
(() => {
  const LIMIT_MS = 12_000; // the server answers "busy" after 10 s
  const PAUSES_MS = [1000, 2000, 4000, 8000, 15_000, 30_000];
  const WORDS = {
    offline: "No connection to the server. What you drew stays; it is asked again.",
    slow: "The server does not answer. What you drew stays; it is asked again.",
    busy: "Many people are drawing right now. It is asked again.",
    refused: "The server refused this request. It is asked again.",
    failed: "The server had an error. It is asked again.",
  };
  const watched = (url) => /\/gradio_api\/(run|call)\//.test(url);
  const ours = window.fetch.bind(window);

  let attempt = 0;
  let timer = null;
  let troubled = false;
  let pending = 0;

  const pad = () => document.querySelector("#pad .sketchpad")?.sketchpad;

  const say = (message) => document.dispatchEvent(new CustomEvent("trouble", { detail: { message } }));

  const later = () => {
    const pause = PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)];
    attempt += 1;
    timer = setTimeout(again, pause);
  };

  // While Gradio holds the connection for lost it sends nothing, so no request need follow: the next attempt is planned.
  const again = () => {
    clearTimeout(timer);
    later();
    if (pending === 0) pad()?.resend?.();
  };

  const trouble = (message) => {
    troubled = true;
    say(message);
    if (timer === null) later();
  };

  const fine = () => {
    if (!troubled) return;
    troubled = false;
    attempt = 0;
    clearTimeout(timer);
    timer = null;
    say("");
  };

  const wordsFor = (status) => {
    if (status === 429 || status === 503) return WORDS.busy;
    return status < 500 ? WORDS.refused : WORDS.failed;
  };

  window.fetch = async (resource, options = {}) => {
    const url = String(resource?.url ?? resource);
    if (!watched(url)) return ours(resource, options);
    const limit = AbortSignal.timeout(LIMIT_MS);
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    pending += 1;
    try {
      const response = await ours(resource, { ...options, signal });
      if (response.ok) fine();
      else trouble(wordsFor(response.status));
      return response;
    } catch (error) {
      if (!options.signal?.aborted) trouble(limit.aborted ? WORDS.slow : WORDS.offline);
      throw error;
    } finally {
      pending -= 1;
    }
  };

  // The verdict says so itself when the nets are busy: an answer, but none to the drawing.
  document.addEventListener("trouble", ({ detail }) => detail.retry && trouble(detail.message));
  addEventListener("online", () => troubled && again());
})();
