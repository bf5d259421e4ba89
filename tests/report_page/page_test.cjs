// page_test.cjs REPORT: runs the script of a report over the sample workspace and uses the page as a person does.
// Prints what differs and exits with 1, or prints the number of checks.
"use strict";

const assert = require("node:assert/strict");
const fs = require("node:fs");
const vm = require("node:vm");
const { browser } = require("./dom.cjs");

process.on("uncaughtException", (error) => {
  console.log(error.stack);
  process.exit(1);
});

const html = fs.readFileSync(process.argv[2], "utf8");
const globals = browser(html);
const { document } = globals;
const scripts = document.withTag("script");
const data = JSON.parse(document.getElementById("data").textContent);
vm.runInNewContext(scripts.at(-1).textContent, globals, { filename: "page.js" });

let checks = 0;
function check(what, body) {
  try {
    body();
    ++checks;
  } catch (error) {
    console.log("Not so: " + what + ".");
    throw error;
  }
}

const byId = (id) => document.getElementById(id);
function input(id, change) {
  change(byId(id));
  byId(id).dispatch("input");
}
const charts = () => byId("charts").withClass("chart");
const svgOf = (chart) => chart.withTag("svg")[0];
const metricOf = (chart) => chart.withTag("h3")[0].title.split(":")[0]; // "lr: Learning rate of the student."
const chartOf = (metric) => charts().find((chart) => metricOf(chart) === metric);
const recorded = new Set([...data.groups, ...data.runs].flatMap((one) => Object.keys(one.curves)));
const groupsWith = (metric) => data.groups.filter((group) => group.curves[metric] && group.curves[metric].x.length);
const points = (path) => path.getAttribute("d").split(/[ML]/).slice(1)
  .map((pair) => pair.trim().split(" ").map(Number));

check("every recorded metric has one chart", () => {
  assert.ok(recorded.size > 5);
  assert.deepEqual(charts().map(metricOf).sort(), [...recorded].sort());
});

check("every chart has a title for people", () => {
  const titles = charts().map((chart) => chart.withTag("h3")[0].textContent);
  assert.equal(new Set(titles).size, titles.length);
  for (const title of titles) {
    assert.ok(title.length > 0);
    assert.ok(!/^(validation|structure)\./.test(title), title);
  }
});

check("every section has a title and charts, the loss comes first", () => {
  const titles = byId("charts").withClass("charts-title");
  const grids = byId("charts").withClass("grid");
  assert.ok(titles.length >= 4);
  assert.equal(titles.length, grids.length);
  for (const title of titles) assert.ok(title.textContent.length > 0);
  for (const grid of grids) assert.ok(grid.withClass("chart").length > 0);
  assert.equal(metricOf(charts()[0]), "loss");
});

check("a chart has one line per configuration, through every recorded point", () => {
  for (const metric of ["loss", "validation.loss"]) {
    const groups = groupsWith(metric);
    const lines = svgOf(chartOf(metric)).withClass("line");
    assert.equal(lines.length, groups.length);
    lines.forEach((line, i) => {
      const drawn = points(line);
      assert.equal(drawn.length, groups[i].curves[metric].x.length);
      for (const [x, y] of drawn) assert.ok(x >= 0 && x <= 400 && y >= 0 && y <= 232, metric + " at " + [x, y]);
    });
  }
});

check("higher values are drawn higher", () => {
  const metric = "validation.loss";
  const { y } = groupsWith(metric)[0].curves[metric];
  const drawn = points(svgOf(chartOf(metric)).withClass("line")[0]).map((point) => point[1]);
  const [low, high] = [y.indexOf(Math.min(...y)), y.indexOf(Math.max(...y))];
  assert.ok(drawn[high] < drawn[low]);
});

check("means over seeds have bands", () => {
  const several = groupsWith("validation.loss").filter((group) => group.seeds > 1);
  assert.ok(several.length > 0);
  assert.equal(svgOf(chartOf("validation.loss")).withClass("band").length, several.length);
});

check("a value that is no number is marked", () => {
  const marks = svgOf(chartOf("grad_norm")).withClass("nan");
  const notNumbers = [...data.groups, ...data.runs].flatMap((one) => one.curves.grad_norm?.y || [])
    .filter((value) => typeof value === "string");
  assert.ok(notNumbers.length > 0);
  assert.equal(marks.length, notNumbers.length);
  for (const mark of marks) assert.match(mark.textContent, /NaN at step \d+/);
});

check("the legend hides a configuration and shows it again", () => {
  const buttons = byId("legend").withTag("button");
  assert.equal(buttons.length, data.groups.length);
  const lines = () => svgOf(chartOf("loss")).withClass("line").length;
  const before = lines();
  buttons[0].dispatch("click");
  assert.equal(buttons[0].getAttribute("aria-pressed"), "false");
  assert.equal(lines(), before - 1);
  buttons[0].dispatch("click");
  assert.equal(lines(), before);
});

