/* Words typed for one incident stay when the pane shows another, and are there when it comes back: in the memory of this page only. */
"use strict";
(() => {
  const kept = new Map();
  const fields = () => [...document.querySelectorAll("#pane textarea[id], #pane input[id]")];
  const mark = field => field.closest("details")?.classList.toggle("kept", Boolean(field.value.trim()));
  document.addEventListener("input", event => {
    if (!event.target.id || !event.target.closest("#pane")) return;
    kept.set(event.target.id, event.target.value);
    mark(event.target);
  });
  document.addEventListener("submit", event => {
    for (const part of event.target.elements) kept.delete(part.id);
  }, true);
  document.body.addEventListener("htmx:afterSettle", () => {
    for (const field of fields()) {
      if (!kept.has(field.id) || field.value) continue;
      field.value = kept.get(field.id);
      mark(field);
    }
  });
})();
