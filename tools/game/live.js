"use strict";
// Lo que comparten el juego y el sustituto: dibujar, y hablar con la página que los lleva.
const $ = (id) => document.getElementById(id);
const make = (name, attributes, parent) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return parent ? parent.appendChild(node) : node;
};
const write = (parent, name, text) => {
  const node = parent.appendChild(document.createElement(name));
  node.textContent = text;
  return node;
};

const embedded = parent !== window, lecture = location.search === "?clase";
document.documentElement.classList.toggle("embedded", embedded);
document.documentElement.classList.toggle("lecture", lecture);
addEventListener("message", ({ data, source }) => {
  if (source === parent && data.theme) document.documentElement.dataset.theme = data.theme;
});

// La página está lista. En una clase, la tecla que aquí no hace nada pasa diapositivas.
function ready() {
  parent.postMessage({ ready: true }, "*");
  if (lecture) addEventListener("keydown", (event) => {
    const { key, keyCode, ctrlKey, altKey, metaKey, target } = event;
    if (event.defaultPrevented || ctrlKey || altKey || metaKey || key === "Tab") return;
    if (target.localName === "button" && (key === "Enter" || key === " ")) return;
    parent.postMessage({ keyCode }, "*");
  });
}
