// What somebody writes is kept on the server a second after they pause, so that a phone may lock and a tab may close.
const waiting = new Map();

export function keepDrafts() {
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (!form) return;
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(() => keep(form), 700));
  });
  document.addEventListener("submit", (event) => clearTimeout(waiting.get(event.target)), true);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "hidden") return;
    for (const [form, timer] of waiting) {
      clearTimeout(timer);
      if (form.isConnected) keep(form);
    }
    waiting.clear();
  });
}

async function keep(form) {
  waiting.delete(form);
  const answer = await fetch(form.dataset.draft, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    keepalive: true,
  });
  const told = form.querySelector(".draft-state");
  if (told) told.textContent = answer.ok ? "Draft saved" : "Draft not saved";
}
