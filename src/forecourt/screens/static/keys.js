// The keyboard: one table, which is the help sheet itself (frame/dialogs.html, made from screens/shortcuts.py).
import { openDialog, showPicks } from "./forecourt.js";

const table = new Map();
let prefix = "";
let prefixTimer = 0;

export function listenToKeys() {
  for (const entry of document.querySelectorAll("#keys-help [data-keys]")) {
    table.set(entry.dataset.keys, entry.dataset.does);
  }
  for (const element of document.querySelectorAll("[aria-keyshortcuts]:not([data-action])")) table.set(element.getAttribute("aria-keyshortcuts"), `focus:#${element.id}`);
  document.addEventListener("keydown", pressed);
}

function pressed(event) {
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openDialog("palette");
    return;
  }
  if ((event.metaKey || event.ctrlKey) && event.key === "Enter") {
    const form = event.target.closest?.("form[data-send]");
    if (form) {
      event.preventDefault();
      form.requestSubmit();
    }
    return;
  }
  if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "Escape") {
    back();
    return;
  }
  if (document.body.dataset.keys === "off") return;
  // What has the focus and does something of its own with Enter keeps it.
  if (event.key === "Enter" && event.target.closest?.("a, button, summary")) return;
  const keys = prefix ? `${prefix} ${event.key}` : event.key;
  clearTimeout(prefixTimer);
  if (!prefix && event.key === "g") {
    prefix = "g";
    prefixTimer = setTimeout(() => (prefix = ""), 1200);
    return;
  }
  prefix = "";
  const does = table.get(keys);
  if (!does) return;
  event.preventDefault();
  perform(does);
}

function perform(does) {
  const [verb, what] = [does.slice(0, does.indexOf(":")), does.slice(does.indexOf(":") + 1)];
  if (verb === "go") location.assign(what);
  if (verb === "open") openDialog(what);
  if (verb === "focus") document.querySelector(what)?.focus();
  if (verb === "move") move(Number(what));
  if (verb === "click") click(what);
  if (verb === "pick") pick();
  if (verb === "row") current()?.click();
  if (verb === "undo") undo();
}

function rows() {
  return [...document.querySelectorAll("#rows .open")];
}

function current() {
  return document.activeElement?.closest?.("#rows .open") ?? document.querySelector("#rows .open[aria-current]");
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  const next = all[Math.min(all.length - 1, Math.max(0, at + step))] ?? all[0];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

function pick() {
  const box = current()?.closest(".row")?.querySelector(".pick input");
  if (!box) return;
  box.checked = !box.checked;
  showPicks();
}

// An action of the customer who is open; of the row in focus where nobody is.
function click(name) {
  const open = document.querySelector(`.customer [data-action="${name}"]`);
  if (open) {
    open.click();
    return;
  }
  const row = current();
  if (!row) return;
  row.click();
  document.addEventListener(
    "htmx:after:swap",
    () => document.querySelector(`.customer [data-action="${name}"]`)?.click(),
    { once: true },
  );
}

// The last thing that was done, whether its toast is still there or not.
let lastDone = "";
document.addEventListener("htmx:after:swap", () => {
  const field = [...document.querySelectorAll("#toasts [name=events]")].at(-1);
  if (field) lastDone = field.value;
});

function undo() {
  const button = [...document.querySelectorAll("#toasts [data-undo]")].at(-1);
  if (button) button.click();
  else if (lastDone) htmx.ajax("POST", "/undo", { values: { events: lastDone }, swap: "none" });
  lastDone = "";
}

function back() {
  const menu = document.querySelector("details[open].menu");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    return;
  }
  document.querySelector(".customer .back")?.click();
}
