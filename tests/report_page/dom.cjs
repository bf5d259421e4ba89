// As much of a browser as the script of report.html uses: a tree of elements read from the page, events, and canvases
// that record what is drawn. It is no layout engine: every element has the same place and size.
"use strict";

const kVoid = new Set(["meta", "link", "input", "br", "hr", "img"]);
const kRaw = new Set(["script", "style"]);
const kEntities = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", middot: "\u00b7", minus: "\u2212", ndash: "\u2013", plusmn: "\u00b1", nbsp: "\u00a0" };

function decode(text) {
  return text.replace(/&(#?\w+);/g, (all, name) => {
    if (name in kEntities) return kEntities[name];
    if (/^#\d+$/.test(name)) return String.fromCodePoint(+name.slice(1));
    throw new Error("unknown entity " + all);
  });
}

class Canvas {
  constructor() { this.calls = []; }
  get recorder() {
    const calls = this.calls;
    return new Proxy({}, {
      get: (target, name) => (name in target ? target[name] : (...values) => { calls.push([name, ...values]); }),
      set: (target, name, value) => { target[name] = value; return true; },
    });
  }
}

class Element {
  constructor(name) {
    this.tagName = name.toLowerCase();
    this.children = [];
    this.parent = null;
    this.attributes = {};
    this.listeners = {};
    this.text = ""; // of a leaf
    this.style = { setProperty(key, value) { this[key] = value; } };
    this.dataset = {};
    this.offsetWidth = 100;
    this.offsetHeight = 20;
  }

  setAttribute(name, value) {
    this.attributes[name] = String(value);
    if (name.startsWith("data-")) {
      this.dataset[name.slice(5).replace(/-(\w)/g, (all, letter) => letter.toUpperCase())] = String(value);
    }
  }
  getAttribute(name) { return name in this.attributes ? this.attributes[name] : null; }
  removeAttribute(name) { delete this.attributes[name]; }
  get id() { return this.attributes.id || ""; }
  get className() { return this.attributes.class || ""; }
  set className(value) { this.attributes.class = value; }
  get classList() { return { contains: (name) => this.className.split(/\s+/).includes(name) }; }
  get title() { return this.attributes.title || ""; }
  set title(value) { this.attributes.title = value; }

  appendChild(child) {
    if (child.parent) child.parent.children.splice(child.parent.children.indexOf(child), 1);
    child.parent = this;
    this.children.push(child);
    return child;
  }
  append(...children) { children.forEach((child) => this.appendChild(child)); }
  replaceChildren(...children) {
    this.children = [];
    this.text = "";
    this.append(...children);
  }
  get textContent() { return this.text + this.children.map((child) => child.textContent).join(""); }
  set textContent(value) {
    this.children = [];
    this.text = String(value);
  }

  // Of a form's elements, as a browser holds them: texts; a range clamps to its ends.
  get checked() { return this.isChecked ?? "checked" in this.attributes; }
  set checked(on) { this.isChecked = on; }
  get value() {
    if (this.tagName === "select") {
      const options = this.all().filter((e) => e.tagName === "option");
      return this.chosen ?? (options.length ? options[0].value : "");
    }
    return this.typed ?? this.attributes.value ?? (this.tagName === "option" ? this.textContent : "");
  }
  set value(value) {
    if (this.tagName === "select") this.chosen = String(value);
    else if (this.attributes.type === "range") {
      const [low, high] = [+(this.attributes.min || 0), +(this.attributes.max ?? 100)];
      this.typed = String(Math.min(Math.max(+value, low), high));
    } else this.typed = String(value);
  }
  get max() { return this.attributes.max; }
  set max(value) { this.setAttribute("max", value); }

  addEventListener(name, listener) { (this.listeners[name] ||= []).push(listener); }
  dispatch(name, event = {}) {
    for (const listener of this.listeners[name] || []) listener({ target: this, ...event });
  }
  getBoundingClientRect() { return { left: 0, top: 0, width: 400, height: 232 }; }
  getContext() { return (this.canvas ||= new Canvas()).recorder; }

  // Every element below this one, in the order of the page.
  all() { return this.children.flatMap((child) => [child, ...child.all()]); }
  withClass(name) { return this.all().filter((e) => e.classList.contains(name)); }
  withTag(name) { return this.all().filter((e) => e.tagName === name); }
  // Selectors of the form tag.class[attribute], each part optional.
  querySelectorAll(selector) {
    const parts = /^([\w-]*)((?:\.[\w-]+)*)(?:\[([\w-]+)\])?$/.exec(selector);
    if (!parts) throw new Error("the stub does not know the selector " + selector);
    const classes = parts[2].split(".").filter(Boolean);
    return this.all().filter((e) => (!parts[1] || e.tagName === parts[1]) &&
      classes.every((c) => e.classList.contains(c)) && (!parts[3] || parts[3] in e.attributes));
  }
  querySelector(selector) { return this.querySelectorAll(selector)[0] || null; }
}

// The tree of a page that is well formed, as ours is. Throws where it is not.
function parse(html) {
  const root = new Element("#document");
  let at = root;
  const tag = /<!doctype[^>]*>|<!--[\s\S]*?-->|<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*(\/?)>/gi;
  let end = 0;
  const addText = (text) => {
    if (!text) return;
    const leaf = new Element("#text");
    leaf.text = decode(text);
    at.appendChild(leaf);
  };
  for (let match = tag.exec(html); match; match = tag.exec(html)) {
    addText(html.slice(end, match.index));
    end = tag.lastIndex;
    const [, closing, name, attributes] = match;
    if (!name) continue;
    if (closing) {
      if (at.tagName !== name.toLowerCase()) throw new Error("</" + name + "> closes <" + at.tagName + ">");
      at = at.parent;
      continue;
    }
    const element = at.appendChild(new Element(name));
    for (const [, key, value] of attributes.matchAll(/([\w-]+)(?:="([^"]*)")?/g)) {
      element.setAttribute(key, decode(value || ""));
    }
    if (kVoid.has(element.tagName)) continue;
    if (kRaw.has(element.tagName)) {
      const close = html.indexOf("</" + element.tagName + ">", end);
      element.text = html.slice(end, close);
      end = tag.lastIndex = close + element.tagName.length + 3;
      continue;
    }
    at = element;
  }
  addText(html.slice(end));
  if (at !== root) throw new Error("<" + at.tagName + "> is not closed");
  return root;
}

// The global names of a browser, with the page as the document.
function browser(html) {
  const document = parse(html);
  document.documentElement = document.children.find((e) => e.tagName === "html");
  document.body = document.all().find((e) => e.tagName === "body");
  document.getElementById = (id) => document.all().find((e) => e.id === id) || null;
  document.createElement = (name) => new Element(name);
  document.createElementNS = (space, name) => new Element(name);
  const stored = new Map();
  const globals = {
    document,
    localStorage: { getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, String(value)) },
    matchMedia: () => ({ matches: false, addEventListener() {} }),
    getComputedStyle: () => ({ getPropertyValue: () => "#888888" }),
    innerWidth: 1280,
    innerHeight: 720,
    devicePixelRatio: 1,
    atob: (text) => Buffer.from(text, "base64").toString("latin1"),
    addEventListener() {},
    requestAnimationFrame: (callback) => { callback(0); return 0; },
    console,
  };
  globals.window = globals;
  return globals;
}

module.exports = { browser };
