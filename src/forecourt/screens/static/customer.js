// The customer's page beyond forms and links: bars that open, what is written, who else is here.
import { say } from "./forecourt.js";
import { suggest } from "./suggest.js";

// What somebody has opened stays open when the page around it changes; what they have begun to fill in stays as it is.
htmx.config.morphIgnore = [...htmx.config.morphIgnore, "open"];
document.addEventListener(
  "toggle",
  (event) => {
    const details = event.target;
    if (!details.matches?.(".customer details")) return;
    if (details.matches(".edit")) details.toggleAttribute("hx-morph-skip", details.open);
    if (!details.open) return;
    for (const other of document.querySelectorAll(".customer .menu[open], .customer .history[open], .customer .edit[open]")) {
      if (other !== details && !other.contains(details)) other.open = false;
    }
    if (details.matches(".menu, .edit, .outcome")) focusIn(details);
  },
  true,
);

function focusIn(details) {
  const first = details.querySelector("[data-focus], .menu-items button, .menu-items a, input:not([type=hidden]), button:not([data-close])");
  first?.focus();
  if (first?.select && first.type === "text") first.select();
}

function close(details) {
  details.querySelector("form")?.reset();
  details.open = false;
  details.querySelector("summary")?.focus();
}

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("a, button");
  if (!target) return;
  if (target.matches(".customer .back")) leave(event, target);
  if (target.dataset.opens) open(event, target);
  if (target.dataset.write) write(event, target.dataset.write);
  if (target.hasAttribute("data-close")) close(target.closest("details"));
  if (target.hasAttribute("data-print")) window.print();
  if (target.hasAttribute("data-settles")) settled();
  if (target.hasAttribute("data-dismisses")) setTimeout(() => target.closest(".toast")?.remove(), 0);
  if (target.hasAttribute("data-unfolds")) document.querySelector(target.hash)?.setAttribute("open", "");
  if (target.dataset.both) answerBoth(target.dataset.both);
});

// Back to the list as it was, and to the row that one came from.
function leave(event, link) {
  const rows = document.getElementById("rows");
  if (!rows?.children.length || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const customer = link.closest(".customer");
  const row = document.querySelector(`#row-${customer.dataset.cluster} .open`);
  tell(customer, "");
  history.pushState({}, "", link.href);
  document.getElementById("pane").replaceChildren(document.getElementById("nobody").content.cloneNode(true));
  document.body.classList.remove("showing");
  for (const open of document.querySelectorAll(".row .open[aria-current]")) open.removeAttribute("aria-current");
  row?.focus();
}

function open(event, target) {
  const details = document.getElementById(target.dataset.opens);
  if (!details) return;
  // A telephone's link calls as well.
  if (!target.href?.startsWith("tel:")) event.preventDefault();
  target.closest("details.menu")?.removeAttribute("open");
  for (const other of document.querySelectorAll(".outcome[open]")) other.open = other === details;
  details.open = true;
  details.scrollIntoView({ block: "nearest" });
  focusIn(details);
  if (details.id === "outcome") tell(details.closest(".customer"), "calling");
}

// Whoever comes back from a call finds the question that is open.
document.addEventListener("visibilitychange", () => {
  const asked = document.querySelector("#outcome[open]");
  if (document.visibilityState === "visible" && asked) focusIn(asked);
});

document.addEventListener("keydown", (event) => {
  const details = event.target.closest?.(".customer details[open]");
  if (event.key === "Escape" && details) {
    event.stopPropagation();
    event.preventDefault();
    close(details);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("input, textarea, select")) return;
  const choice = document.querySelector(`.outcome[open] [data-digit="${CSS.escape(event.key)}"]`);
  if (choice && document.body.dataset.keys !== "off" && !document.querySelector("dialog[open]")) {
    event.preventDefault();
    choice.click();
    return;
  }
  if (!["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const items = [...(details?.querySelectorAll(".menu-items button, .menu-items a, .choices button") ?? [])].filter((one) => one.checkVisibility());
  if (!items.length) return;
  event.preventDefault();
  const at = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  items[(at + items.length) % items.length].focus();
}, true);

// What was done closes what it was done in.
let inBars = false;
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const details = ctx.sourceElement?.closest?.(".customer .menu, .customer .edit, .customer .outcome");
  inBars = Boolean(details?.matches(".outcome") && details.contains(document.activeElement));
  if (!details || ctx.response?.status >= 400) return;
  details.removeAttribute("hx-morph-skip");
  details.querySelector("form")?.reset();
  const had = details.contains(document.activeElement);
  if (ctx.request.method !== "GET") details.open = false;
  if (had && !inBars) details.querySelector("summary")?.focus();
});

// Focus goes to what is asked next, or back to where it began.
document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail ?? {};
  const asked = document.querySelector(".customer .outcome[open]");
  const lost = document.activeElement === document.body || document.activeElement === null;
  if (asked && (inBars || ctx?.sourceElement?.matches?.("[hx-get*='/appointments/']"))) focusIn(asked);
  else if (inBars && lost) document.querySelector(".customer [data-action=call]")?.focus();
  inBars = false;
  if (ctx?.sourceElement?.matches?.("form[data-send]") && ctx.response?.status < 400) {
    document.querySelector(`#${ctx.sourceElement.id} textarea`)?.focus();
  }
  // What was called back, or did not arrive, is written on.
  if (ctx?.sourceElement?.matches?.("form[action$='/call_back'], form[action$='/again']") && ctx.response?.status < 400) {
    document.querySelector(".composer form:not([hidden]) textarea")?.focus();
  }
  if (ctx?.sourceElement?.matches?.(".toast.conflict form") && ctx.response?.status < 400) settled();
  for (const form of document.querySelectorAll(".composer form")) suggest(form);
});

