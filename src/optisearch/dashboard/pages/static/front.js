// Keeps the front page up to date: fetches its changing part, and changes what differs.
(() => {
  "use strict";
  const live = document.getElementById("live");
  const said = document.getElementById("connection");
  const LEAST = 3000;
  const MOST = 30000;
  let etag = live.dataset.etag;
  let pause = LEAST;
  let timer = 0;
  let asking = false;
  let ahead = null; // by how much the server's clock is ahead of this one's, in milliseconds

  function span(milliseconds) {
    const whole = Math.round(milliseconds / 1000);
    const two = (number) => String(number).padStart(2, "0");
    const minutes = Math.floor(whole / 60);
    const hours = Math.floor(minutes / 60);
    if (whole < 1) return "just now";
    if (whole < 60) return `${whole} s ago`;
    if (minutes < 60) return `${minutes} m ${two(whole % 60)} s ago`;
    if (hours < 24) return `${hours} h ${two(minutes % 60)} m ago`;
    return `${Math.floor(hours / 24)} d ${hours % 24} h ago`;
  }

  function age() {
    if (ahead === null) return;
    const now = Date.now() + ahead;
    for (const time of live.querySelectorAll("time[data-ago]")) {
      const text = span(now - Date.parse(time.dateTime));
      if (time.textContent !== text) time.textContent = text;
    }
  }

  function say(text, address) {
    if (said.textContent === text) return;
    said.textContent = text;
    if (!address) return;
    const link = document.createElement("a");
    link.href = address;
    link.textContent = text;
    said.replaceChildren(link);
  }

  function flash(node) {
    const box = node.parentElement?.closest("[data-flash]");
    if (!box) return;
    box.classList.remove("changed");
    void box.offsetWidth; // so that it starts anew
    box.classList.add("changed");
  }

  // What a person has opened, focused or scrolled to stays: elements are changed, not exchanged.
  function change(old, next) {
    if (old.nodeName !== next.nodeName || old.id !== next.id) {
      old.replaceWith(next);
    } else if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue === next.nodeValue) return;
      old.nodeValue = next.nodeValue;
      flash(old);
    } else {
      for (const { name, value } of [...next.attributes]) {
        if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
      }
      for (const name of old.getAttributeNames()) {
        if (name !== "open" && !next.hasAttribute(name)) old.removeAttribute(name);
      }
      changeChildren(old, next);
    }
  }

  function changeChildren(old, next) {
    const wanted = new Set([...next.children].map((child) => child.id).filter(Boolean));
    for (const child of [...old.children]) {
      if (child.id && !wanted.has(child.id)) child.remove();
    }
    const known = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
    let place = old.firstChild;
    for (const child of [...next.childNodes]) {
      const same = child.id ? known.get(child.id) : place && !place.id && place.nodeName === child.nodeName && place;
      if (!same) {
        old.insertBefore(child, place);
      } else {
        if (same === place) place = place.nextSibling;
        else old.insertBefore(same, place);
        change(same, child);
      }
    }
    while (place) {
      const rest = place;
      place = place.nextSibling;
      rest.remove();
    }
  }

  async function ask() {
    const answer = await fetch(live.dataset.live, {
      headers: { "If-None-Match": etag },
      cache: "no-store",
      redirect: "manual",
      signal: AbortSignal.timeout(20000),
    });
    const date = Date.parse(answer.headers.get("Date"));
    if (!Number.isNaN(date)) ahead = date - Date.now();
    if (answer.status === 200) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      changeChildren(live, page.body);
      etag = answer.headers.get("ETag") ?? "";
    }
    if (answer.status === 401 || answer.type === "opaqueredirect") {
      say("You are no longer signed in. Sign in again.", "/sign-in?next=/");
      return false;
    }
    if (answer.status === 503) {
      say("The database can’t be reached at the moment; what is shown here is older.");
      return false;
    }
    if (!answer.ok && answer.status !== 304) throw new Error(`status ${answer.status}`);
    say("");
    return true;
  }

  async function update() {
    clearTimeout(timer);
    if (document.hidden || asking) return;
    asking = true;
    try {
      pause = (await ask()) ? LEAST : Math.min(2 * pause, MOST);
    } catch {
      say("The connection is lost; what is shown here is older. Trying again.");
      pause = Math.min(2 * pause, MOST);
    }
    asking = false;
    age();
    timer = setTimeout(update, pause);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else update();
  });
  addEventListener("online", update);
  setInterval(age, 1000);
  timer = setTimeout(update, LEAST);
})();
