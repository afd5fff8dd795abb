// On optuna-dashboard's pages: the way back to ours, and a warning on studies too large for them.
(() => {
  "use strict";
  const AGAIN = 10000;
  const STYLE = `
    :host { position: fixed; right: 16px; top: 17px; z-index: 1250; font: 14px/1.4 system-ui, sans-serif; }
    div { display: flex; flex-direction: column; align-items: flex-end; gap: 26px; }
    a, p { color: #fdfdfc; }
    .back { padding: 4px 13px; background: #0b6a8f; border-radius: 999px; text-decoration: none; }
    .back:hover { text-decoration: underline; }
    .large { display: flex; align-items: baseline; gap: 12px; max-width: min(34rem, calc(100vw - 64px)); margin: 0; padding: 10px 16px; background: #8a2b08; border-radius: 8px; box-shadow: 0 1px 5px #0007; }
    .large[hidden] { display: none; }
    button { padding: 0 4px; font: inherit; font-size: 18px; line-height: 1; color: inherit; background: none; border: 0; cursor: pointer; }
    :focus-visible { outline: 3px solid #f0a93c; outline-offset: 2px; }
    @media (max-width: 600px) { :host { top: auto; bottom: 12px; } div { flex-direction: column-reverse; gap: 10px; } }`;

  function element(name, attributes, ...inside) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...inside);
    return made;
  }

  const text = element("span", {});
  const report = element("a", {}, "Open it");
  const away = element("button", { type: "button", "aria-label": "Dismiss" }, "×");
  const warning = element("p", { class: "large", role: "status" }, text, report, away);
  const place = element("div", { id: "optisearch" });
  const back = element("a", { class: "back", href: "/" }, "← OptiSearch");
  warning.hidden = true;
  place
    .attachShadow({ mode: "open" })
    .append(element("style", {}, STYLE), element("div", {}, back, warning));

  const dismissed = new Set();
  let large = {};

  const opened = () => /^\/dashboard\/studies\/(\d+)/.exec(location.pathname)?.[1];

  function show() {
    const study = opened();
    const found = large[study];
    warning.hidden = !found || dismissed.has(study);
    if (warning.hidden) return;
    text.textContent = found.text;
    report.href = found.report;
  }

  async function ask() {
    if (!document.hidden) {
      try {
        const answer = await fetch("/live/large", { redirect: "manual" });
        if (answer.ok) large = await answer.json();
        show();
      } catch {
        // Lost for the moment: asked again below.
      }
    }
    setTimeout(ask, AGAIN);
  }

  away.addEventListener("click", () => {
    dismissed.add(opened());
    show();
  });
  // Its pages change without a request.
  for (const name of ["pushState", "replaceState"]) {
    const own = history[name];
    history[name] = function (...given) {
      own.apply(this, given);
      show();
    };
  }
  addEventListener("popstate", show);
  document.body.append(place);
  ask();
})();
