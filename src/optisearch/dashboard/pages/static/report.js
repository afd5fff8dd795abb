// Says on a report's page when more has come in since.
(() => {
  "use strict";
  const bar = document.querySelector(".served");
  const fresh = document.getElementById("fresh");
  const time = bar.querySelector("time");
  const weak = (etag) => (etag ?? "").replace(/^W\//, "");
  const PAUSE = 5000;
  let timer = 0;

  time.textContent = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });

  async function look() {
    clearTimeout(timer);
    if (document.hidden) return;
    try {
      const answer = await fetch(location.href, { method: "HEAD", cache: "no-store", redirect: "manual" });
      fresh.hidden = !answer.ok || weak(answer.headers.get("ETag")) === weak(bar.dataset.etag);
    } catch {
      // Lost for the moment: asked again below.
    }
    timer = setTimeout(look, PAUSE);
  }

  fresh.addEventListener("click", (event) => {
    event.preventDefault();
    location.reload();
  });
  document.addEventListener("visibilitychange", look);
  timer = setTimeout(look, PAUSE);
})();
