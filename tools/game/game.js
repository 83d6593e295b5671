const TRIALS = 25, SIZE = 100;
const MARKS = { "tú": "#cc79a7", TPE: "#009e73", Sobol: "#0072b2", azar: "#d55e00",
  rejilla: "#808080" };
const DASHES = { Sobol: "5 3", azar: "1 3", rejilla: "8 3 1 3" };
const GAPS = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
const COLORS = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74",
  "#c3b369", "#e1cc55", "#fee838"];
const level = (value) => GAPS.filter((gap) => value > DATA.top - gap).length;
const milli = (value) => (1000 * Math.max(0, DATA.top - value)).toFixed(1);

// La superficie: una spline cúbica en cada eje, como en lab.interpolate_response.
const bytes = Uint8Array.from(atob(DATA.coefficients), (letter) => letter.charCodeAt(0));
const coefficients = Array.from(new Int32Array(bytes.buffer), (whole) => whole / DATA.scale);
const knots = DATA.knots, COUNT = knots.length - 4;

// Las cuatro B-splines que no se anulan en x, con la recurrencia de De Boor.
function basis(x) {
  let k = 3;
  while (k < COUNT - 1 && x >= knots[k + 1]) k += 1;
  const left = [], right = [], values = [1];
  for (let j = 1; j <= 3; j += 1) {
    left[j] = x - knots[k + 1 - j];
    right[j] = knots[k + j] - x;
    let saved = 0;
    for (let r = 0; r < j; r += 1) {
      const part = values[r] / (right[r + 1] + left[j - r]);
      values[r] = saved + right[r + 1] * part;
      saved = left[j - r] * part;
    }
    values[j] = saved;
  }
  return [k - 3, values];
}

// El R² en los logaritmos de C y gamma, entre -2 y 3.
function r2([logC, logGamma]) {
  const [i, a] = basis(logC), [j, b] = basis(logGamma);
  let sum = 0;
  for (let p = 0; p < 4; p += 1)
    for (let q = 0; q < 4; q += 1)
      sum += a[p] * b[q] * coefficients[(i + p) * COUNT + j + q];
  return sum;
}

// Las ocho simetrías del cuadrado: se refleja cada eje y, al final, se cambian.
const hide = ([logC, logGamma]) => {
  const u = (logC + 2) / 5, v = (logGamma + 2) / 5;
  const [x, y] = [way & 1 ? 1 - u : u, way & 2 ? 1 - v : v];
  return way & 4 ? [y, x] : [x, y];
};
const reveal = ([x, y]) => {
  const [u, v] = way & 4 ? [y, x] : [x, y];
  return [5 * (way & 1 ? 1 - u : u) - 2, 5 * (way & 2 ? 1 - v : v) - 2];
};
const bestOf = (trials) => Math.max(...trials.map((trial) => trial.value));

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

let round, way, tried, cursor, timer;
const views = {};

// Un tablero: el mapa, si ya se puede ver, y los puntos de una búsqueda.
function board(parent, map) {
  const box = make("svg", { viewBox: "-3 -3 106 106", "aria-hidden": "true" }, parent);
  make("rect", { width: SIZE, height: SIZE, class: "paper" }, box);
  if (map) make("image", { href: (views.map ??= picture()), width: SIZE, height: SIZE,
    preserveAspectRatio: "none" }, box);
  return make("g", {}, box);
}

function place(layer, name, trials, map) {
  layer.replaceChildren();
  const best = bestOf(trials);
  let winner;
  for (const { at: [x, y], value } of trials) {
    const dot = make("circle", { cx: SIZE * x, cy: SIZE * (1 - y), r: 1.8, class: "trial",
      fill: map ? "#fff" : COLORS[level(value)] }, layer);
    if (value === best) winner = dot;
  }
  if (!winner) return;
  winner.setAttribute("r", 3);
  winner.style = `stroke: ${MARKS[name]}; stroke-width: 1.5`;
  layer.append(winner); // encima de los demás
}

function picture() {
  const sheet = document.createElement("canvas"), n = 200;
  sheet.width = sheet.height = n;
  const ink = sheet.getContext("2d");
  for (let row = 0; row < n; row += 1)
    for (let column = 0; column < n; column += 1) {
      ink.fillStyle = COLORS[level(r2(reveal([(column + 0.5) / n, 1 - (row + 0.5) / n])))];
      ink.fillRect(column, row, 1, 1);
    }
  return sheet.toDataURL();
}

const line = (name) => ({ class: "series", stroke: MARKS[name],
  "stroke-dasharray": DASHES[name] ?? "none" });

