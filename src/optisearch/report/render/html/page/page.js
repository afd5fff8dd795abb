(() => {
  "use strict";
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const paper = matchMedia("print");
  const touch = matchMedia("(pointer: coarse)").matches;
  const boxes = [...document.querySelectorAll("[data-plot]")];
  const holder = document.getElementById("plots");
  const { plots, dark } = holder ? JSON.parse(holder.textContent) : { plots: [], dark: {} };
  const config = { displayModeBar: false, responsive: true, doubleClick: touch ? false : "reset" };
  let printing = false;

  const isDark = () => !printing && (root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches);

  // Figures hold the colours of light paper.
  function coloured(value) {
    if (typeof value === "string") return Object.hasOwn(dark, value) ? dark[value] : value;
    if (Array.isArray(value)) return value.map(coloured);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, coloured(inner)]));
  }

  function themed(number) {
    // A copy: Plotly writes into what it is given.
    const plot = isDark() ? coloured(plots[number]) : structuredClone(plots[number]);
    for (const [name, axis] of Object.entries(plot.layout)) {
      // A finger scrolls the page; a mouse zooms.
      if (/^[xy]axis/.test(name)) axis.fixedrange = touch;
    }
    if (touch) plot.layout.dragmode = false;
    return plot;
  }

  function draw(box, width) {
    const { data, layout } = themed(Number(box.dataset.plot));
    if (width) layout.width = width;
    box.classList.add("drawn");
    return window.Plotly.react(box, data, layout, config);
  }

  async function unpack() {
    const packed = Uint8Array.from(atob(document.getElementById("plotly").textContent), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
    script.remove();
  }

  async function drawAll() {
    // Those in view first; the page stays usable in between.
    const inView = (box) => box.getBoundingClientRect().top < innerHeight;
    const order = [...boxes.filter(inView), ...boxes.filter((box) => !inView(box))];
    for (const box of order) {
      if (!box.classList.contains("drawn")) await draw(box);
      await new Promise((next) => setTimeout(next));
    }
    root.dataset.figures = String(boxes.length);
  }

  function redraw(width) {
    for (const box of boxes) if (window.Plotly) draw(box, width && width(box));
  }

  function label() {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", `${button.textContent} colours`);
  }

  function choose(theme) {
    root.dataset.theme = theme;
    label();
    redraw();
  }

  const asked = location.hash.slice(1);
  if (asked === "dark" || asked === "light") root.dataset.theme = asked;
  button.hidden = false;
  label();
  button.addEventListener("click", () => choose(isDark() ? "light" : "dark"));
  prefersDark.addEventListener("change", () => {
    if (!root.dataset.theme) { label(); redraw(); }
  });

  // On paper: light, and as wide as the page is.
  function print(starts) {
    if (printing === starts) return;
    printing = starts;
    redraw(starts ? (box) => (box.closest(".tiles") ? 320 : 670) : undefined);
  }
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  paper.addEventListener("change", (event) => print(event.matches));

  if (boxes.length) {
    unpack().then(drawAll).catch(() => { root.dataset.figures = "none"; });
  }
})();