// Where two wanted different things and it is decided, nothing is left to be edited.
function settled() {
  for (const edit of document.querySelectorAll(".customer .edit[open]")) close(edit);
}

// ------------------------------------------------------------------------------------------------------------ writing

function write(event, medium) {
  const form = document.getElementById(`compose-${medium}`);
  if (!form) return;
  event.preventDefault();
  event.target.closest("details.menu")?.removeAttribute("open");
  for (const other of document.querySelectorAll(".composer form")) other.hidden = other !== form;
  for (const tab of document.querySelectorAll(".write-tabs a")) {
    if (tab.dataset.write === medium) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
  const text = form.querySelector("textarea");
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
  form.scrollIntoView({ block: "nearest" });
}

document.addEventListener("change", (event) => {
  const list = event.target.dataset?.templates;
  if (!list || !event.target.value) return;
  const chosen = document.querySelectorAll(`#${list} li`)[event.target.selectedIndex - 1];
  take(event.target.form, chosen);
  event.target.selectedIndex = 0;
});

// A template takes the place of what is there, and says whether it is an offer.
export function take(form, chosen) {
  const text = form.querySelector("textarea");
  text.value = chosen.dataset.text;
  const subject = form.querySelector("[name=subject]");
  if (subject && chosen.dataset.subject) subject.value = chosen.dataset.subject;
  form.querySelector("[name=template_id]").value = chosen.dataset.id ?? "";
  const offer = form.querySelector("[name=marketing]");
  offer.checked = chosen.hasAttribute("data-marketing");
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.dispatchEvent(new Event("suggested", { bubbles: true }));
}

// ---------------------------------------------------------------------------------------------------------- who is here

const told = new Map();

function tell(customer, doing) {
  if (!customer) return;
  const key = customer.dataset.cluster;
  const last = told.get(key);
  if (last?.doing === doing && Date.now() - last.at < 6000) return;
  if (!doing && !last?.doing) return;
  told.set(key, { doing, at: Date.now() });
  fetch("/presence", {
    method: "POST",
    body: new URLSearchParams({ dealership: customer.dataset.dealership, cluster: key, doing }),
    keepalive: true,
  }).catch(() => {});
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.(".composer form[data-doing]");
  if (form) tell(form.closest(".customer"), form.dataset.doing);
});

document.addEventListener("focusout", (event) => {
  const form = event.target.closest?.(".composer form[data-doing]");
  if (form && !form.contains(event.relatedTarget)) tell(form.closest(".customer"), "");
});

// Two who write to one customer at the same time: the second is asked, once.
let waiting = null;
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches(".composer form[data-doing=replying]") || form.dataset.asked) return;
    const seen = form.closest(".customer").querySelector(".presence");
    if (seen.hidden || !seen.textContent.includes("replying")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = form;
    const dialog = document.getElementById("both-write");
    dialog.querySelector(".both-words").textContent = `${seen.textContent.replace("…", "")} to this customer right now.`;
    dialog.showModal();
  },
  true,
);

function answerBoth(answer) {
  document.getElementById("both-write").close();
  const form = waiting;
  waiting = null;
  if (answer === "send" && form) {
    form.dataset.asked = "yes";
    form.requestSubmit();
  } else {
    say("Not sent");
  }
}

for (const form of document.querySelectorAll(".composer form")) suggest(form);
