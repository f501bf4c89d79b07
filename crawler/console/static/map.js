/* Otklik map: Leaflet over the city's own GeoJSON. Incidents near each other are one ring until they come apart. The list
   beside it has the same incidents and works without this. */
(() => {
  "use strict";
  const box = document.getElementById("map");
  if (!box || !window.L) return;
  const CELL = 46, APART = 17, HOUSES_FROM = 15, NAMES_FROM = 14;
  const SVG = "http://www.w3.org/2000/svg";
  const map = L.map(box, { zoomControl: false, attributionControl: false, minZoom: 9, maxZoom: 19, zoomSnap: 0.5, preferCanvas: false });
  map.setView([55, 50], 10);
  /* The scale of Leaflet speaks English alone. */
  const Scale = L.Control.Scale.extend({
    _updateMetric(most) {
      const metres = this._getRoundNum(most), far = metres >= 1000;
      this._updateScale(this._mScale, `${far ? metres / 1000 : metres} ${far ? box.dataset.wordKm : box.dataset.wordM}`, metres / most);
    },
  });
  new Scale({ imperial: false, position: "bottomleft" }).addTo(map);
  if (box.dataset.tiles) {
    /* An archive of the console's own says which zooms and which area it has: nothing else is asked for. */
    const { tiles, tilesFrom, tilesTo, tilesBox } = box.dataset, [south, west, north, east] = (tilesBox || "").split(",");
    const own = tilesTo ? { minZoom: Number(tilesFrom), maxNativeZoom: Number(tilesTo) } : {};
    if (tilesBox) own.bounds = [[south, west], [north, east]];
    if (window.protomapsL) {
      /* Vector tiles are drawn here, in the colours of the theme; what is deeper than the archive is drawn larger. */
      const root = document.documentElement, dim = matchMedia("(prefers-color-scheme: dark)");
      let drawn = null, flavour = "";
      const draw = () => {
        const wanted = (root.dataset.theme || (dim.matches ? "dark" : "light")) === "dark" ? "dark" : "light";
        if (wanted === flavour) return;
        if (drawn) drawn.remove();
        flavour = wanted;
        drawn = protomapsL.leafletLayer({ url: tiles, flavor: wanted, lang: root.lang, maxDataZoom: Number(tilesTo), maxZoom: 19, minZoom: own.minZoom, attribution: "", ...(own.bounds ? { bounds: own.bounds } : {}) });
        drawn.addTo(map);
      };
      draw();
      new MutationObserver(draw).observe(root, { attributeFilter: ["data-theme"] });
      dim.addEventListener("change", draw);
    } else L.tileLayer(tiles, { maxZoom: 19, ...own }).addTo(map);
  }
  const labels = L.layerGroup().addTo(map), houses = L.layerGroup().addTo(map), marks = L.layerGroup().addTo(map);
  const zones = L.featureGroup().addTo(map), areas = [];
  let pins = [], home = null, names = [], chosen = 0, popped = null, during = null;
  const isThen = at => !during || at >= during[0] && at < during[1];

  const node = (name, attributes, text = "") => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  };
  /* As the server shows strangers' words: without control characters, turns of direction made visible. */
  const plain = text => text.replace(/[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g, "\u25a1").replace(/\p{Cc}/gu, " ");
  const drawn = (size, ...parts) => {
    const svg = node("svg", { width: size, height: size, viewBox: `${-size / 2} ${-size / 2} ${size} ${size}`, "aria-hidden": "true" });
    svg.append(...parts);
    return L.divIcon({ html: svg, className: "mapicon", iconSize: [size, size] });
  };
  const shape = kind => ({
    late: () => node("path", { class: "pin pin-late", d: "M0 -9.5 9.5 0 0 9.5 -9.5 0Z" }),
    soon: () => node("path", { class: "pin pin-soon", d: "M0 -9 9 7 -9 7Z" }),
    ok: () => node("circle", { class: "pin pin-ok", r: 7 }),
  }[kind] || (() => node("circle", { class: "pin-wait", r: 6 })))();

  /* ---- what stands on the map ---- */
  const popup = pin => {
    const [number, , , kind, left, title] = pin;
    const made = document.createElement("div"), head = document.createElement("b"), foot = document.createElement("div");
    const chip = document.createElement("span"), link = document.createElement("a");
    head.textContent = title;
    chip.className = `chip chip-${kind}`;
    chip.textContent = left;
    link.className = "end";
    link.href = box.dataset.open + number;
    link.textContent = `${box.dataset.wordOpen} № ${number}`;
    foot.className = "flex popf";
    foot.append(chip, link);
    made.append(head, foot);
    return made;
  };
  const show = pin => {
    popped = L.popup({ className: "mappop", maxWidth: 280, autoPanPadding: [40, 40] }).setLatLng([pin[1], pin[2]]).setContent(popup(pin)).openOn(map);
    choose(pin[0]);
  };
  const marker = (pin, name) => {
    const icon = drawn(24, ...(pin[0] === chosen ? [node("circle", { class: "halo", r: 12 })] : []), shape(pin[3]));
    return L.marker([pin[1], pin[2]], { icon, title: name, alt: name, keyboard: true, riseOnHover: true }).on("click", () => show(pin));
  };
  const ring = some => {
    const late = some.some(pin => pin[3] === "late");
    const size = 26 + Math.min(16, 3 * Math.floor(Math.log2(some.length)));
    const icon = drawn(size + 4, node("circle", { class: late ? "clu clu-late" : "clu", r: size / 2 }), node("text", { class: "clu-t", y: 3.7 }, some.length));
    const middle = [1, 2].map(at => some.reduce((sum, pin) => sum + pin[at], 0) / some.length);
    const name = `${box.dataset.wordSeveral} ${some.length}`;
    return L.marker(middle, { icon, title: name, alt: name, keyboard: true }).on("click", () => {
      map.fitBounds(L.latLngBounds(some.map(pin => [pin[1], pin[2]])).pad(0.3), { maxZoom: 18 });
    });
  };
  const fan = some => some.map((pin, at) => {
    /* Several at the very house stand around it. */
    const turn = 2 * Math.PI * at / some.length, around = map.project([pin[1], pin[2]]).add([16 * Math.cos(turn), 16 * Math.sin(turn)]);
    const spot = map.unproject(around);
    return marker([pin[0], spot.lat, spot.lng, ...pin.slice(3)], pin[5]);
  });
  const place = () => {
    marks.clearLayers();
    const seen = map.getBounds().pad(0.2), cells = new Map(), zoom = map.getZoom();
    for (const pin of pins) {
      if (!seen.contains([pin[1], pin[2]]) || !isThen(pin[7])) continue;
      const point = map.project([pin[1], pin[2]]), size = zoom < APART ? CELL : 4;
      const key = `${Math.floor(point.x / size)} ${Math.floor(point.y / size)}`;
      if (cells.has(key)) cells.get(key).push(pin); else cells.set(key, [pin]);
    }
    for (const some of cells.values()) {
      if (some.length === 1) marks.addLayer(marker(some[0], some[0][5]));
      else if (zoom < APART || some.length > 12) marks.addLayer(ring(some));
      else fan(some).forEach(one => marks.addLayer(one));
    }
    const text = (name, kind, at) => L.marker(at, { interactive: false, keyboard: false, icon: L.divIcon({ html: Object.assign(document.createElement("span"), { textContent: name }), className: `maplabel maplabel-${kind}`, iconSize: [0, 0] }) });
    labels.clearLayers();
    /* A name stands where no other does, tried at each of its places; districts come first, then zones, then streets. */
    const taken = [], busy = [...cells.values()].map(some => map.project([some[0][1], some[0][2]]));
    const away = new Set(areas.filter(one => !one.opened.some(isThen)).map(one => one.label));
    for (const label of names) {
      const [kind, name, ...places] = label;
      if (away.has(label)) continue;
      if (kind === "street" && (zoom < NAMES_FROM || box.dataset.tiles)) continue;
      for (const [at, lift] of places) {
        if (!seen.contains(at)) continue;
        const point = map.project(at).add([0, lift]), wide = 2 + (kind === "district" ? 4.6 : 3.6) * name.length;
        if (taken.some(([x, y, half]) => Math.abs(x - point.x) < half + wide && Math.abs(y - point.y) < 18)) continue;
        if (kind === "zone" && busy.some(one => Math.abs(one.x - point.x) < wide + 12 && Math.abs(one.y - point.y) < 16)) continue;
        taken.push([point.x, point.y, wide]);
        labels.addLayer(text(name, kind, map.unproject(point)));
        break;
      }
    }
  };
  /* A zone is an area with its words; a click shows what is in it, as its link in the list does. */
  const zoned = ([key, words, shapes, here, opened]) => {
    const area = L.polygon(shapes.map(shape => [shape]), { className: here ? "zone on" : "zone", weight: 1.5, interactive: !here });
    area.on("click", () => { location.search = `?zone=${encodeURIComponent(key)}`; });
    /* Named above or below; a risk and the accident inside it on different sides. */
    const edge = area.getBounds(), middle = edge.getCenter().lng, sides = [[[edge.getNorth(), middle], -10], [[edge.getSouth(), middle], 10]];
    const label = ["zone", words.length > 44 ? `${words.slice(0, 43)}…` : words, ...(key.startsWith("risk") ? sides.reverse() : sides)];
    names.push(label);
    areas.push({ area, label, opened });
    zones.addLayer(area);
  };
  let asking = null;
  const build = async () => {
    asking?.abort();
    const zoom = map.getZoom();
    if (zoom < HOUSES_FROM || box.dataset.tiles) { houses.clearLayers(); return; }
    const b = map.getBounds().pad(0.1), mine = asking = new AbortController();
    const edges = [b.getSouth(), b.getWest(), b.getNorth(), b.getEast()].map(one => one.toFixed(5)).join(",");
    const told = await fetch(`${box.dataset.houses}?box=${edges}`, { signal: mine.signal }).then(answer => answer.ok ? answer.json() : null, () => null);
    if (!told || mine !== asking) return;
    houses.clearLayers();
    for (const { geometry, properties } of told.features) {
      const at = [geometry.coordinates[1], geometry.coordinates[0]];
      houses.addLayer(L.circleMarker(at, { radius: zoom < 17 ? 3 : 5, className: "m-bld", interactive: false, stroke: false, fillOpacity: 1 }));
      if (zoom >= 17.5) houses.addLayer(L.marker(at, { interactive: false, keyboard: false, icon: L.divIcon({ html: Object.assign(document.createElement("span"), { textContent: plain(properties.name) }), className: "maplabel maplabel-house", iconSize: [0, 0] }) }));
    }
  };

  /* ---- the list and the map know of each other ---- */
  const rows = () => [...document.querySelectorAll(".mrow")];
  const choose = number => {
    chosen = number;
    rows().forEach(row => {
      const here = Number(row.dataset.number) === number;
      if (here) { row.setAttribute("aria-current", "true"); row.scrollIntoView({ block: "nearest" }); } else row.removeAttribute("aria-current");
    });
    place();
  };
  const go = row => {
    const pin = pins.find(one => one[0] === Number(row.dataset.number));
    choose(Number(row.dataset.number));
    row.querySelector("a").focus({ preventScroll: true });
    if (pin) { map.setView([pin[1], pin[2]], Math.max(map.getZoom(), 16)); show(pin); } else if (popped) map.closePopup(popped);
  };
  document.querySelector(".mapside").addEventListener("click", event => {
    const row = event.target.closest(".mrow");
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const pin = pins.find(one => one[0] === Number(row.dataset.number));
    /* The first click shows it, the second opens it; what has no place opens at once. */
    if (pin && chosen !== pin[0]) { event.preventDefault(); go(row); }
  });
  document.addEventListener("click", event => {
    const what = event.target.closest("[data-map]")?.dataset.map;
    if (what === "in") map.zoomIn();
    if (what === "out") map.zoomOut();
    if (what === "home" && home) map.fitBounds(home);
  });
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, textarea, select") || localStorage.getItem("otklik-keys") === "off") return;
    const step = { KeyJ: 1, KeyK: -1 }[event.code], all = rows();
    if (!step || !all.length) return;
    event.preventDefault();
    const at = all.findIndex(row => row.getAttribute("aria-current") === "true");
    go(all[Math.max(0, Math.min(all.length - 1, at + step))]);
  });
  map.on("moveend", () => { place(); build(); });
  /* The strip of time plays: what was opened between these two times with the zones of that, or everything again. */
  document.addEventListener("otklik:during", event => {
    during = event.detail;
    areas.forEach(one => { if (one.opened.some(isThen) || !during) zones.addLayer(one.area); else zones.removeLayer(one.area); });
    place();
  });

  /* ---- loading ---- */
  const load = async address => {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };
  const area = () => {
    const points = [...pins.map(pin => [pin[1], pin[2]])];
    return points.length ? L.latLngBounds(points).pad(0.1) : null;
  };
  Promise.all([load(box.dataset.base), load(box.dataset.pins)]).then(([base, told]) => {
    pins = told.pins;
    const flip = ([lon, lat]) => [lat, lon];
    const kinds = kind => base.features.filter(one => one.properties.kind === kind);
    L.geoJSON({ type: "FeatureCollection", features: kinds("district") }, { interactive: false, style: { className: "m-district", weight: 1.5 } }).addTo(map);
    if (!box.dataset.tiles) {
      const lines = { type: "FeatureCollection", features: kinds("street").filter(one => one.geometry.type !== "Point") };
      L.geoJSON(lines, { interactive: false, style: { className: "m-road", weight: 4 } }).addTo(map);
    }
    const named = kind => kinds(kind).map(one => [kind, plain(one.properties.name), [flip(one.properties.label), 0]]);
    names = named("district");
    told.zones.filter(zone => zone[3] || !told.zones.some(one => one[3])).forEach(zoned);
    names.push(...named("street"));
    home = base.bbox ? L.latLngBounds([base.bbox[1], base.bbox[0]], [base.bbox[3], base.bbox[2]]) : area();
    if (told.zones.some(zone => zone[3])) map.fitBounds(zones.getBounds(), { maxZoom: 17, padding: [40, 60] }); else if (home) map.fitBounds(home);
    place();
    const asked = Number(new URLSearchParams(location.search).get("at")), pin = pins.find(one => one[0] === asked);
    if (pin) { map.setView([pin[1], pin[2]], 16); show(pin); }
  }).catch(() => {
    const note = document.createElement("p");
    note.className = "maplost";
    note.textContent = box.dataset.wordLost;
    box.append(note);
  });
})();
