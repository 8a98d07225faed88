// What pages do beyond links and forms. Everything here comes on top: without it each page still works.
import { keepTime } from "./clock.js";
import { listenToKeys } from "./keys.js";
import { goLive } from "./live.js";
import { openPalette } from "./palette.js";
import { keepDrafts } from "./drafts.js";

document.documentElement.classList.add("scripted");

// A list that orders or narrows itself as soon as it is told to.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-dismiss], [data-open], [data-copy], [data-clear-picks]");
  if (!target) {
    closeMenus(event.target);
    return;
  }
  if (target.hasAttribute("data-dismiss")) target.closest(".toast, .notice").remove();
  if (target.dataset.open) openDialog(target.dataset.open);
  if (target.dataset.copy) copy(target);
  if (target.hasAttribute("data-clear-picks")) clearPicks();
});

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  closeMenus(null);
  dialog.showModal();
  if (id === "palette") openPalette(dialog);
}

document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close();
});

async function copy(button) {
  const from = document.querySelector(button.dataset.copy);
  await navigator.clipboard.writeText(from.value ?? from.textContent);
  say("Copied");
}

// Said once, politely, to whoever listens instead of looking.
export function say(text) {
  document.getElementById("said").textContent = text;
}

// Toasts stay as long as an undo is good for, and longer while somebody is at them.
new MutationObserver((changes) => {
  for (const toast of changes.flatMap((change) => [...change.addedNodes])) {
    if (toast.nodeType !== 1 || toast.classList.contains("bad")) continue;
    const fade = () => (toast.matches(":hover, :focus-within") ? setTimeout(fade, 3000) : toast.remove());
    setTimeout(fade, 10_000);
  }
}).observe(document.getElementById("toasts"), { childList: true });

// Rows that are picked, and what can be done to them together.
let lastPick = null;
document.addEventListener("click", (event) => {
  const box = event.target.closest(".pick input");
  if (!box) return;
  const boxes = [...document.querySelectorAll(".pick input")];
  if (event.shiftKey && lastPick) {
    const [from, to] = [boxes.indexOf(lastPick), boxes.indexOf(box)].sort((a, b) => a - b);
    for (const one of boxes.slice(from, to + 1)) one.checked = box.checked;
  }
  lastPick = box;
  showPicks();
});

export function showPicks() {
  const bulk = document.getElementById("bulk");
  if (!bulk) return;
  const picked = document.querySelectorAll(".pick input:checked").length;
  bulk.hidden = picked === 0;
  bulk.querySelector(".picked").textContent = picked === 1 ? "1 selected" : `${picked} selected`;
  document.getElementById("rows")?.classList.toggle("picking", picked > 0);
}

function clearPicks() {
  for (const box of document.querySelectorAll(".pick input:checked")) box.checked = false;
  showPicks();
}

// A customer who is opened beside the list.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.target.id !== "pane" && !document.getElementById("pane")?.contains(event.target)) return;
  const shown = document.querySelector("#pane .customer");
  document.body.classList.toggle("showing", Boolean(shown));
  for (const link of document.querySelectorAll(".row .open[aria-current]")) link.removeAttribute("aria-current");
  if (shown) {
    document.querySelector(`#row-${shown.dataset.cluster} .open`)?.setAttribute("aria-current", "true");
    document.title = shown.dataset.title ?? document.title;
  }
});

// Where the clock of this machine is, a dealership probably is too.
for (const zones of document.querySelectorAll("select[data-own-zone]")) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zones.options].some((zone) => zone.value === own) && own !== "UTC") zones.value = own;
}

// What was taken back is not offered again.
document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail ?? {};
  if (ctx?.sourceElement?.matches?.(".toast form") && ctx.response?.status < 400) ctx.sourceElement.closest(".toast").remove();
});

// What goes wrong on the way is said; a page that was swapped for an error page would lose what somebody was doing.
document.addEventListener("htmx:error", (event) => {
  const text = navigator.onLine ? "The server did not answer. What you typed is still here." : "You are offline.";
  const toast = document.createElement("div");
  toast.className = "toast bad";
  toast.setAttribute("role", "alert");
  toast.append(Object.assign(document.createElement("p"), { textContent: text }));
  if (!event.detail?.ctx?.response) document.getElementById("toasts").append(toast);
  setTimeout(() => toast.remove(), 8000);
});

listenToKeys();
keepTime();
keepDrafts();
goLive();
