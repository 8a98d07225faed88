// What the developers' pages do beyond links and forms: they keep up with what happens.
import { say } from "./forecourt.js";

// ------------------------------------------------------------------------------------------ parts that are fetched anew

// A part with data-refresh is fetched again every data-every seconds, until it comes back without it.
async function refresh(part) {
  if (document.hidden) return;
  const answer = await fetch(part.dataset.refresh, { headers: { "HX-Request": "true" } });
  if (!answer.ok || !part.isConnected) return;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  const fresh = holder.content.querySelector(`#${part.id}`);
  if (!fresh || fresh.outerHTML === part.dataset.shown) return;
  const shown = fresh.outerHTML;
  keepPlace(part, fresh);
  part.replaceWith(fresh);
  fresh.dataset.shown = shown;
}

// What somebody has opened stays open, and what has the focus keeps it.
function keepPlace(old, fresh) {
  for (const details of old.querySelectorAll("details[id]")) {
    const same = fresh.querySelector(`#${details.id}`);
    if (same) same.open = details.open;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  if (focused) queueMicrotask(() => fresh.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus());
}

let seconds = 0;
setInterval(() => {
  seconds += 1;
  for (const part of document.querySelectorAll("[data-refresh]")) {
    if (seconds % Number(part.dataset.every ?? 2) === 0) refresh(part).catch(() => {});
  }
}, 1000);

// ----------------------------------------------------------------------------------------------------- the log's tail

const list = document.querySelector("[data-tail]");
const button = document.getElementById("tail-switch");
const MOST_SHOWN = 200;
let isLive = Boolean(list);
let arrived = 0;
let sayTimer = 0;

button?.addEventListener("click", () => {
  isLive = !isLive;
  button.setAttribute("aria-pressed", String(isLive));
  button.querySelector("span").textContent = isLive ? "Live" : "Paused";
});

async function follow() {
  if (!isLive || document.hidden) return;
  const newest = list.querySelector("[data-order]")?.dataset.order;
  const address = new URL(list.dataset.tail, location.origin);
  if (newest) address.searchParams.set("after", newest);
  const answer = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  for (const row of [...holder.content.querySelectorAll("[data-order]")].reverse()) insert(row);
}

// Each in its place: a call may come after one that was answered later.
function insert(row) {
  if (document.getElementById(row.id)) return;
  const next = [...list.querySelectorAll("[data-order]")].find((one) => one.dataset.order < row.dataset.order);
  row.classList.add("arrived");
  list.insertBefore(row, next ?? null);
  document.getElementById("no-calls")?.remove();
  const rows = list.querySelectorAll("[data-order]");
  for (const old of [...rows].slice(MOST_SHOWN)) if (!old.contains(document.activeElement)) old.remove();
  arrived += 1;
  clearTimeout(sayTimer);
  sayTimer = setTimeout(() => {
    say(arrived === 1 ? "1 new call" : `${arrived} new calls`);
    arrived = 0;
  }, 1500);
}

// One at a time, a second apart; while the server does not answer, ever more rarely.
async function keepFollowing(pause) {
  let next = 1000;
  try {
    await follow();
  } catch {
    next = Math.min(pause * 2, 30_000);
  }
  setTimeout(() => keepFollowing(next), next);
}
if (list) setTimeout(() => keepFollowing(1000), 1000);