// Lo que falta para el máximo, en milésimas y en escala logarítmica: hacia abajo, mejor.
const height = (value) => {
  const gap = Math.min(1000, Math.max(0.1, 1000 * (DATA.top - value)));
  return 66 * Math.log10(1000 / gap) / 4;
};
function curves(parent, lines) {
  parent.replaceChildren();
  const values = Object.values(lines).map(bestOf);
  const box = make("svg", { viewBox: "-16 -12 120 90", role: "img", "aria-label":
    Object.keys(lines).map((name, i) => (lines[name].length
      ? `${name}: a ${milli(values[i])} milésimas` : "Aún no hay notas")).join("; ") }, parent);
  make("text", { x: -15, y: -5 }, box).textContent = "milésimas hasta el máximo";
  for (const gap of [100, 10, 1, 0.1]) {
    const y = height(DATA.top - gap / 1000);
    make("line", { x1: 0, x2: 100, y1: y, y2: y, class: "rule" }, box);
    make("text", { x: -2, y: y + 2, class: "end" }, box).textContent = gap;
  }
  for (const trial of [1, 10, 20, 25])
    make("text", { x: 4 * trial, y: 75, class: "middle" }, box).textContent = trial;
  make("text", { x: -2, y: 75, class: "end" }, box).textContent = "trial";
  for (const [name, trials] of Object.entries(lines)) {
    const points = trials.map((_, i) => `${4 * (i + 1)},${height(bestOf(trials.slice(0, i + 1)))}`);
    make("polyline", { ...line(name), points: [points[0], ...points].join(" ") }, box);
  }
}

function start(number) {
  clearInterval(timer);
  round = number;
  way = round % 8;
  tried = [];
  cursor = [0.5, 0.5];
  $("result").hidden = true;
  $("play").hidden = false;
  $("copied").textContent = "";
  $("board").replaceChildren();
  views.map = null;
  views.you = board($("board"), false);
  draw();
}

function draw() {
  place(views.you, "tú", tried, false);
  const [x, y] = [SIZE * cursor[0], SIZE * (1 - cursor[1])];
  make("path", { d: `M${x - 6} ${y}h3m6 0h3M${x} ${y - 6}v3m0 6v3`, class: "cross" }, views.you);
  const [last, best] = tried.length
    ? [tried.at(-1).value, bestOf(tried)].map((value) => value.toFixed(4)) : ["–", "–"];
  $("count").textContent = `Trial ${Math.min(tried.length + 1, TRIALS)} de ${TRIALS}`;
  $("last").textContent = `último: ${last}`;
  $("best").textContent = `mejor R²: ${best}`;
  curves($("side").querySelector(".curve"), { "tú": tried });
}

function attempt(at) {
  if (tried.length === TRIALS) return;
  const value = r2(reveal(at));
  if (tried.some((trial) => String(trial.at) === String(at))) {
    $("live").textContent = $("last").textContent = "ya probado: no gasta un trial";
    return;
  }
  tried.push({ at, value });
  cursor = at;
  $("live").textContent = `Trial ${tried.length}: R² ${value.toFixed(4)}. Mejor: `
    + `${bestOf(tried).toFixed(4)}.`;
  draw();
  if (tried.length < TRIALS) return;
  if (still()) finish();
  else timer = setTimeout(finish, 800);
}

const beaten = (name) => DATA.searches[name].best.filter((score) => bestOf(tried) > score).length;

function finish() {
  const best = bestOf(tried), { at } = tried.find(({ value }) => value === best);
  const count = beaten("TPE");
  const who = count > 60 ? "Le ganas a TPE" : count < 40 ? "TPE te gana" : "Empate con TPE";
  const [C, gamma] = reveal(at).map((log) => (10 ** log).toPrecision(2));
  const toward = (axis) => { // a qué lado del tablero crece cada hiperparámetro
    const [x, y] = hide([-2, -2]), [right, up] = hide(axis ? [-2, 3] : [3, -2]);
    if (right !== x) return right > x ? "la derecha" : "la izquierda";
    return up > y ? "arriba" : "abajo";
  };
  $("verdict").textContent = `${who}: superaste a ${count} de sus 100 búsquedas`;
  $("found").textContent = `Tu mejor R², ${best.toFixed(4)}, quedó a ${milli(best)} milésimas del `
    + `máximo (la estrella); una búsqueda de TPE del medio, a ${milli(bestOf(searches().TPE))}.`;
  const seeds = Object.entries(DATA.searches).map(([name, { seed }]) => `${name}, ${seed}`);
  $("about").textContent = `En esta ronda, C crece hacia ${toward(0)} y gamma hacia ${toward(1)}, `
    + `los dos de 0.01 a 1000 en escala logarítmica. Tu mejor punto: C = ${Number(C)}, `
    + `gamma = ${Number(gamma)}. Tienes dos ventajas: ves a color cuánto falta y, si ya viste el `
    + "mapa, recuerdas su forma: otra ronda voltea el mismo. Semillas de las búsquedas que ves: "
    + `${seeds.join("; ")}. Ronda ${round}.`;
  $("play").hidden = true;
  $("result").hidden = false;
  replay();
  $("result").focus({ preventScroll: true });
  scrollTo(0, 0);
}

