// Draws the graphs on a page with Mermaid, loaded from the same folder; without it they stay text.

const file = new URL("./mermaid.min.js", import.meta.url);

const loaded = () => new Promise((resolve) => {
  const script = document.createElement("script");
  script.src = file;
  script.onload = () => resolve(true);
  script.onerror = () => resolve(false);
  document.head.append(script);
});

const scheme = () => document.body.dataset.mdColorScheme === "slate";
const graphs = [...document.querySelectorAll("pre.graph")].map((pre) => ({ pre, text: pre.textContent }));

async function draw() {
  const dark = scheme();
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
    theme: dark ? "dark" : "neutral",
    fontFamily: "system-ui, -apple-system, Segoe UI, DejaVu Sans, sans-serif",
    flowchart: { htmlLabels: false, useMaxWidth: true },
    secure: ["secure", "securityLevel", "startOnLoad", "maxTextSize", "htmlLabels", "flowchart", "theme", "themeCSS", "fontFamily"],
  });
  for (const [n, one] of graphs.entries()) {
    try {
      const { svg } = await mermaid.render(`graph-${n}-${dark ? "dark" : "light"}`, one.text);
      const parsed = new DOMParser().parseFromString(svg, "text/html").querySelector("svg");
      // defense in depth: nothing in the drawing may run or link elsewhere
      for (const node of parsed.querySelectorAll("script, foreignObject iframe, a, image, use")) node.replaceWith(...node.childNodes);
      for (const node of [parsed, ...parsed.querySelectorAll("*")]) {
        for (const { name } of [...node.attributes]) if (name.startsWith("on") || name.endsWith("href")) node.removeAttribute(name);
      }
      const figure = document.createElement("div");
      figure.className = "drawn-graph";
      figure.tabIndex = 0;
      figure.setAttribute("role", "img");
      figure.setAttribute("aria-label", one.pre.dataset.label || "Graph");
      figure.append(parsed);
      (one.drawn ?? one.pre).replaceWith(figure);
      one.drawn = figure;
    } catch {
      document.getElementById(`dgraph-${n}-${dark ? "dark" : "light"}`)?.remove();
    }
  }
}

if (await loaded()) {
  await draw();
  new MutationObserver(draw).observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
}
document.documentElement.dataset.graphs = "done";
