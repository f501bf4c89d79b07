/* The line of a query: its colours while one writes, what could follow, Enter and Tab. Without it the line is a plain
   field that the server colours when it answers. Positions of the server count code points. */
(() => {
  "use strict";
  const $ = (selector, from = document) => from.querySelector(selector);
  const field = $("textarea[data-query]");
  if (!field) return;
  const layer = () => $("#qlayer");
  const offers = () => [...document.querySelectorAll("#offers [role=option]")];
  const points = text => Array.from(text);
  document.documentElement.classList.add("lit");

  /* ---- what lies under the letters is what they are, coloured or not ---- */
  const follow = () => {
    const under = layer();
    if (under && under.textContent.replace(/\n$/, "") !== field.value) under.textContent = `${field.value}\n`;
  };
  const note = () => {
    const caret = $("[data-caret]");
    caret.value = points(field.value.slice(0, field.selectionStart)).length;
    caret.name = "at";
  };
  /* What one has put away, or left, does not come back by an answer that was still under way. */
  let away = false;
  field.addEventListener("input", () => { away = false; follow(); note(); });
  field.addEventListener("keydown", event => { if (event.key === "Escape") away = true; });
  field.addEventListener("blur", () => setTimeout(close, 150));
  document.body.addEventListener("htmx:afterSwap", event => {
    if (event.detail.target.id === "offered" && (away || document.activeElement !== field)) close();
  });
  /* Only what is being written tells where the caret stands. */
  field.form?.addEventListener("submit", () => { $("[data-caret]").name = ""; });
  document.body.addEventListener("htmx:afterSettle", () => { follow(); listed(); });

  /* ---- what could follow ---- */
  const close = () => { const box = $("#offered"); if (box) box.replaceChildren(); listed(); };
  const chosen = () => offers().find(one => one.getAttribute("aria-selected") === "true");
  const listed = () => {
    const one = chosen();
    if (one) { field.setAttribute("aria-controls", "offers"); field.setAttribute("aria-activedescendant", one.id); }
    else { field.removeAttribute("aria-controls"); field.removeAttribute("aria-activedescendant"); }
  };
  const move = step => {
    const all = offers();
    const next = all[(all.indexOf(chosen()) + step + all.length) % all.length];
    all.forEach(one => one.setAttribute("aria-selected", String(one === next)));
    listed();
  };
  const take = one => {
    const text = points(field.value);
    const { start, end, text: given } = one.dataset;
    const before = text.slice(0, Number(start)).join("") + given;
    const after = text.slice(Number(end)).join("");
    field.value = before + (given.endsWith(":") || after.startsWith(" ") ? "" : " ") + after;
    field.selectionStart = field.selectionEnd = before.length + (given.endsWith(":") ? 0 : 1);
    close();
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  document.addEventListener("mousedown", event => {
    const one = event.target.closest("#offers [role=option]");
    if (one) { event.preventDefault(); take(one); }
  });

  document.addEventListener("click", event => {
    const mended = event.target.closest("[data-mend]")?.dataset.mend;
    if (mended === undefined || field.readOnly) return;
    field.value = mended;
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  /* ---- the field that a refusal is about ---- */
  const said = () => document.querySelectorAll("[data-wrongly]");
  const mended = part => {
    part.removeAttribute("aria-invalid");
    said().forEach(one => { if (one.dataset.wrongly === part.id) one.remove(); });
  };
  const refused = () => {
    const told = $("#refused"), part = told?.dataset.at && document.getElementById(told.dataset.at);
    document.querySelectorAll("#draft [aria-invalid]").forEach(one => { if (one !== part) mended(one); });
    if (!part) return;
    part.setAttribute("aria-invalid", "true");
    part.setAttribute("aria-describedby", "refused");
    if (![...said()].some(one => one.dataset.wrongly === part.id)) {
      const beside = document.createElement("p");
      beside.className = "hint wrongly";
      beside.dataset.wrongly = part.id;
      beside.textContent = $("[data-text]", told).textContent;
      (part.closest("label, .flex") || part).after(beside);
    }
    part.focus();
    part.scrollIntoView({ block: "center" });
  };
  document.getElementById("draft")?.addEventListener("input", event => { if (event.target.matches("[aria-invalid]")) mended(event.target); });
  document.body.addEventListener("htmx:afterSettle", event => { if (event.detail.target.id === "checked") refused(); });
  refused();

  /* ---- keys ---- */
  let moved = false;
  field.addEventListener("input", () => { moved = false; });
  field.addEventListener("keydown", event => {
    const open = offers().length > 0;
    const lines = field.dataset.query === "lines";
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) { event.preventDefault(); moved = true; move(event.key === "ArrowDown" ? 1 : -1); }
    else if (open && event.key === "Tab" && !event.shiftKey) { event.preventDefault(); take(chosen()); }
    else if (open && event.key === "Enter" && moved) { event.preventDefault(); take(chosen()); }
    else if (open && event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); }
    else if (event.key === "Enter" && !event.isComposing && (event.ctrlKey || (!lines && !event.shiftKey))) { event.preventDefault(); field.form.requestSubmit($("button[value=save]", field.form)); }
  });
})();
