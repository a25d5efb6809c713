// What the page asks of its server is watched here, for Gradio is silent where it fails: each request has a time limit;
// a refusal, an error and a dead connection are said in words. What the nets make of the pad is asked again with growing
// pauses, and the verdict says so (the event "trouble"). Nothing else is: that is said in the notice over the page, in
// which the pad's trouble stands too while the verdict is out of sight.
(() => {
  const LIMIT_MS = 12_000; // the server answers "busy" after 10 s
  const PAUSES_MS = [1000, 2000, 4000, 8000, 15_000, 30_000];
  const LONGEST_REASON = 200; // characters of what the server says itself
  const WORDS = {
    offline: "No connection to the server.",
    slow: "The server does not answer.",
    busy: "Many people are drawing right now.",
    refused: "The server refused this request.",
    failed: "The server had an error.",
  };
  const AGAIN = "What you drew stays; it is asked again.";
  const NOT_AGAIN = "This is not tried again by itself: please try once more.";
  const watched = (url) => /\/gradio_api\/(run|call|queue\/join)(\/|\?|$)/.test(url);
  const ours = window.fetch.bind(window);

  let attempt = 0;
  let timer = null;
  let troubled = false; // about the pad
  let pending = 0; // requests for the pad
  let noticed = null; // what the notice is about: "pad", or the number of the event that failed

  const pad = () => document.querySelector("#pad .sketchpad")?.sketchpad;

  // ---- the notice

  const notice = (message, about) => {
    if (message === "" && !Object.is(noticed, about)) return;
    const element = document.querySelector("#notice");
    if (element === null) return;
    noticed = message === "" ? null : about;
    element.querySelector("p").textContent = message;
  };

  addEventListener("click", ({ target }) => target.closest?.("#notice button") && notice("", noticed));

  // ---- what the nets make of the pad

  const say = (message) => {
    document.dispatchEvent(new CustomEvent("trouble", { detail: { message } }));
    const unseen = !document.querySelector("#verdict")?.checkVisibility();
    notice(unseen ? message : "", "pad");
  };

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

  // ---- requests

  const eventOf = (body) => Number(typeof body === "string" ? body.match(/"fn_index":(\d+)/)?.[1] : NaN);

  // Whether an event asks what the nets make of the pad: it writes into the verdict's tiles, or into the line about the
  // other training.
  const asksNets = (number) => {
    const { dependencies = [], components = [] } = window.gradio_config ?? {};
    const answers = components.filter(({ props }) => ["verdict", "other-training"].includes(props?.elem_id));
    const event = dependencies.find(({ id }) => id === number);
    return answers.some(({ id }) => event?.outputs.includes(id));
  };

  const wordsFor = (status) => {
    if (status === 429 || status === 503) return WORDS.busy;
    return status < 500 ? WORDS.refused : WORDS.failed;
  };

  // What the server says itself, as a sentence; "" where it says nothing.
  const reason = async (response) => {
    try {
      const { error, detail } = await response.clone().json();
      const text = [error, detail].find((each) => typeof each === "string" && each !== "") ?? "";
      if (text === "" || text.length > LONGEST_REASON) return "";
      return `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
    } catch {
      return "";
    }
  };

  window.fetch = async (resource, options = {}) => {
    const url = String(resource?.url ?? resource);
    if (!watched(url)) return ours(resource, options);
    const event = eventOf(options.body);
    const aboutPad = asksNets(event);
    const failed = (words, why = "") => {
      if (aboutPad) trouble(`${words} ${AGAIN}`);
      else notice([words, why, NOT_AGAIN].filter(Boolean).join(" "), event);
    };
    const limit = AbortSignal.timeout(LIMIT_MS);
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    pending += aboutPad;
    try {
      const response = await ours(resource, { ...options, signal });
      if (!response.ok) failed(wordsFor(response.status), aboutPad ? "" : await reason(response));
      else if (aboutPad) fine();
      else notice("", event);
      return response;
    } catch (error) {
      if (!options.signal?.aborted) failed(limit.aborted ? WORDS.slow : WORDS.offline);
      throw error;
    } finally {
      pending -= aboutPad;
    }
  };

  // The verdict says so itself when the nets are busy: an answer, but none to the drawing.
  document.addEventListener("trouble", ({ detail }) => detail.retry && trouble(detail.message));
  addEventListener("online", () => troubled && again());
})();
