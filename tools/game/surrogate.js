const LOW = DATA.line[0], HIGH = DATA.line.at(-1);
const STEPS = DATA.turns.length + 1; // al comienzo falta la mejora esperada
const FIRST = DATA.tried.length - DATA.turns.length + 1; // trials de la primera vuelta
const KEYS = { guess: "sustituto ± 2 desviaciones", gain: "mejora esperada", next: "siguiente",
  new: "último probado", truth: "nota medida, que la búsqueda no tiene" };
let width = 180; // del dibujo, en unidades; en el teléfono, menos: las letras no encogen
const across = (log) => 18 + width * (log - LOW) / (HIGH - LOW);
const up = (r2) => 60 - 52 * (Math.min(1.5, Math.max(-0.5, r2)) + 0.5) / 2;
const path = (values, y) => values.map((value, i) => `${across(DATA.line[i])},${y(value)}`);
const gamma = (log) => Number((10 ** log).toPrecision(2));
let step = 0;

function sentence(turn, last) {
  const best = Math.max(...DATA.results.slice(0, turn + FIRST)).toFixed(4);
  const where = gamma(DATA.tried[turn + FIRST]);
  if (step === 0) return "La línea, el sustituto, adivina la nota donde nadie ha probado; la banda, "
    + "cuánto duda (y no sabe que R² no pasa de 1). ¿Dónde probarías el siguiente?";
  if (step === 1) return `La mejora esperada es mayor en gamma = ${where}: ahí se mide el siguiente.`;
  const got = `Trial ${turn + FIRST}: R² = ${DATA.results[turn + FIRST - 1].toFixed(4)}; `
    + `el mejor, ${best}. `;
  if (!last) return `${got}El siguiente, en gamma = ${where}.`;
  return `${got}De rayas, la nota medida en ${DATA.line.length} valores: `
    + `su máximo, ${Math.max(...DATA.truth).toFixed(4)}.`;
}

function draw() {
  const turn = Math.max(0, step - 1), last = step === STEPS - 1;
  const [mean, std, gain] = DATA.turns[turn], seen = turn + FIRST;
  width = $("figure").clientWidth > 600 ? 180 : 96;
  $("figure").replaceChildren();
  const view = `0 0 ${width + 26} 103`;
  const box = make("svg", { viewBox: view, "aria-hidden": "true" }, $("figure"));
  make("rect", { x: 18, y: 8, width, height: 52, class: "frame" }, box);
  for (const value of [-0.5, 0, 0.5, 1, 1.5])
    make("text", { x: 16, y: up(value) + 1.5, class: "end" }, box).textContent = value;
  make("text", { x: 18, y: 5 }, box).textContent = `R² de validación cruzada · ${seen} trials`;
  for (const log of [-2, -1, 0, 1, 2, 3])
    make("text", { x: across(log), y: 95, class: "middle" }, box).textContent = 10 ** log;
  make("text", { x: 18 + width / 2, y: 101, class: "middle" }, box).textContent = "gamma (escala log)";
  const band = [...path(mean.map((m, i) => m + 2 * std[i]), up),
    ...path(mean.map((m, i) => m - 2 * std[i]), up).reverse()];
  make("polygon", { points: band.join(" "), class: "band" }, box);
  if (last) make("polyline", { points: path(DATA.truth, up).join(" "), class: "truth" }, box);
  make("polyline", { points: path(mean, up).join(" "), class: "guess" }, box);
  const tall = (value) => 89 - 18 * value / Math.max(...gain);
  make("text", { x: 18, y: 67 }, box).textContent = "mejora esperada, cada vez con su escala";
  make("rect", { x: 18, y: 69, width, height: 20, class: "frame" }, box);
  if (step > 0) make("polyline", { points: path(gain, tall).join(" "), class: "gain" }, box);
  if (step > 0 && !last) {
    const x = across(DATA.tried[seen]);
    make("line", { x1: x, x2: x, y1: 8, y2: 89, class: "next" }, box);
  }
  for (let i = 0; i < seen; i += 1)
    make("circle", { cx: across(DATA.tried[i]), cy: up(DATA.results[i]), r: 1.8,
      class: i >= FIRST && i === seen - 1 ? "tried new" : "tried" }, box);
  $("said").textContent = sentence(turn, last);
  $("figure").setAttribute("aria-label", "Sustituto y mejora esperada. " + $("said").textContent);
  for (const key of $("key-line").children)
    key.hidden = !box.querySelector(key.className.replace("key-", "."));
  $("back").ariaDisabled = step === 0;
  $("next").ariaDisabled = last;
}

function go(to) {
  step = Math.min(STEPS - 1, Math.max(0, to));
  draw();
}
$("back").addEventListener("click", () => go(step - 1));
$("next").addEventListener("click", () => go(step + 1));
// En una clase, los pasos los da la presentación.
if (!lecture) addEventListener("keydown", ({ key }) => {
  const move = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (move) go(step + move);
});
addEventListener("message", ({ data, source }) => {
  if (source === parent && Number.isInteger(data.step)) go(data.step);
});
for (const [name, text] of Object.entries(KEYS)) {
  const key = write($("key-line"), "span", "");
  key.className = `key-${name}`;
  write(key, "i", "");
  key.append(text);
}
addEventListener("resize", draw);
go(0);
ready();