check("smoothing keeps the recorded line behind the smooth one", () => {
  input("smooth", (slider) => { slider.value = 0.9; });
  assert.equal(svgOf(chartOf("loss")).withClass("ghost").length, groupsWith("loss").length);
  input("smooth", (slider) => { slider.value = 0; });
  assert.equal(svgOf(chartOf("loss")).withClass("ghost").length, 0);
});

check("shares are read in per cent", () => {
  const chart = chartOf("validation.rouge_l");
  assert.match(chart.withTag("h3")[0].textContent, /, %$/);
  const numbers = svgOf(chart).withTag("text").map((text) => Number(text.textContent)).filter((n) => !isNaN(n));
  assert.ok(numbers.length > 4);
  for (const n of numbers) assert.ok(n === 0 || n >= 1, "a share stands on an axis: " + n);
  for (const y of groupsWith("validation.rouge_l")[0].curves["validation.rouge_l"].y) assert.ok(y < 1);
});

check("a log axis is drawn and named", () => {
  const before = svgOf(chartOf("loss")).withClass("line")[0].getAttribute("d");
  input("log", (box) => { box.checked = true; });
  assert.match(chartOf("loss").withTag("small")[0].textContent, /log/);
  assert.notEqual(svgOf(chartOf("loss")).withClass("line")[0].getAttribute("d"), before);
  input("log", (box) => { box.checked = false; });
  assert.equal(svgOf(chartOf("loss")).withClass("line")[0].getAttribute("d"), before);
});

check("single seeds are drawn where asked for", () => {
  const singles = data.runs.filter((run) => run.curves.loss).length;
  assert.ok(singles > 0);
  input("seeds", (box) => { box.checked = true; });
  assert.equal(svgOf(chartOf("loss")).withClass("single").length, singles);
  input("seeds", (box) => { box.checked = false; });
  assert.equal(svgOf(chartOf("loss")).withClass("single").length, 0);
});

check("pointing at a chart lists the value of every configuration", () => {
  svgOf(chartOf("loss")).dispatch("pointermove", { clientX: 200, clientY: 100 });
  assert.equal(byId("tip").style.display, "block");
  for (const group of groupsWith("loss")) assert.ok(byId("tip").textContent.includes(group.label));
  svgOf(chartOf("loss")).dispatch("pointerleave");
  assert.equal(byId("tip").style.display, "none");
});

const withMaps = data.runs.filter((run) => run.maps.length);
const canvas = byId("map-canvas");
const cells = () => canvas.canvas.calls.filter((call) => call[0] === "fillRect").length;
check("the newest attention map of the first run is drawn", () => {
  assert.ok(withMaps.length > 0);
  assert.equal(byId("map-run").withTag("option").length, withMaps.length);
  const map = withMaps[0].maps.at(-1);
  canvas.canvas.calls.length = 0;
  byId("theme").dispatch("click"); // draws again
  assert.equal(cells(), map.rows.length * map.columns.length);
  assert.equal(byId("map-step-value").textContent, String(Math.max(...withMaps[0].maps.map((m) => m.step))));
});

check("the slider goes to earlier maps and another run has its own", () => {
  input("map-step", (slider) => { slider.value = 0; });
  assert.equal(byId("map-step-value").textContent, String(Math.min(...withMaps[0].maps.map((m) => m.step))));
  byId("map-run").value = byId("map-run").withTag("option").at(-1).value;
  byId("map-run").dispatch("change");
  assert.equal(byId("map-step-value").textContent, String(Math.max(...withMaps.at(-1).maps.map((m) => m.step))));
});

check("pointing at a cell names its tokens and its weight", () => {
  const { left, top, cell } = canvas.geometry;
  canvas.dispatch("pointermove", { clientX: left + 1.5 * cell, clientY: top + 2.5 * cell });
  const map = withMaps.at(-1).maps.at(-1);
  assert.equal(byId("tip").style.display, "block");
  const firstWord = (token) => token.trim().split(" ")[0]; // blanks are shown as signs
  assert.ok(byId("tip").textContent.includes(firstWord(map.columns[1])));
  assert.ok(byId("tip").textContent.includes(firstWord(map.rows[2])));
  const values = Buffer.from(map.data, "base64");
  const level = values.readUInt16LE(2 * (2 * map.columns.length + 1));
  const weight = map.low + (level / 65534) * (map.high - map.low);
  assert.ok(Math.abs(+byId("tip").withTag("b").at(-1).textContent - weight) < 1e-3 * Math.max(weight, 1e-3));
});

check("the theme changes", () => {
  const before = document.documentElement.dataset.theme;
  byId("theme").dispatch("click");
  assert.notEqual(document.documentElement.dataset.theme, before);
  assert.equal(globals.localStorage.getItem("dskd-theme"), document.documentElement.dataset.theme);
});

console.log(checks + " checks passed");
