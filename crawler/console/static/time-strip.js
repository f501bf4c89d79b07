/* The strip of time below the map. Its bars are links; this adds a stretch of several (dragged, or with Shift) and play. */
(() => {
  "use strict";
  const strip = document.querySelector(".tbar"), play = document.querySelector("[data-play]");
  if (!strip || !play) return;
  const bars = [...strip.querySelectorAll("a")], still = matchMedia("(prefers-reduced-motion: reduce)");
  const mark = (from, to) => bars.forEach((bar, at) => bar.querySelectorAll("rect").forEach(one => one.classList.toggle("on", from <= at && at <= to)));
  const chosen = bars.flatMap((bar, at) => bar.querySelector(".on") ? [at] : []);
  const back = () => mark(chosen.length ? chosen[0] : 1, chosen.length ? chosen[chosen.length - 1] : 0);
  const go = (one, other) => {
    const first = Math.min(one, other), last = Math.max(one, other), at = new URL(location.href);
    at.searchParams.set("from", bars[first].dataset.from);
    at.searchParams.set("to", bars[last].dataset.to);
    at.searchParams.delete("at");
    location.assign(at);
  };
  let begun = -1, dragged = false;
  const place = event => bars.indexOf(event.target.closest?.("a"));
  strip.addEventListener("dragstart", event => event.preventDefault());
  strip.addEventListener("pointerdown", event => { begun = event.button ? -1 : place(event); dragged = false; });
  strip.addEventListener("pointermove", event => {
    const at = place(event);
    if (begun < 0 || at < 0 || at === begun && !dragged) return;
    dragged = true;
    mark(Math.min(begun, at), Math.max(begun, at));
  });
  strip.addEventListener("click", event => {
    const at = place(event), several = dragged && begun >= 0 && at >= 0 && at !== begun;
    if (event.shiftKey && chosen.length && at >= 0) { event.preventDefault(); go(at < chosen[0] ? chosen[chosen.length - 1] : chosen[0], at); }
    else if (several || dragged) event.preventDefault();
  });
  document.addEventListener("pointerup", event => {
    const at = strip.contains(event.target) ? place(event) : -1;
    if (dragged && begun >= 0 && at >= 0 && at !== begun) go(begun, at); else if (dragged) back();
    begun = -1;
  });
  document.addEventListener("keydown", event => {
    const open = document.querySelector(".tlist[open]");
    if (event.key === "Escape" && open?.contains(event.target)) { open.open = false; open.querySelector("summary").focus(); }
  });

  let timer = 0;
  const words = document.querySelector("[data-during]");
  const tell = (during, name = "") => {
    words.hidden = !name;
    words.textContent = name && `${name}. ${words.dataset.during}`;
    document.dispatchEvent(new CustomEvent("otklik:during", { detail: during }));
  };
  const stop = () => { clearInterval(timer); timer = 0; play.removeAttribute("aria-pressed"); back(); tell(null); };
  play.hidden = false;
  play.addEventListener("click", () => {
    if (timer) { stop(); return; }
    const some = chosen.length > 1 ? chosen : bars.map((_, at) => at);
    let at = 0;
    const step = () => {
      if (at === some.length) { stop(); return; }
      mark(some[at], some[at]);
      const bar = bars[some[at]];
      tell([bar.dataset.from, bar.dataset.to], bar.querySelector("title").textContent);
      at += 1;
    };
    play.setAttribute("aria-pressed", "true");
    step();
    timer = setInterval(step, still.matches ? 1500 : 600);
  });
})();
