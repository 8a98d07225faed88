// A template's preview follows what is written, a moment after it is written. Without this its button shows it.
for (const form of document.querySelectorAll("form[data-preview]")) {
  const shows = form.querySelector("[data-shows]");
  const show = () => form.requestSubmit(shows);
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 400);
  });
  form.addEventListener("submit", () => clearTimeout(waiting));
  show();
}
