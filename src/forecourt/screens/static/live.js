// One stream a browser. The tab that holds the lock owns the connection and passes on what it hears; when it closes,
// the next takes over. The stream says which customers something happened to; each tab fetches what it shows of them.
import { say, showPicks } from "./forecourt.js";

const channel = "BroadcastChannel" in window ? new BroadcastChannel("forecourt-live") : null;
const changed = new Set();
let fetchTimer = 0;
let countTimer = 0;
let lastHeard = Date.now();
let after = null;

export function goLive() {
  if (!document.getElementById("live-state") || !("EventSource" in window)) return;
  after = document.getElementById("rows")?.dataset.after ?? "";
  channel?.addEventListener("message", (event) => hear(event.data));
  if (navigator.locks) {
    navigator.locks.request("forecourt-live", () => new Promise(own));
  } else {
    own();
  }
  setInterval(showState, 1000);
  document.getElementById("new-pill")?.addEventListener("click", () => location.reload());
}

// Never resolved: the lock is held for as long as the tab is open.
function own() {
  const source = new EventSource(after ? `/live?after=${after}` : "/live");
  // Browsers come back by themselves when a connection breaks, but not when a proxy answers for a server that is away.
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(own, 2_000);
  });
  const tell = (message) => {
    channel?.postMessage(message);
    hear(message);
  };
  source.addEventListener("changed", (event) => {
    tell({ kind: "changed", clusters: JSON.parse(event.data), after: event.lastEventId });
  });
  source.addEventListener("presence", (event) => tell({ kind: "presence", ...JSON.parse(event.data) }));
  source.addEventListener("alive", () => tell({ kind: "alive" }));
  source.addEventListener("reload", () => tell({ kind: "reload" }));
  source.addEventListener("signed-out", () => tell({ kind: "signed-out" }));
}

// Whoever sends a form is on their way to what it answers, however long that takes.
let leaving = false;
document.addEventListener("submit", (event) => {
  leaving ||= !event.defaultPrevented;
});

function hear(message) {
  lastHeard = Date.now();
  showState();
  if (message.kind === "changed") {
    // Whichever tab takes the stream over goes on from here.
    after = message.after;
    for (const id of message.clusters) document.body.dispatchEvent(new CustomEvent(`cluster-${id}`));
    look(message.clusters);
  }
  if (message.kind === "presence") showPresence(message);
  if (message.kind === "reload") catchUp();
  if (message.kind === "signed-out") setTimeout(leaveOrGoOn, leaving ? 10_000 : 1_000);
}

// All that comes within a moment is fetched at once.
function look(clusters) {
  for (const id of clusters) changed.add(id);
  clearTimeout(fetchTimer);
  fetchTimer = setTimeout(fetchRows, 60);
  clearTimeout(countTimer);
  countTimer = setTimeout(() => htmx.ajax("GET", "/views", { target: "#views", swap: "innerHTML" }), 400);
}

// More was missed than the server can repeat: everything this page shows, and whatever it would show by now.
async function catchUp() {
  document.body.dispatchEvent(new CustomEvent("catch-up"));
  const list = document.getElementById("rows");
  if (!list) return look([]);
  const answer = await fetch(new URL(list.dataset.view, location.origin));
  if (!answer.ok) return;
  const now = new DOMParser().parseFromString(await answer.text(), "text/html");
  // The latest last: each that is new is put on top.
  const arrived = [...now.querySelectorAll("#rows .row")].reverse();
  look([...list.querySelectorAll(".row"), ...arrived].map((row) => row.id.slice("row-".length)));
}

// The session has ended; a page that is on its way somewhere goes there. Where the browser has a new session by now, as
// after a change of password, the sign-in page leads straight back here.
function leaveOrGoOn() {
  location.assign(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`);
}

// One at a time: an answer that overtook a later one would show what was true before it.
let fetching = Promise.resolve();
function fetchRows() {
  fetching = fetching.then(showChanges, showChanges);
}

async function showChanges() {
  const list = document.getElementById("rows");
  if (!list || !changed.size) return;
  const ids = [...changed].slice(0, 100);
  for (const id of ids) changed.delete(id);
  if (changed.size) fetchRows();
  const view = new URL(list.dataset.view, location.origin);
  view.pathname = "/rows";
  view.searchParams.set("ids", ids.join(","));
  const answer = await fetch(view, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const holder = document.createElement("template");
  holder.innerHTML = await answer.text();
  const fresh = new Map([...holder.content.querySelectorAll(".row")].map((row) => [row.id, row]));
  let arrived = 0;
  for (const id of ids) {
    const old = document.getElementById(`row-${id}`);
    const row = fresh.get(`row-${id}`);
    if (old && row) replace(old, row);
    else if (old && !row) leave(old);
    else if (row && list.dataset.grows === "yes") arrived += arrive(list, row) ? 1 : 0;
  }
  if (arrived) {
    say(arrived === 1 ? "1 new customer" : `${arrived} new customers`);
    chime();
  }
  showPicks();
}

// Whoever is at a row keeps their place: what is focused or picked stays so.
function replace(old, row) {
  const focused = old.contains(document.activeElement) ? document.activeElement.className : null;
  if (old.querySelector(".open[aria-current]")) row.querySelector(".open").setAttribute("aria-current", "true");
  row.querySelector(".pick input").checked = old.querySelector(".pick input").checked;
  old.replaceWith(row);
  htmx.process(row);
  if (focused !== null) row.querySelector(focused ? `.${focused.split(" ")[0]}` : "input")?.focus();
}

function leave(row) {
  if (row.contains(document.activeElement) || row.querySelector(".open[aria-current]")) {
    row.classList.add("gone");
    return;
  }
  row.remove();
}

// At the top, unless somebody is further down or in the middle of the list: then a button says how many there are.
function arrive(list, row) {
  const scroller = list.closest(".list");
  const busy = scroller.scrollTop > 40 || list.contains(document.activeElement);
  if (busy) {
    const pill = document.getElementById("new-pill");
    const count = Number(pill.dataset.count ?? 0) + 1;
    pill.dataset.count = String(count);
    pill.querySelector("span").textContent = `${count} new`;
    pill.hidden = false;
    return true;
  }
  document.querySelector(".list .empty")?.remove();
  row.classList.add("arrived");
  list.prepend(row);
  htmx.process(row);
  return true;
}

let audio = null;
function chime() {
  if (document.body.dataset.sound !== "on") return;
  audio ??= new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = 660;
  volume.gain.setValueAtTime(0.08, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.5);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.5);
}

function showPresence({ cluster, user, name, doing }) {
  if (String(user) === document.body.dataset.user) return;
  const shown = document.querySelector(`.customer[data-cluster="${cluster}"] .presence`);
  if (!shown) return;
  shown.textContent = doing ? `${name} is ${doing}…` : "";
  shown.hidden = !doing;
  clearTimeout(shown.timer);
  shown.timer = setTimeout(() => (shown.hidden = true), 12_000);
}

// The server says something every few seconds, if only that it is there.
function showState() {
  const shown = document.getElementById("live-state");
  if (!shown) return;
  const silent = (Date.now() - lastHeard) / 1000;
  const state = silent < 10 ? "live" : silent < 60 ? "amber" : "red";
  if (shown.dataset.state === state) return;
  shown.dataset.state = state;
  const since = new Date(lastHeard).toLocaleTimeString("en-AU", { hour: "numeric", minute: "2-digit" });
  shown.querySelector(".words").textContent = { live: "Live", amber: "Reconnecting…", red: `Offline since ${since}` }[state];
}
