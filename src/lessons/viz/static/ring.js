/**
 * The ring: draws who owns which part of a circle ("lessons-ring/1" documents), lets the reader add, remove and weigh
 * nodes and choose how many points each has, and lights what changes hands. It knows no rule of placement: points and
 * loads of every state come from the document, or from the kernel; an arc has the colour of the point at its end.
 *
 * A classic script without dependencies. It sets `globalThis.LessonRing` and, in a page, upgrades every
 * `figure[data-lesson-ring]`. It stands on the style of the player (player.css). Data from a document enters the page
 * as text and attribute values only, never as markup. The form is Prettier's, at 120 columns.
 */
(() => {
  "use strict";

  const FORMAT = "lessons-ring/1";
  const SVG = "http://www.w3.org/2000/svg";
  const TONES = 8; // colours in the palette of player.css
  const [SIZE, NOW, BEFORE, KEY, NAME] = [400, 150, 176, 124, 100]; // of the picture; radii of bands, keys, names
  const MOST_TICKS = 160; // more of them would hide the colours
  const NAMED = 0.06; // part of the circle that an arc must have to bear its name

  // ---------------------------------------------------------------- elements

  /** Set attributes ("on..." adds a listener; null and false leave one out) and append children. */
  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value === null || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? "" : String(value));
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  const html = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
  const tone = (node) => `lp-tone${node % TONES}`;
  const percent = (part) => `${(100 * part).toFixed(1)} %`;
  const grouped = (number) => number.toLocaleString("en-US");
  const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

  // ---------------------------------------------------------------- states

  const nameOf = (weights, vnodes) => `${weights.join(",")}/${vnodes}`;

  /** The owner of each place: an arc belongs to the point at its end, the last one goes on to the first. */
  function ownersOf(points, steps) {
    const all = points.flatMap((places, node) => places.map((place) => [place, node]));
    all.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
    const owners = new Int16Array(steps).fill(all[0][1]);
    let start = 0;
    for (const [place, node] of all) {
      owners.fill(node, start, place + 1);
      start = Math.max(start, place + 1);
    }
    return owners;
  }

  /** Stretches of places with the same value, those of `none` left out: [value, start, end]; one may go past the end. */
  function stretches(values, none) {
    const steps = values.length;
    const first = Math.max(0, values.findIndex((value, place) => value !== values[(place + steps - 1) % steps]));
    const found = [];
    let start = first;
    for (let place = first + 1; place <= first + steps; place += 1) {
      if (place < first + steps && values[place % steps] === values[start % steps]) continue;
      if (values[start % steps] !== none) found.push([values[start % steps], start, place]);
      start = place;
    }
    return found;
  }

  /** What differs between two states: the old owner of each place that changed hands, and how much that is. */
  function compare(before, after, nodes) {
    const steps = after.length;
    const lost = new Int16Array(steps).fill(-1);
    const [gains, from, to] = [new Float64Array(nodes), new Set(), new Set()];
    let moved = 0;
    after.forEach((owner, place) => {
      gains[owner] += 1;
      gains[before[place]] -= 1;
      if (owner === before[place]) return;
      moved += 1;
      lost[place] = before[place];
      from.add(before[place]);
      to.add(owner);
    });
    const least = gains.reduce((sum, gain) => sum + Math.max(0, gain), 0);
    return { lost, moved: moved / steps, least: least / steps, from: [...from], to: [...to] };
  }

  // ---------------------------------------------------------------- the circle

  const angle = (part) => 2 * Math.PI * part - Math.PI / 2;
  const at = (part, radius) =>
    [Math.cos(angle(part)), Math.sin(angle(part))].map((unit) => (SIZE / 2 + radius * unit).toFixed(1));

  /** A stretch of the circle as a path; a whole circle is two halves. */
  function arc(start, end, radius) {
    if (end - start > 0.999) return arc(start, start + 0.5, radius) + arc(start + 0.5, start + 0.998, radius);
    const large = end - start > 0.5 ? 1 : 0;
    return `M${at(start, radius)}A${radius} ${radius} 0 ${large} 1 ${at(end, radius)}`;
  }

  /** One path for all stretches of each node. */
  function band(pieces, steps, radius, css) {
    const paths = new Map();
    for (const [node, start, end] of pieces) {
      paths.set(node, (paths.get(node) ?? "") + arc(start / steps, end / steps, radius));
    }
    return [...paths].map(([node, d]) => svg("path", { class: `${css} ${tone(node)}`, "data-node": node, d }));
  }

  /** The picture of a state, and of what the last change moved. */
  class Circle {
    constructor(doc) {
      this.doc = doc;
      this.layers = svg("g", {});
      this.el = svg("svg", { class: "lr-circle", viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img" }, this.layers);
    }

    draw(state, change, picked) {
      const { steps, sample } = this.doc;
      const now = stretches(state.owners, null);
      const lit = change ? stretches(change.lost, -1) : [];
      const tick = (place) => `M${at((place + 0.5) / steps, NOW - 14)}L${at((place + 0.5) / steps, NOW + 14)}`;
      const all = state.points.flat();
      const ticks = all.length > MOST_TICKS ? [] : [all.map(tick).join("")];
      this.layers.replaceChildren(
        ...band(now, steps, NOW, "lr-now"),
        ...ticks.map((d) => svg("path", { class: "lr-point", d })),
        ...band(lit, steps, BEFORE, "lr-before"),
        ...sample.map((place) => this.key(place, state.owners[place], change?.lost[place] ?? -1)),
        ...now.filter(([, start, end]) => (end - start) / steps >= NAMED).map((piece) => this.name(...piece)),
        ...this.middle(change),
      );
      for (const path of this.layers.querySelectorAll("[data-node]")) {
        path.classList.toggle("lr-faint", picked !== null && Number(path.dataset.node) !== picked);
      }
      this.el.setAttribute("aria-label", this.words(state, change));
    }

    key(place, node, old) {
      const [cx, cy] = at((place + 0.5) / this.doc.steps, KEY);
      const css = `lr-key ${tone(node)}${old >= 0 ? " lr-moved" : ""}`;
      return svg("circle", { class: css, "data-node": node, cx, cy, r: old >= 0 ? 5.5 : 3.5 });
    }

    name(node, start, end) {
      const [x, y] = at((start + end) / 2 / this.doc.steps, NAME);
      return svg("text", { class: "lr-name", x, y, "text-anchor": "middle", dy: "0.35em" }, this.doc.nodes[node]);
    }

    middle(change) {
      const line = (y, css, words) => svg("text", { class: css, x: SIZE / 2, y, "text-anchor": "middle" }, words);
      if (!change) return [];
      return [
        line(SIZE / 2 + 2, "lr-number", percent(change.moved)),
        line(SIZE / 2 + 22, "lr-small", "has moved"),
        line(SIZE / 2 + 40, "lr-small", `least: ${percent(change.least)}`),
      ];
    }

    words(state, change) {
      const parts = this.doc.nodes.map((name, node) => [name, state.points[node].length]).filter(([, count]) => count);
      const points = parts.map(([name, count]) => `${name} ${plural(count, "point")}`).join(", ");
      return `A circle with ${points}.${change ? ` ${percent(change.moved)} of it has just changed hands.` : ""}`;
    }
  }

  // ---------------------------------------------------------------- one row for each node

  class Row {
    constructor(ring, node) {
      [this.ring, this.node, this.name] = [ring, node, ring.doc.nodes[node]];
      const step = (sign, by) => html("button", { class: "lr-step", type: "button", onclick: () => this.weigh(by) }, sign);
      this.less = step("−", -1);
      this.more = step("+", 1);
      this.pick = html("button", { class: "lr-pick", type: "button", onclick: () => ring.pick(node) }, this.name);
      this.weight = html("span", { class: "lr-weight" });
      this.fill = html("span", { class: `lr-fill ${tone(node)}` });
      this.old = html("span", { class: "lr-old", hidden: true });
      this.keys = html("span", { class: "lr-keys" });
      this.el = html(
        "li",
        { class: "lr-row" },
        html("span", { class: `lr-swatch ${tone(node)}`, "aria-hidden": "true" }),
        this.pick,
        html("span", { class: "lr-steps" }, this.less, this.weight, this.more),
        html("span", { class: "lr-bar", "aria-hidden": "true" }, this.fill, this.old),
        this.keys,
      );
    }

    weigh(by) {
      const { weights } = this.ring.doc;
      const place = weights.indexOf(this.ring.state.weights[this.node]) + by;
      this.ring.change((wish) => (wish.weights[this.node] = weights[place]));
    }

    show(state, before, most, picked) {
      const { weights } = this.ring.doc;
      const [weight, load] = [state.weights[this.node], state.loads[this.node]];
      const others = state.weights.some((other, node) => other && node !== this.node);
      const place = weights.indexOf(weight);
      this.el.classList.toggle("lr-out", !weight);
      this.weight.textContent = weight ? `weight ${weight}` : "not in";
      this.keys.textContent = weight ? `${grouped(load)} keys, ${state.relative[this.node].toFixed(2)} of its share` : "";
      this.fill.style.width = `${(100 * load) / most}%`;
      this.old.hidden = !before || !(weight || before.weights[this.node]);
      if (before) this.old.style.left = `${(100 * before.loads[this.node]) / most}%`;
      this.able(this.less, weight > 0 && (place > 1 || others), place > 1 ? "Less weight for" : "Remove");
      this.able(this.more, place < weights.length - 1, weight ? "More weight for" : "Add");
      this.pick.setAttribute("aria-pressed", String(picked === this.node));
      this.pick.setAttribute("aria-label", `Show ${this.name} alone`);
    }

    able(button, can, verb) {
      button.disabled = !can;
      button.setAttribute("aria-label", `${verb} ${this.name}`);
      button.title = `${verb} ${this.name}`;
    }
  }

  // ---------------------------------------------------------------- the whole

  class Ring {
    /** `ask(wish, answer)` gets the state that the document does not have; without it there is no other. */
    constructor(doc, ask) {
      [this.doc, this.ask, this.picked] = [check(doc), ask, null];
      this.circle = new Circle(doc);
      this.rows = doc.nodes.map((_, node) => new Row(this, node));
      this.slider = html("input", {
        class: "lr-slider", type: "range", min: 0, max: doc.vnodes.length - 1, step: 1,
        oninput: () => this.change((wish) => (wish.vnodes = doc.vnodes[Number(this.slider.value)])),
      });
      this.points = html("span", { class: "lr-vnodes" });
      this.line = html("p", { class: "lr-line", "aria-live": "polite" });
      this.root = html(
        "div",
        // In JupyterLab keys are the notebook's, before they come here and after: both must be told.
        { class: "lp lr", "data-lm-suppress-shortcuts": "true", onkeydown: (event) => event.stopPropagation() },
        html("p", { class: "lp-title lr-title" }, doc.title),
        html(
          "div",
          { class: "lr-stage" },
          html("div", { class: "lr-picture" }, this.circle.el, html("p", { class: "lr-legend" }, LEGEND)),
          html(
            "div",
            { class: "lr-panel" },
            html("label", { class: "lr-points" }, "Points of a node with weight 1: ", this.points, this.slider),
            html("ul", { class: "lr-rows", "aria-label": "Nodes" }, ...this.rows.map((row) => row.el)),
            html("button", { class: "lr-again", type: "button", onclick: () => this.begin() }, "Start again"),
          ),
        ),
        this.line,
      );
      this.begin();
    }

    begin() {
      this.picked = null;
      this.go({ weights: [...this.doc.start.weights], vnodes: this.doc.start.vnodes }, null);
    }

    pick(node) {
      this.picked = this.picked === node ? null : node;
      this.draw();
    }

    /** Ask for the state after a change of a copy of this one. */
    change(alter) {
      const wish = { weights: [...this.state.weights], vnodes: this.state.vnodes };
      alter(wish);
      if (nameOf(wish.weights, wish.vnodes) !== this.state.name) this.go(wish, this.state);
    }

    go(wish, before) {
      const name = nameOf(wish.weights, wish.vnodes);
      const loads = this.doc.loads[name];
      if (!loads) return this.ask?.(wish, (answer) => this.take(wish, name, answer, before));
      const points = wish.weights.map((weight, node) => this.doc.points[node].slice(0, this.count(weight, wish.vnodes)));
      this.take(wish, name, { points, loads }, before);
    }

    count(weight, vnodes) {
      return this.doc.counts[this.doc.weights.indexOf(weight)][this.doc.vnodes.indexOf(vnodes)];
    }

    take(wish, name, { points, loads }, before) {
      const total = wish.weights.reduce((sum, weight) => sum + weight, 0);
      const keys = loads.reduce((sum, load) => sum + load, 0);
      const relative = loads.map((load, node) => (load * total) / (keys * (wish.weights[node] || Infinity)));
      const owners = ownersOf(points, this.doc.steps);
      this.before = before;
      this.state = { ...wish, name, points, loads, relative, owners };
      this.moved = before ? compare(before.owners, owners, this.doc.nodes.length) : null;
      this.draw();
    }

    draw() {
      const { state, before, moved, picked } = this;
      const most = Math.max(...state.loads, ...(before?.loads ?? []));
      this.circle.draw(state, moved, picked);
      this.rows.forEach((row) => row.show(state, before, most, picked));
      this.slider.value = String(this.doc.vnodes.indexOf(state.vnodes));
      this.slider.setAttribute("aria-valuetext", plural(state.vnodes, "point"));
      this.points.textContent = String(state.vnodes);
      const said = [before ? this.changed() : "", before ? this.movement() : "", this.fullest()];
      this.line.textContent = said.filter(Boolean).join(" ");
    }

    changed() {
      const { state, before } = this;
      if (state.vnodes !== before.vnodes) return `Each node has ${plural(state.vnodes, "point")} a unit of weight now.`;
      const node = state.weights.findIndex((weight, at) => weight !== before.weights[at]);
      const [name, old, weight] = [this.doc.nodes[node], before.weights[node], state.weights[node]];
      if (!old) return `${name} joins.`;
      return weight ? `${name} has weight ${weight} now.` : `${name} leaves.`;
    }

    movement() {
      const { moved, least, from, to } = this.moved;
      const names = (nodes) => (nodes.length === 1 ? this.doc.nodes[nodes[0]] : plural(nodes.length, "node"));
      const way = moved ? `, from ${names(from)} to ${names(to)}` : "";
      return `${percent(moved)} of the circle changes hands${way}; at least ${percent(least)} must.`;
    }

    fullest() {
      const most = Math.max(...this.state.relative);
      return `The fullest node, ${this.doc.nodes[this.state.relative.indexOf(most)]}, has ${most.toFixed(2)} times its share.`;
    }
  }

  const LEGEND =
    "Band: who has the keys now, with a tick for each point, while they are few. Outer band: who had what has just moved. " +
    "Dots: some keys; those that moved are larger.";

  /** Refuse what cannot be drawn. */
  function check(doc) {
    if (doc?.format !== FORMAT) throw new Error(`its format is ${doc?.format}, not ${FORMAT}`);
    return doc;
  }

  // ---------------------------------------------------------------- start

  const problem = (error) => html("p", { class: "lp-problem" }, `This figure cannot be used: ${error.message}.`);

  /** Turn a figure into a ring to play with. If its document cannot be read, the picture stays and a line says why. */
  function mount(figure) {
    if (figure.dataset.lessonState) return null;
    const picture = figure.querySelector("img");
    try {
      const ring = new Ring(JSON.parse(figure.querySelector('script[type="application/json"]').textContent), null);
      picture.after(ring.root);
      picture.hidden = true;
      figure.dataset.lessonState = "playing";
      return ring;
    } catch (error) {
      figure.dataset.lessonState = "still";
      figure.append(problem(error));
      return null;
    }
  }

  /** anywidget's entry: the kernel answers for every state that the document does not have. */
  function render({ model, el }) {
    let [number, waiting] = [0, null];
    const ask = (wish, answer) => {
      number += 1;
      waiting = { number, answer };
      model.set("wish", { ...wish, number });
      model.save_changes();
    };
    const answered = () => {
      const state = model.get("state");
      if (state.number === waiting?.number) waiting.answer(state);
    };
    model.on("change:state", answered);
    try {
      const ring = new Ring(model.get("document"), ask);
      el.replaceChildren(ring.root, html("p", { class: "lp-figcaption" }, ring.doc.caption));
    } catch (error) {
      el.replaceChildren(problem(error));
    }
    return () => model.off("change:state", answered);
  }

  globalThis.LessonRing = { render, mount };

  const mountAll = () => document.querySelectorAll("figure[data-lesson-ring]").forEach((figure) => mount(figure));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mountAll);
  else mountAll();
})();
