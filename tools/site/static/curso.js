// Desde una carpeta, el navegador no deja leer otra página para citarla en la búsqueda.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// Lo que Sphinx no dice en español, o dice mal.
const many = "Está en ${resultCount} lugares.";
Object.assign(Documentation.TRANSLATIONS, {
  "Search finished, found one page matching the search query.":
    ["Está en un lugar.", many, many],
  "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
    "No está en el curso. Prueba con otra palabra.",
});

// En el teléfono, al elegir una sección se cierra el panel que la tapa.
document.addEventListener("click", (event) => {
  event.target.closest("dialog a[href^='#']")?.closest("dialog").close();
});

// Lo que sigue más allá del borde de su caja se desvanece allí, y el teclado lo alcanza.
const fade = (box) => {
  const wide = box.scrollWidth - box.clientWidth;
  box.classList?.toggle("goes-on", wide - box.scrollLeft > 2);
  if (box.localName === "mjx-container") box.tabIndex = wide > 2 ? 0 : -1;
};
const boxes = new ResizeObserver((all) => all.forEach((one) => fade(one.target)));
document.addEventListener("scroll", (event) => fade(event.target), true);
addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  document.querySelectorAll(".bd-article :is(pre, .text_html, mjx-container[display],"
    + " .pst-scrollable-table-container)").forEach((box) => boxes.observe(box));
});

// Las páginas vivas siguen el tema del sitio.
const tell = () => document.querySelectorAll("iframe.live").forEach((frame) =>
  frame.contentWindow.postMessage({ theme: document.documentElement.dataset.theme }, "*"));
addEventListener("message", ({ data }) => { if (data?.ready) tell(); });
new MutationObserver(tell).observe(document.documentElement, { attributeFilter: ["data-theme"] });