const searches = () => Object.fromEntries(Object.entries(DATA.searches).map(
  ([name, { points }]) => [name, points.map((point) => ({ at: hide(point), value: r2(point) }))]));

function replay() {
  clearInterval(timer);
  $("rivals").replaceChildren();
  const all = { "tú": tried, ...searches() };
  const shown = Object.entries(all).map(([name, trials]) => {
    const figure = $("rivals").appendChild(document.createElement("figure"));
    const layer = board(figure, true);
    const [x, y] = hide(DATA.where), at = `${SIZE * x} ${SIZE * (1 - y)}`;
    const star = make("path", { d: "M0-6 1.5-1.5 6 0 1.5 1.5 0 6-1.5 1.5-6 0-1.5-1.5Z", class: "star",
      transform: `translate(${at})` });
    layer.before(star);
    const caption = figure.appendChild(document.createElement("figcaption"));
    const sample = make("svg", { viewBox: "0 0 16 4", "aria-hidden": "true" }, caption);
    make("line", { ...line(name), x1: 0, x2: 16, y1: 2, y2: 2 }, sample);
    const title = write(caption, "b", name);
    const gap = write(caption, "span", "");
    if (name !== "tú") write(caption, "span", `superaste a ${beaten(name)} de 100`);
    return { name, trials, layer, title, gap };
  });
  let step = still() ? TRIALS - 1 : 0;
  const show = () => {
    step += 1;
    for (const { name, trials, layer, title, gap } of shown) {
      const seen = trials.slice(0, step);
      place(layer, name, seen, true);
      title.textContent = step < TRIALS ? `${name} · trial ${step}` : name;
      gap.textContent = `a ${milli(bestOf(seen))} milésimas`;
    }
    curves($("below").querySelector(".curve"), Object.fromEntries(
      shown.map(({ name, trials }) => [name, trials.slice(0, step)])));
    if (step === TRIALS) clearInterval(timer);
  };
  if (!still()) timer = setInterval(show, 300);
  show();
}

const inside = (part) => Math.min(1, Math.max(0, part));
$("board").addEventListener("click", ({ clientX, clientY, detail: clicks }) => {
  if (clicks === 0) { attempt(cursor); return; } // la voz o un programa, sin ratón
  const units = $("board").firstChild.getScreenCTM().inverse();
  const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(units);
  const at = [x / SIZE, 1 - y / SIZE], last = tried.at(-1)?.at ?? [9, 9];
  if (clicks > 1 && Math.hypot(at[0] - last[0], at[1] - last[1]) < 0.01) return; // doble clic
  if (at.every((part) => Math.abs(part - 0.5) < 0.51)) attempt(at.map(inside));
});
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
$("board").addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const move = MOVES[event.key];
  if (move) {
    const step = event.shiftKey ? 0.1 : 0.02;
    cursor = cursor.map((part, i) => inside(Math.round(1000 * (part + step * move[i])) / 1000));
    draw();
    const [x, y] = cursor.map((part) => Math.round(100 * part));
    const before = tried.find(({ at }) => String(at) === String(cursor));
    $("live").textContent = `${x} % a la derecha, ${y} % hacia arriba`
      + (before ? `; ya probado, R² ${before.value.toFixed(4)}` : "");
  } else if (event.key === "Enter" || event.key === " ") {
    if (!event.repeat) attempt(cursor);
  } else return;
  event.preventDefault();
});
const chance = () => Math.floor(1e6 * Math.random());
$("again").addEventListener("click", ({ detail: clicks }) => {
  const before = way;
  if (clicks > 1) return;
  do start(chance()); while (way === before);
  $("live").textContent = "Ronda nueva. Trial 1 de 25.";
  if (!lecture || !clicks) $("board").focus();
});
// En una clase, quien juega con el ratón pasa las diapositivas con las flechas.
if (lecture) $("board").addEventListener("mousedown", (event) => event.preventDefault());
$("replay").addEventListener("click", () => {
  $("verdict").scrollIntoView();
  replay();
});
$("share").addEventListener("click", async () => {
  const page = location.protocol.startsWith("http") ? ` ${location.href.split("#")[0]}#${round}` : "";
  const text = "¿Le ganas a TPE? Con 25 trials superé a "
    + Object.keys(DATA.searches).map((name) => `${beaten(name)}/100 de ${name}`).join(", ")
    + `; a ${milli(bestOf(tried))} milésimas del máximo. Ronda ${round}.${page}`;
  try {
    await navigator.clipboard.writeText(text);
    $("copied").textContent = `Copiado: ${text}`;
  } catch {
    $("copied").textContent = text;
  }
});

for (const color of COLORS) write($("legend"), "i", "").style.background = color;
$("legend").prepend("faltan > 500 ");
$("legend").append(" < 1 milésima");
const begin = () => start(/^#\d{1,6}$/.test(location.hash) ? Number(location.hash.slice(1)) : chance());
addEventListener("hashchange", begin);
begin();
ready();
