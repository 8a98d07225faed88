// A list under a field that is written in: colleagues after an @, templates after a / at the beginning.
import { take } from "./customer.js";

const PEOPLE = /(^|[\s(])@([\p{L}'-]*(?: [\p{L}'-]*)?)$/u;
const TEMPLATE = /^\/([^\n]*)$/;
let count = 0;

export function suggest(form) {
  const field = form.querySelector("textarea[data-suggest]");
  if (!field || field.dataset.ready) return;
  field.dataset.ready = "yes";
  const list = Object.assign(document.createElement("ul"), { className: "suggestions", hidden: true, id: `suggestions-${++count}` });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.dataset.suggest === "suggest-people" ? "Colleagues" : "Templates");
  field.after(list);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.addEventListener("input", () => show(field, list));
  field.addEventListener("keydown", (event) => pressed(event, field, list));
  field.addEventListener("blur", () => setTimeout(() => hide(field, list), 150));
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) choose(field, list, option);
  });
}

function typed(field) {
  const before = field.value.slice(0, field.selectionStart);
  return field.dataset.suggest === "suggest-people" ? before.match(PEOPLE)?.[2] : before.match(TEMPLATE)?.[1];
}

function show(field, list) {
  const words = typed(field);
  const known = [...document.querySelectorAll(`#${field.dataset.suggest} li:not([data-off])`)];
  const found = words === undefined ? [] : known.filter((one) => one.textContent.toLowerCase().includes(words.toLowerCase().trim()));
  list.replaceChildren(
    ...found.slice(0, 8).map((one, index) => {
      const option = document.createElement("li");
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", String(index === 0));
      option.id = `${list.id}-${index}`;
      option.append(...[...one.childNodes].map((node) => node.cloneNode(true)));
      option.stands = one;
      return option;
    }),
  );
  list.hidden = !found.length;
  field.setAttribute("aria-activedescendant", found.length ? `${list.id}-0` : "");
}

function hide(field, list) {
  list.hidden = true;
  field.setAttribute("aria-activedescendant", "");
}

function pressed(event, field, list) {
  if (list.hidden) return;
  const options = [...list.children];
  const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = (at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
    for (const [index, one] of options.entries()) one.setAttribute("aria-selected", String(index === next));
    field.setAttribute("aria-activedescendant", options[next].id);
  } else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") {
    event.preventDefault();
    choose(field, list, options[at]);
  } else if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    hide(field, list);
  }
}

function choose(field, list, option) {
  hide(field, list);
  if (field.dataset.suggest !== "suggest-people") {
    take(field.form, option.stands);
    return;
  }
  const before = field.value.slice(0, field.selectionStart).replace(PEOPLE, `$1${option.stands.dataset.text} `);
  const after = field.value.slice(field.selectionStart);
  field.value = before + after;
  field.setSelectionRange(before.length, before.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
