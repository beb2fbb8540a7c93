// Draws every figure that carries a spec. Specs come from the server only and are interpreted as
// data (ast), so no code is made from text. Colours come from the style sheet, so that a chart
// follows the theme. A click on a mark follows the link of the same key in the table beside it.
(() => {
  "use strict";
  const views = new Map(); // figure -> view; never reachable from window

  function loadBundle() {
    const address = document.querySelector('meta[name="charts"]').content;
    loadBundle.done ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = address;
      script.addEventListener("load", resolve);
      script.addEventListener("error", reject);
      document.head.append(script);
    });
    return loadBundle.done;
  }

  const probe = document.createElement("i");
  probe.hidden = true;

  function colour(name) {
    probe.style.setProperty("color", `var(--${name})`);
    return getComputedStyle(probe).color;
  }

  function look() {
    document.body.append(probe);
    const font = getComputedStyle(document.body).fontFamily;
    const soft = colour("ink-soft");
    const line = colour("line");
    const text = { labelFont: font, titleFont: font, labelFontSize: 11.5, titleFontSize: 11.5,
      labelColor: soft, titleColor: soft, titleFontWeight: 500 };
    const config = {
      background: "transparent", font,
      view: { stroke: null },
      axis: { ...text, domainColor: line, tickColor: line, gridColor: line, labelPadding: 6 },
      axisY: { domain: false, ticks: false },
      axisX: { grid: false },
      legend: { ...text, columns: 4, orient: "bottom", symbolType: "square", symbolSize: 90, labelLimit: 220 },
      header: text,
      title: { font, color: colour("ink") },
      text: { font, fill: colour("ink"), color: colour("ink"), fontSize: 11.5 },
      mark: { color: colour("c1") },
      rule: { color: colour("line-strong") },
      range: { category: Array.from({ length: 10 }, (_, i) => colour(`c${i + 1}`)) },
      style: {
        over: { fill: colour("over"), color: colour("over") },
        under: { fill: colour("under"), color: colour("under") },
        soft: { fill: soft, color: soft },
        flow: { fill: colour("ink-soft"), color: colour("ink-soft") },
      },
    };
    probe.remove();
    return config;
  }

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");

  function showTip(handler, event, item, value) {
    if (value === null || value === undefined || value === "") { tip.hidden = true; return; }
    if (typeof value === "object") {
      const list = document.createElement("dl");
      for (const [name, content] of Object.entries(value)) {
        const term = document.createElement("dt");
        const text = document.createElement("dd");
        term.textContent = name;
        text.textContent = content;
        list.append(term, text);
      }
      tip.replaceChildren(list);
    } else {
      tip.textContent = String(value);
    }
    document.body.append(tip);
    tip.hidden = false;
    const left = Math.min(event.clientX + 14, window.innerWidth - tip.offsetWidth - 8);
    const top = Math.min(event.clientY + 14, window.innerHeight - tip.offsetHeight - 8);
    tip.style.setProperty("left", `${Math.max(8, left)}px`);
    tip.style.setProperty("top", `${Math.max(8, top)}px`);
  }

  function follow(figure, item) {
    const key = item && item.datum && item.datum.key;
    if (!key) return;
    const row = figure.querySelector(`[data-key="${CSS.escape(key)}"]`);
    const link = row && (row.matches("a") ? row : row.querySelector("a"));
    if (link) link.click();
  }

  async function draw(figure) {
    const source = figure.querySelector('script[type="application/json"]');
    const area = figure.querySelector(".chart-area");
    if (!source || !area) { figure.dataset.drawn = "yes"; return; } // drawn by the server
    await loadBundle();
    if (!figure.isConnected) return;
    if (views.has(figure)) views.get(figure).finalize();
    const spec = JSON.parse(source.textContent);
    const mode = String(spec.$schema).includes("vega-lite") ? "vega-lite" : "vega";
    delete spec.$schema; // names a version; the bundle is newer and compatible
    const legend = spec.encoding && spec.encoding.color && spec.encoding.color.legend;
    if (legend && area.clientWidth < 560) legend.columns = 2;
    const result = await window.vegaEmbed(area, spec, {
      mode, actions: false, ast: true, defaultStyle: false, renderer: "svg",
      tooltip: showTip, config: look(),
    });
    views.set(figure, result.view);
    result.view.addEventListener("click", (event, item) => follow(figure, item));
    area.querySelectorAll("svg").forEach((svg) => {
      svg.setAttribute("aria-hidden", "true");
      svg.removeAttribute("role");
    });
    figure.dataset.drawn = "yes";
  }

  function drawAll() {
    tip.hidden = true;
    for (const figure of views.keys()) {
      if (!figure.isConnected) { views.get(figure).finalize(); views.delete(figure); }
    }
    document.querySelectorAll("figure.chart").forEach((figure) => {
      draw(figure).catch((problem) => {
        figure.dataset.drawn = "no";
        console.error("A chart could not be drawn:", problem);
        const twin = figure.querySelector("details");
        if (twin) twin.open = true;
      });
    });
  }

  document.addEventListener("DOMContentLoaded", drawAll);
  document.addEventListener("htmx:afterSettle", drawAll);
  document.addEventListener("bursar:theme", drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
})();
