"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  const tip = byId("tip");
  const colour = (group) => "var(--run" + (group % 10) + ")";
  const dash = (group) => (group < 10 ? "none" : "5 3");

  // ---- theme

  function setTheme(name, remember) {
    root.dataset.theme = name;
    byId("theme").textContent = name === "dark" ? "Light" : "Dark";
    if (remember) {
      try { localStorage.setItem("dskd-theme", name); } catch (e) { /* a file may not store anything */ }
    }
  }
  let stored = null;
  try { stored = localStorage.getItem("dskd-theme"); } catch (e) { /* as above */ }
  setTheme(stored || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"), false);
  byId("theme").addEventListener("click", () => {
    setTheme(root.dataset.theme === "dark" ? "light" : "dark", true);
    drawMap();
  });
  for (const swatch of document.querySelectorAll(".swatch[data-group]")) {
    swatch.style.background = colour(+swatch.dataset.group);
  }

  // ---- numbers

  function number(value, digits = 4) {
    if (typeof value === "string") return value;
    if (value === 0) return "0";
    const exponent = Math.floor(Math.log10(Math.abs(value)));
    if (exponent < -4 || exponent >= 7) return value.toExponential(digits - 1);
    return value.toFixed(Math.max(0, digits - 1 - exponent));
  }
  function axisNumber(value) {
    return value === 0 ? "0" : Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3
      ? value.toExponential(0).replace("e+", "e") : String(+value.toPrecision(6));
  }
  function thousands(value) { return String(value).replace(/\B(?=(\d{3})+$)/g, ","); }

  // Where lines of a linear axis go: about `count` round values inside [low, high].
  function ticks(low, high, count) {
    const raw = (high - low) / count;
    const power = Math.pow(10, Math.floor(Math.log10(raw)));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
    const result = [];
    for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-6; v += step) {
      result.push(Math.abs(v) < step * 1e-6 ? 0 : v);
    }
    return result;
  }
  function logTicks(low, high) {
    const result = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); ++e) {
      for (const m of [1, 2, 5]) {
        const v = m * Math.pow(10, e);
        if (v >= low * 0.999 && v <= high * 1.001) result.push(v);
      }
    }
    return result.length > 7 ? result.filter((v) => /^1/.test(v.toExponential())) : result;
  }

  // Exponential mean that forgets by distance in steps, so uneven spacing does not change its reach. Curves of few
  // points, such as validations, stay as they are.
  const kFewPoints = 40;
  function smoothed(curve, weight) {
    if (weight === 0 || curve.x.length <= kFewPoints) return curve.y;
    const spacing = (curve.x[curve.x.length - 1] - curve.x[0]) / Math.min(curve.n - 1, 300) || 1;
    let mean = null;
    let last = 0;
    return curve.y.map((y, i) => {
      if (typeof y === "string") return y;
      if (mean === null) mean = y;
      else {
        const keep = Math.pow(weight, (curve.x[i] - last) / spacing);
        mean = keep * mean + (1 - keep) * y;
      }
      last = curve.x[i];
      return mean;
    });
  }

  // ---- charts

  const W = 400, H = 232, LEFT = 52, RIGHT = 12, TOP = 8, BOTTOM = 36;
  const hidden = new Set();
  const charts = [];

  function element(name, attributes, parent) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    if (parent) parent.appendChild(node);
    return node;
  }
  function html(name, className, text, parent) {
    const node = document.createElement(name);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  }

  function makeCharts() {
    for (const section of data.sections) {
      html("p", "charts-title", section.title, byId("charts"));
      const grid = html("div", "grid", undefined, byId("charts"));
      for (const metric of section.metrics) charts.push(makeChart(metric, grid));
    }
  }

  function makeChart(metric, grid) {
    const box = html("div", "card chart", undefined, grid);
    const head = html("header", "", undefined, box);
    const title = metric.title + (metric.unit ? ", " + metric.unit : "");
    html("h3", "", title, head).title = metric.name + (metric.sentence ? ": " + metric.sentence : "");
    const state = html("small", "", "", head);
    const svg = element("svg", { viewBox: "0 0 " + W + " " + H, role: "img", "aria-label": title }, box);
    const chart = { name: metric.name, factor: metric.factor, measured: metric.measured, svg, state,
      foot: html("p", "foot", "", box), x: null, y: null, series: [] };
    svg.addEventListener("pointermove", (event) => hover(chart, event));
    svg.addEventListener("pointerleave", () => { tip.style.display = "none"; cross(null); });
    return chart;
  }

  // The curves of a chart: one per configuration, and single seeds where asked for.
  function seriesOf(name, weight, singles) {
    const list = [];
    data.groups.forEach((group, g) => {
      const curve = group.curves[name];
      if (hidden.has(g)) return;
      if (curve && curve.x.length) {
        list.push({ group: g, label: group.label, curve, y: smoothed(curve, weight), seeds: group.seeds });
      }
      for (const r of group.runs) {
        const single = data.runs[r].curves[name];
        if (!single) continue;
        list.push({ group: g, label: data.runs[r].label, curve: single, y: smoothed(single, weight), single: true,
          shown: singles || !curve || !curve.x.length });
      }
    });
    return list;
  }

  function draw(chart) {
    const wanted = +byId("smooth").value;
    const log = byId("log").checked;
    const series = seriesOf(chart.name, wanted, byId("seeds").checked);
    const weight = series.some((s) => s.curve.x.length > kFewPoints) ? wanted : 0;
    chart.series = series.filter((s) => !s.single || s.shown);
    const svg = chart.svg;
    svg.replaceChildren();
    let lowX = Infinity, highX = -Infinity, lowY = Infinity, highY = -Infinity, dropped = 0;
    for (const s of chart.series) {
      s.curve.x.forEach((x, i) => {
        lowX = Math.min(lowX, x);
        highX = Math.max(highX, x);
        const d = s.curve.d && !log ? s.curve.d[i] : 0;
        for (const y of weight ? [s.curve.y[i], s.y[i]] : [s.y[i] - d, s.y[i] + d]) {
          if (typeof s.y[i] === "string" || !isFinite(y)) continue;
          if (log && y <= 0) { ++dropped; continue; }
          lowY = Math.min(lowY, y);
          highY = Math.max(highY, y);
        }
      });
    }
    chart.x = chart.y = null;
    if (lowY === Infinity) {
      element("text", { x: W / 2, y: H / 2, "text-anchor": "middle" }, svg).textContent =
        chart.series.length ? "no positive value to show on a log axis" : "no curve is selected";
      if (lowX === Infinity) return;
      lowY = log ? 0.1 : 0;
      highY = 1;
    }
    if (highY === lowY) {
      const room = log ? 0 : Math.abs(highY) * 0.05 || 0.5;
      lowY = log ? lowY / 1.5 : lowY - room;
      highY = log ? highY * 1.5 : highY + room;
    } else if (!log) {
      const room = (highY - lowY) * 0.05;
      lowY = lowY >= 0 && lowY < room * 4 ? 0 : lowY - room;
      highY += room;
    }
    const spanX = highX - lowX || 1;
    const at = log ? Math.log : (v) => v;
    chart.x = (v) => LEFT + ((v - lowX) / spanX) * (W - LEFT - RIGHT);
    chart.stepAt = (px) => lowX + ((px - LEFT) / (W - LEFT - RIGHT)) * spanX;
    chart.y = (v) => TOP + (1 - (at(v) - at(lowY)) / (at(highY) - at(lowY))) * (H - TOP - BOTTOM);

    const low = lowY * chart.factor, high = highY * chart.factor; // as people read them
    for (const v of log ? logTicks(low, high) : ticks(low, high, 4)) {
      const y = chart.y(v / chart.factor);
      element("line", { class: "grid-line", x1: LEFT, x2: W - RIGHT, y1: y, y2: y }, svg);
      element("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, svg).textContent = axisNumber(v);
    }
    for (const v of ticks(lowX, highX === lowX ? lowX + 1 : highX, 5)) {
      if (v > highX || v !== Math.round(v)) continue;
      element("text", { x: chart.x(v), y: H - BOTTOM + 15, "text-anchor": "middle" }, svg).textContent = axisNumber(v);
    }
    element("text", { x: (LEFT + W - RIGHT) / 2, y: H - 4, "text-anchor": "middle" }, svg).textContent = "step";
    for (const s of series) {
      if (s.single && !s.shown) { marks(chart, s, lowY, log, svg); continue; }
      if (!s.single && s.curve.d && !weight) band(chart, s, lowY, log, svg);
      if (weight && !s.single) path(chart, s.curve.x, s.curve.y, "ghost", s.group, log, svg);
      path(chart, s.curve.x, s.y, s.single ? "single" : "line", s.group, log, svg);
      marks(chart, s, lowY, log, svg);
    }
    chart.cross = element("line", { class: "cross", x1: 0, x2: 0, y1: TOP, y2: H - BOTTOM, visibility: "hidden" }, svg);
    labels(chart, weight, log, dropped);
  }

  function labels(chart, weight, log, dropped) {
    const seeds = Math.max(1, ...chart.series.map((s) => s.seeds || 1));
    const thinned = chart.series.filter((s) => s.curve.x.length < s.curve.n);
    chart.state.textContent = [seeds > 1 ? "mean of " + seeds + " seeds ± std where all have the step" : "",
      weight ? "EMA " + weight : "", log ? "log" : ""].filter(Boolean).join(" · ");
    chart.foot.textContent = [
      thinned.length ? thousands(Math.max(...thinned.map((s) => s.curve.x.length))) + " of " +
        thousands(Math.max(...thinned.map((s) => s.curve.n))) + " points drawn; extremes kept" : "",
      dropped ? dropped + " values ≤ 0 are not on the log axis" : ""].filter(Boolean).join(" · ");
  }

  const drawable = (y, log) => typeof y === "number" && (!log || y > 0);

  function path(chart, xs, ys, className, group, log, svg) {
    let d = "";
    let pen = false;
    let drawn = 0;
    xs.forEach((x, i) => {
      if (!drawable(ys[i], log)) { pen = false; return; }
      d += (pen ? "L" : "M") + chart.x(x).toFixed(1) + " " + chart.y(ys[i]).toFixed(1);
      pen = true;
      ++drawn;
    });
    element("path", { class: className, d, style: "stroke:" + colour(group) + ";stroke-dasharray:" + dash(group) }, svg);
    const measured = chart.measured && drawn <= 200; // now and then: the points are the data
    if (drawn > 0 && (drawn <= 12 || measured) && className === "line") {
      xs.forEach((x, i) => {
        if (drawable(ys[i], log)) {
          element("circle", { cx: chart.x(x), cy: chart.y(ys[i]), r: 2.4, style: "fill:" + colour(group) }, svg);
        }
      });
    }
  }

  function band(chart, s, lowY, log, svg) {
    const top = [], bottom = [];
    s.curve.x.forEach((x, i) => {
      const y = s.curve.y[i], d = s.curve.d[i];
      if (!drawable(y, log) || typeof d !== "number") return;
      top.push(chart.x(x).toFixed(1) + " " + chart.y(y + d).toFixed(1));
      bottom.push(chart.x(x).toFixed(1) + " " + chart.y(log ? Math.max(y - d, lowY) : y - d).toFixed(1));
    });
    if (top.length < 2) return;
    element("path", { class: "band", d: "M" + top.concat(bottom.reverse()).join("L") + "Z",
      style: "fill:" + colour(s.group) }, svg);
  }

  // A triangle at the bottom for every value that is not a number or infinite.
  function marks(chart, s, lowY, log, svg) {
    s.curve.y.forEach((y, i) => {
      if (typeof y !== "string") return;
      const x = chart.x(s.curve.x[i]), bottom = H - BOTTOM;
      const mark = element("path", { class: "nan", d: "M" + (x - 5) + " " + bottom + "h10l-5 -9z",
        style: "fill:" + colour(s.group) }, svg);
      element("title", {}, mark).textContent = s.label + ": " + y + " at step " + s.curve.x[i];
    });
  }

  function cross(step) {
    for (const chart of charts) {
      if (!chart.cross) continue;
      const inside = step !== null && chart.x && chart.x(step) >= LEFT - 1 && chart.x(step) <= W - RIGHT + 1;
      chart.cross.setAttribute("visibility", inside ? "visible" : "hidden");
      if (inside) {
        chart.cross.setAttribute("x1", chart.x(step));
        chart.cross.setAttribute("x2", chart.x(step));
      }
    }
  }

  function nearest(xs, step) {
    let low = 0, high = xs.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (xs[middle] < step) low = middle; else high = middle;
    }
    return step - xs[low] < xs[high] - step ? low : high;
  }

  function hover(chart, event) {
    if (!chart.x) return;
    const area = chart.svg.getBoundingClientRect();
    const wanted = chart.stepAt(((event.clientX - area.left) / area.width) * W);
    const lines = chart.series.filter((s) => s.curve.x.length).map((s) => ({ s, i: nearest(s.curve.x, wanted) }));
    if (!lines.length) return;
    const step = lines.map(({ s, i }) => s.curve.x[i])
      .reduce((a, b) => (Math.abs(a - wanted) <= Math.abs(b - wanted) ? a : b));
    cross(step);
    tip.replaceChildren();
    html("div", "muted", "step " + thousands(step), tip);
    for (const { s, i } of lines) {
      const row = html("div", "", undefined, tip);
      html("i", "swatch", undefined, row).style.background = colour(s.group);
      const other = s.curve.x[i] !== step ? " (step " + thousands(s.curve.x[i]) + ")" : "";
      html("span", "", s.label + other, row);
      const spread = s.curve.d && s.curve.d[i] ? " ± " + number(s.curve.d[i] * chart.factor, 2) : "";
      const value = s.curve.y[i];
      html("b", "", number(typeof value === "string" ? value : value * chart.factor, 6) + spread, row);
    }
    place(event);
  }

  function place(event) {
    tip.style.display = "block";
    const left = event.clientX + 16 + tip.offsetWidth > innerWidth ? event.clientX - tip.offsetWidth - 12 : event.clientX + 16;
    tip.style.left = Math.max(4, left) + "px";
    tip.style.top = Math.min(event.clientY + 12, innerHeight - tip.offsetHeight - 8) + "px";
  }

  function drawAll() {
    const weight = +byId("smooth").value;
    byId("smooth-value").textContent = weight ? weight.toFixed(2) : "off";
    charts.forEach(draw);
  }

  function makeLegend() {
    data.groups.forEach((group, g) => {
      const button = html("button", "", undefined, byId("legend"));
      button.type = "button";
      button.setAttribute("aria-pressed", "true");
      html("i", "swatch", undefined, button).style.background = colour(g);
      const seeds = (group.seeds < group.runs.length ? group.seeds + " of " : "") + group.runs.length + " seeds";
      html("span", "", group.label + (group.runs.length > 1 ? " (" + seeds + ")" : ""), button);
      button.addEventListener("click", () => {
        if (!hidden.delete(g)) hidden.add(g);
        button.setAttribute("aria-pressed", String(!hidden.has(g)));
        drawAll();
      });
    });
    byId("seeds-label").hidden = data.groups.every((group) => group.runs.length < 2);
  }

  // ---- attention maps

  const kViridis = ["440154", "481a6c", "472f7d", "414487", "39568c", "31688e", "2a788e", "23888e", "1f988b", "22a884",
    "35b779", "54c568", "7ad151", "a5db36", "d2e21b", "fde725"]
    .map((hex) => [0, 2, 4].map((i) => parseInt(hex.substr(i, 2), 16)));
  function viridis(t) {
    const p = Math.min(Math.max(t, 0), 1) * (kViridis.length - 1);
    const i = Math.min(Math.floor(p), kViridis.length - 2);
    return kViridis[i].map((c, k) => Math.round(c + (kViridis[i + 1][k] - c) * (p - i)));
  }

  let view = null;

  function levels(map) {
    if (!map.levels) {
      const bytes = atob(map.data);
      map.levels = new Uint16Array(bytes.length / 2);
      for (let i = 0; i < map.levels.length; ++i) {
        map.levels[i] = bytes.charCodeAt(2 * i) | (bytes.charCodeAt(2 * i + 1) << 8);
      }
    }
    return map.levels;
  }
  function valueAt(map, index) {
    const level = levels(map)[index];
    return level === 65535 ? "not finite" : map.low + (level / 65534) * (map.high - map.low);
  }

  function fill(select, options) {
    const before = select.value;
    select.replaceChildren();
    for (const [value, text] of options) {
      const option = html("option", "", text, select);
      option.value = value;
    }
    if (options.some(([value]) => String(value) === before)) select.value = before;
  }

  function chooseMap(level) {
    const run = data.runs[+byId("map-run").value];
    if (level < 1) fill(byId("map-name"), [...new Set(run.maps.map((m) => m.name))].map((n) => [n, mapTitle(n)]));
    const named = run.maps.filter((m) => m.name === byId("map-name").value);
    if (level < 2) fill(byId("map-sample"), [...new Set(named.map((m) => m.sample))].map((s) => [s, String(s)]));
    const steps = named.filter((m) => String(m.sample) === byId("map-sample").value).sort((a, b) => a.step - b.step);
    const slider = byId("map-step");
    if (level < 3) {
      slider.max = steps.length - 1;
      slider.value = steps.length - 1;
    }
    view = steps[+slider.value];
    byId("map-step-value").textContent = view ? thousands(view.step) : "";
    byId("map-note").textContent = "Rows attend to columns. " + (view ? cutNote(view) : "") +
      (run.thinned ? "Not every recorded step is in this report. " : "") + "Hover for the value.";
    drawMap();
  }
  // A run records the first tokens of a long sample (log.map_tokens).
  function cutNote(map) {
    const cut = [["rows", 0], ["columns", 1]].filter(([side, i]) => map.whole && map[side].length < map.whole[i]);
    return cut.map(([side, i]) => "The first " + map[side].length + " of " + map.whole[i] + " " + side + ". ").join("");
  }
  function mapTitle(name) {
    return { "cma.t2s": "teacher to student", "cma.s2t": "student to teacher" }[name] || name;
  }
  function visible(token) { return token.replace(/\n/g, "⏎").replace(/\t/g, "⇥").replace(/ /g, "␣") || "∅"; }

  function drawMap() {
    const canvas = byId("map-canvas");
    if (!canvas || !view) return;
    const rows = view.rows.length, columns = view.columns.length;
    const cell = Math.max(3, Math.min(20, Math.floor(900 / columns), Math.floor(760 / rows)));
    const labels = cell >= 9;
    const left = labels ? 110 : 8, top = labels ? 96 : 8;
    const width = left + columns * cell + (labels ? 52 : 8), height = top + rows * cell + 8;
    const scale = window.devicePixelRatio || 1;
    canvas.width = width * scale;
    canvas.height = height * scale;
    canvas.style.width = width + "px";
    canvas.style.height = height + "px";
    const g = canvas.getContext("2d");
    g.scale(scale, scale);
    const style = getComputedStyle(root);
    for (let r = 0; r < rows; ++r) {
      for (let c = 0; c < columns; ++c) {
        const value = valueAt(view, r * columns + c);
        g.fillStyle = typeof value === "string" ? style.getPropertyValue("--bad")
          : "rgb(" + viridis((value - view.low) / (view.high - view.low)).join(",") + ")";
        g.fillRect(left + c * cell, top + r * cell, cell, cell);
      }
    }
    if (labels) {
      g.fillStyle = style.getPropertyValue("--muted");
      g.font = "11px ui-monospace, 'DejaVu Sans Mono', monospace";
      g.textBaseline = "middle";
      const cut = (text) => (text.length > 13 ? text.slice(0, 12) + "…" : text);
      g.textAlign = "right";
      view.rows.forEach((token, r) => g.fillText(cut(visible(token)), left - 6, top + (r + 0.5) * cell));
      g.textAlign = "left";
      view.columns.forEach((token, c) => {
        g.save();
        g.translate(left + (c + 0.5) * cell, top - 6);
        g.rotate(-Math.PI / 3);
        g.fillText(cut(visible(token)), 0, 0);
        g.restore();
      });
    }
    canvas.geometry = { left, top, cell, rows, columns };
    drawBar(style);
  }

  function drawBar(style) {
    const bar = byId("map-bar");
    const scale = window.devicePixelRatio || 1;
    bar.width = 70 * scale;
    bar.height = 220 * scale;
    bar.style.width = "70px";
    bar.style.height = "220px";
    const g = bar.getContext("2d");
    g.scale(scale, scale);
    for (let y = 0; y < 200; ++y) {
      g.fillStyle = "rgb(" + viridis(1 - y / 199).join(",") + ")";
      g.fillRect(0, 10 + y, 12, 1);
    }
    g.fillStyle = style.getPropertyValue("--muted");
    g.font = "11px system-ui, sans-serif";
    g.textBaseline = "middle";
    for (const t of [0, 0.5, 1]) g.fillText(number(view.low + t * (view.high - view.low), 3), 18, 10 + (1 - t) * 200);
  }

  function hoverMap(event) {
    const canvas = byId("map-canvas");
    const area = canvas.getBoundingClientRect();
    const { left, top, cell, rows, columns } = canvas.geometry;
    const c = Math.floor((event.clientX - area.left - left) / cell);
    const r = Math.floor((event.clientY - area.top - top) / cell);
    if (r < 0 || c < 0 || r >= rows || c >= columns) { tip.style.display = "none"; return; }
    tip.replaceChildren();
    const [from, to] = view.name.endsWith("s2t") ? ["teacher", "student"] : ["student", "teacher"];
    for (const [what, token, i] of [[from, view.rows[r], r], [to, view.columns[c], c]]) {
      const row = html("div", "", undefined, tip);
      html("span", "muted", what + " " + i, row);
      html("b", "", visible(token), row);
    }
    const row = html("div", "", undefined, tip);
    html("span", "muted", "weight", row);
    html("b", "", number(valueAt(view, r * columns + c), 4), row);
    place(event);
  }

  function makeMaps() {
    if (!byId("attention")) return;
    fill(byId("map-run"), data.runs.map((run, i) => [i, run.label]).filter(([i]) => data.runs[i].maps.length));
    ["map-run", "map-name", "map-sample"].forEach((id, level) =>
      byId(id).addEventListener("change", () => chooseMap(level)));
    byId("map-step").addEventListener("input", () => chooseMap(3));
    byId("map-canvas").addEventListener("pointermove", hoverMap);
    byId("map-canvas").addEventListener("pointerleave", () => { tip.style.display = "none"; });
    chooseMap(0);
  }

  makeLegend();
  makeCharts();
  for (const id of ["smooth", "log", "seeds"]) byId(id).addEventListener("input", drawAll);
  drawAll();
  makeMaps();
})();
