/* Otklik console: keys, theme, selection, and what htmx puts in. Everything works without it as plain links and forms.
   Keys are read from event.code (the physical key), so they are the same in the Russian and the Latin layout. */
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const remember = (name, value) => {
    document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  };
  const keysOff = () => localStorage.getItem("otklik-keys") === "off";

  /* ---- theme ---- */
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const turn = () => { root.dataset.theme = dark() ? "light" : "dark"; remember("otklik-theme", root.dataset.theme); };

  const visible = part => part.checkVisibility ? part.checkVisibility() : part.offsetParent !== null;

  /* ---- a list: one row is current and in the tab order ---- */
  const rows = () => $$(".row, [data-row]");
  const at = () => rows().findIndex(row => row.getAttribute("aria-current") === "true");
  const current = () => rows()[at()];
  /* Without scripts every row is: there are no keys to walk with. */
  const rove = row => {
    rows().forEach(other => { $$(".hit, .ck", other).forEach(part => { part.tabIndex = other === row ? 0 : -1; }); });
  };
  const mark = row => {
    rows().forEach(other => {
      if (other === row) other.setAttribute("aria-current", "true"); else other.removeAttribute("aria-current");
    });
    rove(row);
  };
  const settle = () => rove(current() || rows()[0]);
  settle();
  let loading = 0;
  const go = step => {
    const all = rows();
    if (!all.length) return;
    const row = all[Math.max(0, Math.min(all.length - 1, at() + step))];
    mark(row);
    const link = $(".hit", row);
    row.scrollIntoView({ block: "nearest" });
    if (!link) return;
    link.focus({ preventScroll: true });
    if (!link.hasAttribute("hx-get")) return;
    const live = $("#live");
    if (live) live.textContent = link.getAttribute("aria-label");
    /* Who walks down the list quickly asks for the pane of the row where they stop. */
    clearTimeout(loading);
    loading = setTimeout(() => {
      /* What came in meanwhile may have put another row in its place. */
      const here = link.isConnected ? link : $(`.row[data-number="${row.dataset.number}"] .hit`);
      if (here) here.click();
    }, 150);
  };
  document.addEventListener("click", event => {
    const row = event.target.closest(".row .hit")?.closest(".row");
    if (!row) return;
    mark(row);
    const pane = $("#pane");
    if (pane && visible(pane)) return;
    /* A narrow screen has no pane: the incident opens whole. */
    event.preventDefault();
    event.stopPropagation();
    location.href = $(".hit", row).dataset.open;
  }, true);

  /* ---- selection of several ---- */
  const picked = () => $$(".row .ck:checked");
  const count = () => {
    const label = $("#bulk [data-picked]");
    if (!label) return;
    label.textContent = picked().length;
    rows().forEach(row => row.classList.toggle("picked", $(".ck", row)?.checked === true));
  };
  const pick = () => { const box = current() && $(".ck", current()); if (box) { box.checked = !box.checked; count(); } };
  const unpick = () => { const some = picked(); some.forEach(box => { box.checked = false; }); count(); return some.length > 0; };
  document.addEventListener("change", event => { if (event.target.matches(".row .ck")) count(); });

  document.addEventListener("change", event => { if (event.target.matches("[data-submit]")) event.target.form.requestSubmit(); });

  /* ---- a form whose session had ended: what was typed waits in this tab until one has signed in again ---- */
  const DRAFT = "otklik-draft";
  const draft = () => { try { return JSON.parse(sessionStorage.getItem(DRAFT)); } catch { return null; } };
  const typedIn = form => [...form.elements].filter(field => field.name && field.matches("textarea, select, input:not([type=hidden], [type=password], [type=checkbox], [type=radio])"));
  const boxesIn = form => [...form.elements].filter(field => field.name && field.matches("[type=checkbox], [type=radio]"));
  document.addEventListener("submit", event => {
    const form = event.target;
    if (form.method !== "post" || form.getAttribute("action") === "/sign-in") return;
    const typed = typedIn(form).filter(field => field.value).map(field => [field.name, field.value]);
    const ticked = boxesIn(form).filter(box => box.checked).map(box => [box.name, box.value]), who = $(".who-menu .menu-p")?.textContent;
    if (typed.length || ticked.length) sessionStorage.setItem(DRAFT, JSON.stringify({ action: form.getAttribute("action"), typed, ticked, who }));
    else sessionStorage.removeItem(DRAFT);
  }, true);
  const comeBack = () => {
    const kept = draft();
    if (!kept) return;
    if ($("[data-lost]")) { sessionStorage.setItem(DRAFT, JSON.stringify({ ...kept, lost: true })); return; }
    if ($("form[action='/sign-in']")) return;
    sessionStorage.removeItem(DRAFT);
    /* Another person who signs in here gets no words of the one before. */
    if (!kept.lost || kept.who !== $(".who-menu .menu-p")?.textContent) return;
    const isTicked = box => kept.ticked.some(([name, value]) => box.name === name && box.value === value);
    const fits = form => kept.typed.every(([name]) => typedIn(form).some(field => field.name === name)) && (kept.typed.length || boxesIn(form).some(isTicked));
    const form = $$("form[method=post]").find(one => one.getAttribute("action") === kept.action && fits(one));
    if (!form) return;
    kept.typed.forEach(([name, value]) => { typedIn(form).find(field => field.name === name).value = value; });
    boxesIn(form).forEach(box => { box.checked = isTicked(box); });
    count();
    form.closest("details")?.setAttribute("open", "");
    form.prepend($("#came-back").content.cloneNode(true));
    (typedIn(form).find(field => field.name === kept.typed[0]?.[0]) || boxesIn(form).find(isTicked))?.focus();
  };
  comeBack();

  /* ---- what is said with data-do ---- */
  const menus = () => $$("details:is(.who-menu, .filter, .reasons, .rest, .more-tab)[open]");
  document.addEventListener("click", event => {
    const what = event.target.closest("[data-do]")?.dataset.do;
    if (what) ({ theme: turn, unpick, print: () => print() })[what]?.();
    menus().forEach(open => { if (!open.contains(event.target)) open.open = false; });
  });
  document.addEventListener("change", event => {
    if (event.target.dataset.do === "keys") localStorage.setItem("otklik-keys", event.target.checked ? "on" : "off");
  });

  /* ---- keys ---- */
  const say = text => {
    const toast = $("#toast"), told = Object.assign(document.createElement("div"), { className: "toast said" });
    if (!toast || !text) return;
    told.setAttribute("role", "status");
    told.textContent = text;
    toast.replaceChildren(told);
    fade();
  };
  const asks = code => $(`#keys [data-asks="${code}"]`);
  const works = code => {
    if (code === "KeyJ" || code === "KeyK") return rows().length > 0;
    if (code === "KeyV") return Boolean(current() && $(".ck", current()));
    return Boolean(press(code));
  };
  const help = () => {
    const dialog = $("#keys");
    if (!dialog) return;
    const box = $("[data-do=keys]", dialog);
    if (box) box.checked = !keysOff();
    $$("[data-asks]", dialog).forEach(line => {
      const off = !works(line.dataset.asks);
      line.classList.toggle("off", off);
      $("[data-off]", line).hidden = !off;
    });
    if (dialog.open) dialog.close(); else dialog.showModal();
  };
  /* Until then keys do nothing: a page is being left for another, or a note opens with the pane that it belongs to. */
  let leaving = 0, noting = 0, sent = false;
  const leave = part => {
    const form = part.tagName === "BUTTON" && part.form;
    if (part.tagName === "A" ? part.hasAttribute("hx-get") : !form || form.hasAttribute("hx-post")) return;
    leaving = Date.now() + 1500;
  };
  addEventListener("pageshow", () => { leaving = 0; sent = false; });
  const inNote = () => {
    const one = current() && $(".hit", current())?.dataset.open;
    if (!one || !$('[data-key="KeyI"]')) return null;
    return () => { leaving = Date.now() + 1500; location.href = `${one}#note`; };
  };
  /* With several picked a key is for them all, or for none. */
  const ofPicked = code => {
    const button = $(`#bulk [data-bulk="${code}"]`);
    return button && (() => { leave(button); button.click(); });
  };
  /* What there is no room for is behind a summary of its own, and opens with it. */
  const folded = part => part.closest("details.rest");
  const press = code => {
    if (picked().length && code !== "Escape") return ofPicked(code);
    const field = $(`[data-focus="${code}"]`);
    if (field) return () => field.focus();
    const parts = $$(`[data-key~="${code}"]`), part = parts.find(visible) || parts.find(folded);
    if (!part) return code === "KeyI" ? inNote() : null;
    /* The pane follows the list a moment later: a key never decides about the incident that one has just left. */
    const pane = part.closest("#pane");
    if (pane && current() && pane.dataset.number !== current().dataset.number) {
      return () => { if (code === "KeyI") noting = Date.now() + 3000; };
    }
    return () => {
      if (!visible(part)) folded(part).open = true;
      leave(part);
      part.click();
      const menu = part.tagName === "SUMMARY" && part.parentElement;
      if (menu && menu.open) $("button:not([tabindex='-1']), input:not([type=hidden]), select, textarea", menu.querySelector("form") || menu)?.focus();
    };
  };
  const escape = () => {
    const open = menus();
    if (open.length) { open.forEach(menu => { menu.open = false; $("summary", menu).focus(); }); return; }
    if (unpick()) return;
    press("Escape")?.();
  };
  let going = 0;
  const keys = {
    KeyJ: () => go(1), ArrowDown: () => go(1), KeyK: () => go(-1), ArrowUp: () => go(-1), KeyV: pick,
    KeyG: () => { going = Date.now(); }, Escape: escape,
  };
  document.addEventListener("keydown", event => {
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (event.code === "Enter" && (event.ctrlKey || event.metaKey) && typing?.matches("textarea:not([readonly])")) {
      const form = typing.form;
      if (form && !$("[data-query]", form)) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || $("dialog[open]")) return;
    if (event.key === "Enter" && typing?.dataset.enter) { event.preventDefault(); $(typing.dataset.enter)?.focus(); return; }
    if (typing && event.code !== "Escape") return;
    if (Date.now() < Math.max(leaving, noting)) {
      event.preventDefault();
      if (event.code === "Escape") noting = 0;
      return;
    }
    /* What is written is not lost by a key that leads away: the first one only leaves the field. */
    if (typing && !typing.readOnly && !typing.matches("select") && typing.value && !typing.closest("details[open] > .menu")) {
      event.preventDefault();
      typing.blur();
      return;
    }
    if (keysOff() && event.code !== "Escape") return;                   /* WCAG 2.1.4: can be switched off */
    const pressed = event.target.closest("button, summary, a");
    if (event.code === "Enter" && pressed && !pressed.matches(".row .hit")) return;
    if (event.code.startsWith("Arrow") && !event.target.closest(".row")) return;
    let act = keys[event.code] || press(event.code);
    if (event.key === "?") act = help;
    else if (event.code === "Slash" && !event.shiftKey || event.key === "/") act = () => ($("textarea[data-query]") || $(".find input"))?.focus();
    else if (/^Digit[1-9]$/.test(event.code) && Date.now() - going < 1500) act = () => $(`[data-go="${event.code}"]`)?.click();
    else if (event.code === "Enter" && current()) act = () => { const link = $(".hit", current()); if (link) location.href = link.dataset.open; };
    const letter = !act && asks(event.code);
    if (letter) act = () => say(picked().length ? letter.dataset.several : $(`[data-no-key="${event.code}"]`)?.textContent || letter.dataset.here);
    if (act) { event.preventDefault(); act(); }
  });

  /* ---- a form that was changed is not left without a word ---- */
  const changed = part => {
    if (part.matches("[type=hidden], [name=days], button, fieldset")) return false;
    if (part.type === "checkbox" || part.type === "radio") return part.checked !== part.defaultChecked;
    if (part.options) return ![...part.options].find((one, at, all) => one.defaultSelected || at === 0 && !all.some(other => other.defaultSelected))?.selected;
    return part.value !== part.defaultValue;
  };
  document.addEventListener("submit", event => { if (!event.defaultPrevented) sent = true; });
  addEventListener("beforeunload", event => {
    if (!sent && $$("form[data-draft]").some(form => form.dataset.draft === "changed" || [...form.elements].some(changed))) event.preventDefault();
  });

  /* ---- what is refreshed while one looks ---- */
  const openOne = () => $$("[data-open][data-seen]").find(visible);
  document.body.addEventListener("htmx:configRequest", event => {
    if (event.detail.elt.id !== "poll") return;
    const one = openOne(), shown = $$(".row[data-number]").map(row => row.dataset.number);
    if (shown.length) event.detail.parameters.append("rows", shown.join("-"));
    if (one) { event.detail.parameters.append("open", one.dataset.open); event.detail.parameters.append("seen", one.dataset.seen); }
  });
  /* A session that has ended leads away from a page only when one goes on, not in the middle of a note. */
  document.body.addEventListener("htmx:beforeOnLoad", event => {
    if (event.detail.elt.id !== "poll" || event.detail.xhr.status !== 401) return;
    event.preventDefault();
    root.classList.add("offline");
  });
  /* Nobody looks at a page behind others: it says nothing and asks for nothing. */
  document.body.addEventListener("htmx:beforeRequest", event => {
    if (event.detail.elt.id === "poll" && document.hidden) event.preventDefault();
  });
  /* What is there already stays, with the focus that may stand in it; an answer about a pane that one has left is none. */
  document.body.addEventListener("htmx:oobBeforeSwap", event => {
    const { target, fragment } = event.detail, sent = fragment.firstElementChild;
    if (target.id === "qnews" ? target.innerHTML.trim() === html(fragment).trim() : sent && target.isEqualNode(sent)) event.detail.shouldSwap = false;
    const about = sent?.dataset?.about;
    if (about && about !== openOne()?.dataset.open) event.detail.shouldSwap = false;
  });
  const html = fragment => { const box = document.createElement("div"); box.append(fragment.cloneNode(true)); return box.innerHTML; };

  /* ---- after htmx ---- */
  document.body.addEventListener("htmx:afterSettle", () => {
    settle();
    if (Date.now() < noting && $("#pane")?.dataset.number === current()?.dataset.number) { noting = 0; press("KeyI")?.(); }
  });
  let fading = 0;
  const fade = () => {
    clearTimeout(fading);
    fading = setTimeout(() => { const toast = $("#toast"); if (toast) toast.replaceChildren(); }, 12000);
  };
  document.body.addEventListener("htmx:oobAfterSwap", event => {
    if (event.target.id !== "toast" && event.detail.target?.id !== "toast") return;
    fade();
  });
  /* What the server refuses is shown as well as what it does; what a page asks by itself it asks again. */
  document.body.addEventListener("htmx:beforeSwap", event => {
    if (event.detail.target.id === "poll") { if (event.detail.xhr.status >= 400) event.detail.shouldSwap = false; return; }
    if (event.detail.xhr.status >= 400) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  document.body.addEventListener("htmx:sendError", () => root.classList.add("offline"));
  document.body.addEventListener("htmx:afterRequest", event => { if (event.detail.successful) root.classList.remove("offline"); });
})();
