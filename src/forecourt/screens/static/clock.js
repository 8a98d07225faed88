// The response clock's chips count on by themselves, by the server's clock: the words and the colours are those of
// screens/templates/frame/macros.html.
const SOON = 5 * 60;

const ahead = Date.now() - Date.parse(document.body.dataset.now ?? new Date().toISOString());

export function lasting(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${String(Math.floor(whole / 60) % 60).padStart(2, "0")}`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor(whole / 3600) % 24} h`;
}

function tick() {
  const now = Date.now() - ahead;
  for (const chip of document.querySelectorAll(".chip.clock")) {
    const left = (Date.parse(chip.dataset.due) - now) / 1000;
    const overdue = Date.parse(chip.dataset.overdue) <= now;
    const lateness = overdue ? "overdue" : left <= 0 ? "late" : left <= SOON ? "soon" : "waiting";
    const words =
      left <= 0 ? `${lasting(-left)} late` : lateness === "soon" ? `due in ${lasting(left)}` : `${lasting(left)} left`;
    const shown = chip.querySelector(".words");
    if (shown.textContent !== words) shown.textContent = words;
    if (!chip.classList.contains(lateness)) {
      chip.classList.remove("overdue", "late", "soon", "waiting");
      chip.classList.add(lateness);
      chip.closest(".row")?.setAttribute("data-late", lateness);
    }
  }
}

export function keepTime() {
  setInterval(tick, 1000);
}
