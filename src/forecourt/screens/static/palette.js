// Search and commands: what the server finds, moved through with the arrows.
const options = (dialog) => [...dialog.querySelectorAll("[role=option]")];

export function openPalette(dialog) {
  const field = dialog.querySelector("input");
  field.select();
  field.dispatchEvent(new CustomEvent("palette:open"));
  if (dialog.dataset.ready) return;
  dialog.dataset.ready = "yes";
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(dialog, event.key === "ArrowDown" ? 1 : -1);
    }
    if (event.key === "Enter") {
      const chosen = dialog.querySelector("[aria-selected=true] a");
      if (chosen) {
        event.preventDefault();
        chosen.click();
      }
    }
  });
  // What was found for less is not what is asked for now: Enter searches until there is an answer.
  field.addEventListener("input", () => {
    for (const option of options(dialog)) option.setAttribute("aria-selected", "false");
  });
  dialog.addEventListener("htmx:after:swap", () => choose(dialog, 0));
}

function choose(dialog, step) {
  const all = options(dialog);
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = step === 0 ? 0 : (at + step + all.length) % all.length;
  for (const [index, option] of all.entries()) option.setAttribute("aria-selected", String(index === next));
  all[next]?.scrollIntoView({ block: "nearest" });
  dialog.querySelector("input").setAttribute("aria-activedescendant", all[next]?.id ?? "");
}
