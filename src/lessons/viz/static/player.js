/**
 * The player: draws recorded runs ("lessons-player/1" documents) as a cluster, replicated logs, space-time lanes, a
 * table of watched fields and a transcript, and moves through them. It knows no protocol: all it shows is in the document.
 *
 * A classic script without dependencies. It sets `globalThis.LessonPlayer` and, in a page, upgrades every
 * `figure[data-lesson]`. Data from a document enters the page as text and attribute values only, never as markup.
 *
 * In this file, in this order: elements, document (refused when it can't be drawn), recorded run, state, timeline;
 * the panels cluster, logs, lanes, table, events and the inspector; stage (one run on show), controls, questions, saving,
 * player, start. A panel is a class with `el`, `show(view)` for an event and, where it moves, `draw(seconds)` for a
 * frame and `resize(width)`. The form is Prettier's, at 120 columns.
 */
(() => {
  "use strict";

  const VERSION = "1.0.0";
  const FORMAT = "lessons-player/1";
  const SPEEDS = [0.25, 0.5, 1, 2, 4, 8];
  const TONES = 8; // colours in the palette of player.css
  const MESSAGE_TONES = [0, 4, 2, 3, 5, 6, 7]; // by message type; vermillion stands for what went wrong
  const ARRIVAL_GLOW = 0.35; // seconds of playback that an arrived message stays in the picture
  const DROP_GLOW = 1.2; // the same for a lost one, so that the cross can be seen
  const STEP_TWEEN = 280; // milliseconds in which one step moves the messages
  const FRESH = 4; // events for which a change stays marked in the table
  const NARROW = 560; // pixels; below it lanes run downwards
  const MOST_LIGHTS = 3; // of invariants, on a narrow player, that are not folded into one
  const MOST_NAMED = 24; // messages in flight of which each may bear its name
  const NAME_FONT = "600 13px";
  const RADIAL_FONT = "500 11px";
  const BADGE_FONT = "600 11px";
  const CAPTION_FONT = "500 11px";
  const CELL_FONT = "650 12px";
  const SMALL_CELL_FONT = "650 11px";

  // ---------------------------------------------------------------- elements

  const SVG = "http://www.w3.org/2000/svg";
  const ICONS = {
    play: "M7 4.5v15l12.5-7.5z",
    pause: "M6.5 5h4v14h-4zM13.5 5h4v14h-4z",
    forward: "M5 5v14l10-7zM16.5 5h2.5v14h-2.5z",
    back: "M19 5v14L9 12zM5 5h2.5v14H5z",
    holds: "M12 2.5a9.5 9.5 0 1 0 0 19a9.5 9.5 0 0 0 0-19zM10.6 16.6l-4.3-4.3 1.6-1.6 2.7 2.7 5.5-5.5 1.6 1.6z",
    broken:
      "M8 2.5h8l5.5 5.5v8L16 21.5H8L2.5 16V8zM8.2 9.8" +
      "l2.2 2.2-2.2 2.2 1.6 1.6 2.2-2.2 2.2 2.2 1.6-1.6-2.2-2.2 2.2-2.2-1.6-1.6-2.2 2.2-2.2-2.2z",
    link:
      "M10.6 13.4a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2 1.4 1.4 1.2-1.2a2 2 0 0 1 2.9 2.9" +
      "l-3 3a2 2 0 0 1-2.9 0zM13.4 10.6a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7" +
      "l1.2-1.2-1.4-1.4-1.2 1.2a2 2 0 0 1-2.9-2.9l3-3a2 2 0 0 1 2.9 0z",
    copy:
      "M8 3h10a2 2 0 0 1 2 2v11h-2V5H8zM5 7h9a1.5 1.5 0 0 1 1.5 1.5v11A1.5 1.5 0 0 1 14 21H5" +
      "a1.5 1.5 0 0 1-1.5-1.5v-11A1.5 1.5 0 0 1 5 7zm.5 2v10h8V9z",
    save: "M11 3h2v9.2l3.1-3.1 1.4 1.4L12 16l-5.5-5.5 1.4-1.4 3.1 3.1zM4 18h16v2.5H4z",
    close: "M6.4 5L12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6l5.6-5.6L5 6.4z",
    ask:
      "M12 2.5a9.5 9.5 0 1 0 0 19a9.5 9.5 0 0 0 0-19zM11 16h2.2v2.2H11zm2.1-1.6h-2v-.6" +
      "c0-2.3 2.6-2.5 2.6-4.2 0-1-.7-1.6-1.7-1.6s-1.7.7-1.8 1.7H8.1c.1-2.2 1.7-3.6 3.9-3.6" +
      "s3.8 1.4 3.8 3.5c0 2.5-2.7 2.9-2.7 4.4z",
  };

  /** Set attributes ("on..." adds a listener; null, undefined and false leave one out) and append children. */
  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? "" : String(value));
    }
    element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
    return element;
  }

  const html = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);
  const icon = (name) =>
    svg(
      "svg",
      { class: "lp-icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
      svg("path", { d: ICONS[name], "fill-rule": "evenodd" }),
    );

  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
  const mix = (a, b, part) => a + (b - a) * part;
  const range = (count) => Array.from({ length: count }, (_, index) => index);
  const round = (value) => Math.round(value * 10) / 10;
  const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  const mapValues = (object, of) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, of(value)]));

  const toneClass = (tone) => `lp-tone${tone % TONES}`;
  const messageTone = (type) => toneClass(MESSAGE_TONES[type % MESSAGE_TONES.length]);

  /** Write text only when it differs: an unchanged node is not laid out again. */
  function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  /** Position of the last value <= wanted in an ascending array, or -1. */
  function lastAtMost(values, wanted) {
    let low = 0;
    let high = values.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle] <= wanted) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  let pen = null;
  let family = "";
  /** Width of a text in pixels; `font` is its weight and size, the family is the page's, as in the picture. */
  function textWidth(text, font) {
    if (!pen) {
      pen = document.createElement("canvas").getContext("2d");
      family = getComputedStyle(document.body).fontFamily;
    }
    pen.font = `${font} ${family}`;
    return pen.measureText(text).width;
  }

  /** A text that is at most `most` pixels wide: its middle gives way, because names of nodes differ at their ends. */
  function shorten(text, most, font) {
    let [short, keep] = [text, text.length];
    while (keep > 2 && textWidth(short, font) > most) {
      keep -= 1;
      short = `${text.slice(0, Math.ceil(keep / 2))}…${text.slice(text.length - Math.floor(keep / 2))}`;
    }
    return short;
  }

  /** A value of the document as short text: strings bare, null as "none", messages as their type with its fields. */
  function showValue(value) {
    if (value === null || value === undefined) return "none";
    if (Array.isArray(value)) return `[${value.map(showValue).join(", ")}]`;
    if (typeof value === "object" && typeof value.type === "string") {
      const { type, ...rest } = value;
      return `${type}(${Object.values(rest).map(showValue).join(", ")})`;
    }
    if (typeof value === "object") {
      return `{${Object.entries(value)
        .map(([key, inner]) => `${key}: ${showValue(inner)}`)
        .join(", ")}}`;
    }
    return String(value);
  }

  // ---------------------------------------------------------------- document

  /** What the positions after [kind, dt] of each event mean; only those that are numbers of something. */
  const SHAPES = {
    b: ["node"],
    s: ["node", "node", "type"],
    d: ["send"],
    x: ["send"],
    t: ["node"],
    w: ["node"],
    n: ["node"],
    f: [],
    i: ["node"],
    r: ["node"],
    v: ["invariant"],
  };
  const KINDS = {
    b: "start",
    s: "send",
    d: "delivery",
    x: "drop",
    t: "timer",
    w: "change",
    n: "note",
    f: "fault",
    i: "invocation",
    r: "return",
    v: "violation",
  };

  function demand(condition, problem) {
    if (!condition) throw new TypeError(problem);
  }

  const isIndex = (value, size) => Number.isInteger(value) && value >= 0 && value < size;

  /** Refuse a document that cannot be drawn, naming what is wrong. */
  function checkDocument(doc) {
    demand(doc && typeof doc === "object", "the document is not an object");
    demand(doc.format === FORMAT, `its format is ${JSON.stringify(doc.format)}, this player reads "${FORMAT}"`);
    demand(typeof doc.id === "string" && doc.id, "its id is missing");
    demand(Array.isArray(doc.runs) && doc.runs.length > 0, "it has no runs");
    doc.runs.forEach(checkRun);
    for (const [at, asked] of (doc.predict ?? []).entries()) {
      const run = doc.runs[asked.run];
      demand(run && isIndex(asked.event, run.events.length), `predict[${at}] names an event that is not there`);
      demand(isIndex(asked.answer, asked.options?.length), `predict[${at}] has no such answer`);
    }
    if (doc.pair) {
      demand(doc.pair.length === 2 && doc.pair.every((run) => isIndex(run, doc.runs.length)), "pair is not two runs");
    }
  }

  function checkRun(run, number) {
    demand(Array.isArray(run.nodes) && run.nodes.length > 0, `run ${number} has no nodes`);
    demand(Array.isArray(run.events) && run.events.length > 0, `run ${number} has no events`);
    demand(
      Array.isArray(run.lines) && run.lines.length === run.events.length,
      `run ${number} has ${run.events.length} events but ${run.lines?.length ?? 0} transcript lines`,
    );
    const sizes = { node: run.nodes.length, type: run.types.length, invariant: (run.invariants ?? []).length };
    run.events.forEach((event, index) => {
      const shape = SHAPES[event[0]];
      demand(shape, `event ${index} of run ${number} is of unknown kind ${JSON.stringify(event[0])}`);
      demand(event[1] >= 0, `event ${index} of run ${number} goes back in time`);
      shape.forEach((role, at) => {
        const value = event[2 + at];
        const good =
          role === "send" ? isIndex(value, index) && run.events[value][0] === "s" : isIndex(value, sizes[role]);
        demand(good, `event ${index} of run ${number} names ${role} ${JSON.stringify(value)}, which is not there`);
      });
    });
  }

  /** Long lists come as what they keep of the list before, and what is new behind that: write them whole. */
  function wholeLists(run) {
    const known = new Map();
    run.events.forEach((event, index) => {
      if (event[0] !== "w") return;
      const key = (field) => `${event[2]} ${field}`;
      for (const [field, [from, kept, added]] of Object.entries(event[4] ?? {})) {
        const old = known.get(key(field));
        const fits = Array.isArray(old) && isIndex(from, old.length) && isIndex(kept, old.length - from + 1);
        demand(fits && Array.isArray(added), `event ${index} adds to a list that is not there`);
        event[3][field] = [...old.slice(from, from + kept), ...added];
      }
      event.length = 4;
      for (const [field, value] of Object.entries(event[3])) known.set(key(field), value);
    });
  }

  // ---------------------------------------------------------------- recorded run

  /** A run with what every panel asks of it worked out once: absolute times, places, messages, causes. */
  class Recording {
    constructor(run) {
      wholeLists(run);
      this.run = run;
      this.events = run.events;
      this.count = run.events.length;
      this.invariants = run.invariants ?? [];
      this.clients = new Set(run.clients ?? []);
      let now = 0;
      this.times = this.events.map((event) => (now += event[1]));
      this.places = this.events.map((event) => this.placeOf(event));
      this.flights = this.findFlights();
      this.fates = new Map();
      for (const flight of this.flights) {
        this.fates.set(flight.send, [...(this.fates.get(flight.send) ?? []), flight]);
      }
      this.linkNeighbours();
      this.marks = new Map((run.marks ?? []).map((mark) => [mark.event, mark.text]));
      this.checkpoints = this.takeCheckpoints();
    }

    /** The node at which an event happens, or -1 (drops, faults and violations happen to the world). */
    placeOf(event) {
      if (event[0] === "d") return this.events[event[2]][3];
      return "xfv".includes(event[0]) ? -1 : event[2];
    }

    /** One flight for each end of a message: a delivery, a drop, a copy, or "open" when the run ends first. */
    findFlights() {
      const flights = [];
      const ended = new Set();
      this.events.forEach((event, index) => {
        if (event[0] !== "d" && event[0] !== "x") return;
        const fate = event[0] === "d" ? "arrives" : "lost";
        flights.push(this.flight(event[2], index, fate, ended.has(event[2]), event[3]));
        ended.add(event[2]);
      });
      this.events.forEach((event, index) => {
        if (event[0] === "s" && !ended.has(index)) flights.push(this.flight(index, -1, "open", false, ""));
      });
      return flights.sort((a, b) => a.send - b.send);
    }

    flight(send, end, fate, copy, why) {
      const [, , from, to, type, , , words] = this.events[send];
      return {
        key: `${send}.${end}`,
        send,
        end,
        fate,
        copy,
        why,
        from,
        to,
        type,
        label: words ?? this.run.types[type],
      };
    }

    /** Where on its way a flight ends: a lost message fails in the middle, or in front of a receiver that is down. */
    reach(flight) {
      if (flight.fate === "arrives") return 1;
      return flight.why === "down" ? 0.88 : 0.55;
    }

    linkNeighbours() {
      this.previous = new Int32Array(this.count).fill(-1);
      this.next = new Int32Array(this.count).fill(-1);
      const last = new Map();
      this.places.forEach((place, index) => {
        if (place < 0) return;
        if (last.has(place)) {
          this.previous[index] = last.get(place);
          this.next[last.get(place)] = index;
        }
        last.set(place, index);
      });
    }

    /** Happens-before: the events that can have caused event `index`, and those it can have caused. */
    cone(index) {
      const causes = (at) =>
        this.events[at][0] === "d" ? [this.previous[at], this.events[at][2]] : [this.previous[at]];
      const arrivals = (at) => (this.fates.get(at) ?? []).filter((f) => f.fate === "arrives").map((f) => f.end);
      return {
        event: index,
        past: reachable(index, causes),
        future: reachable(index, (at) => [this.next[at], ...arrivals(at)]),
      };
    }

    takeCheckpoints() {
      const state = new State(this.run.nodes.length);
      return this.events.map((_, index) => {
        state.apply(this, index);
        return index % 100 === 0 ? state.copy() : null;
      });
    }

    /** The state after event `index`, computed from the nearest checkpoint. */
    stateAt(index) {
      const start = index - (index % 100);
      const state = this.checkpoints[start].copy();
      for (let at = start + 1; at <= index; at++) state.apply(this, at);
      return state;
    }

    /** For each node, the events that set or stop its timer, and from when until when it then runs, in ticks. */
    timers(field) {
      const timers = this.run.nodes.map(() => ({ events: [], runs: [] }));
      const set = (node, index, run) => {
        timers[node].events.push(index);
        timers[node].runs.push(run);
      };
      this.events.forEach(([kind, , node, fields], index) => {
        if (kind === "b") set(node, index, null);
        if (kind !== "w" || !(field in fields)) return;
        const now = this.times[index];
        const [since, until] = Array.isArray(fields[field]) ? fields[field] : [this.seconds(now), fields[field]];
        const length = (until - since) * this.run.scale;
        set(node, index, length > 0 ? { start: now, end: now + length } : null);
      });
      return timers;
    }

    seconds(ticks) {
      return ticks / this.run.scale;
    }

    clock(index) {
      return `${this.seconds(this.times[index]).toFixed(3)} s`;
    }

    /** A transcript line cut into time, node and sentence; a line of another form is all sentence. */
    parts(index) {
      const line = this.run.lines[index];
      const [time, node, ...rest] = line.trim().split(/\s{2,}/);
      return rest.length ? { time, node, text: rest.join("  ") } : { time: "", node: "", text: line.trim() };
    }
  }

  function reachable(start, neighbours) {
    const seen = new Set();
    const waiting = [start];
    while (waiting.length) {
      for (const at of neighbours(waiting.pop())) {
        if (at >= 0 && !seen.has(at)) {
          seen.add(at);
          waiting.push(at);
        }
      }
    }
    return seen;
  }

  // ---------------------------------------------------------------- state

  /** What can be said of the nodes and links after an event. */
  class State {
    constructor(size) {
      this.status = new Array(size).fill("not started");
      this.values = range(size).map(() => []);
      this.changed = new Array(size).fill(null); // field -> old value, while the change is the node's latest event
      this.latest = new Array(size).fill(-1);
      this.cuts = new Set();
    }

    copy() {
      const twin = new State(0);
      twin.status = this.status.slice();
      twin.values = this.values.map((row) => row.slice());
      twin.changed = this.changed.slice();
      twin.latest = this.latest.slice();
      twin.cuts = new Set(this.cuts);
      return twin;
    }

    apply(recording, index) {
      const event = recording.events[index];
      const place = recording.places[index];
      if (place >= 0) {
        this.latest[place] = index;
        this.changed[place] = null;
      }
      if (event[0] === "b") this.status[place] = "up";
      else if (event[0] === "w") this.change(place, event[3]);
      else if (event[0] === "f") this.suffer(event[4] ?? {});
    }

    change(node, fields) {
      const old = {};
      for (const [field, value] of Object.entries(fields)) {
        old[field] = this.values[node][field];
        this.values[node][field] = value;
      }
      this.changed[node] = old;
    }

    suffer(effect) {
      const words = { down: "down", up: "up", pause: "paused", resume: "up" };
      for (const [name, word] of Object.entries(words)) {
        for (const node of effect[name] ?? []) this.status[node] = word;
      }
      for (const [from, to] of effect.cut ?? []) this.cuts.add(`${from}>${to}`);
      for (const [from, to] of effect.heal ?? []) this.cuts.delete(`${from}>${to}`);
    }
  }

  // ---------------------------------------------------------------- timeline

  /**
   * The steps a reader moves through, and how virtual time maps to seconds of playback and to pixels of the lanes.
   *
   * A step holds the current event of each shown run. One run has one step an event. Two runs move event by event
   * until they differ, then by virtual time. Long silences are compressed and bursts stretched (square root of the
   * gap against the usual gap), so that each event can be seen; playback dwells on marked events.
   */
  class Timeline {
    constructor(recordings, diff) {
      this.recordings = recordings;
      this.steps =
        recordings.length === 1 ? range(recordings[0].count).map((i) => [i]) : alignedSteps(recordings, diff);
      this.count = this.steps.length;
      this.first = recordings.map((recording, which) => this.firstSteps(recording, which));
      this.measure();
    }

    firstSteps(recording, which) {
      const first = new Int32Array(recording.count);
      for (let step = this.count - 1; step >= 0; step--) first[this.steps[step][which]] = step;
      return first;
    }

    ticks(step) {
      return Math.max(...this.steps[step].map((index, which) => this.recordings[which].times[index]));
    }

    measure() {
      const ticks = range(this.count).map((step) => this.ticks(step));
      const gaps = ticks.map((tick, step) => (step ? Math.max(0, tick - ticks[step - 1]) : 0));
      const waits = gaps.filter((gap) => gap > 0).sort((a, b) => a - b);
      const usual = waits[waits.length >> 1] ?? 1;
      const pace = this.count <= 90 ? 0.7 : Math.max(0.12, 63 / this.count);
      const spread = this.count <= 150 ? 1 : 0.6;
      this.at = new Float64Array(this.count); // seconds of playback at normal speed
      this.along = new Float64Array(this.count); // pixels on the lanes
      for (let step = 1; step < this.count; step++) {
        const weight = Math.min(2.2, Math.sqrt(gaps[step] / usual));
        this.at[step] = this.at[step - 1] + pace * (0.4 + 0.6 * weight) + this.dwell(step - 1);
        this.along[step] = this.along[step - 1] + spread * (14 + 20 * weight);
      }
    }

    /** Extra seconds after a marked event: the time to read its caption. */
    dwell(step) {
      const letters = this.steps[step].map((index, which) =>
        this.first[which][index] === step ? (this.recordings[which].marks.get(index) ?? "").length : 0,
      );
      const most = Math.max(...letters);
      return most ? Math.min(5, 1.2 + most * 0.035) : 0;
    }

    stepAt(seconds) {
      return Math.max(0, lastAtMost(this.at, seconds));
    }

    /** Pixels along the lanes at a moment of playback. */
    alongAt(seconds) {
      return this.between(seconds, (step) => this.along[step]);
    }

    /** Virtual time at a moment of playback. */
    ticksAt(seconds) {
      return this.between(seconds, (step) => this.ticks(step));
    }

    /** What `of` says of the two steps around a moment, mixed. */
    between(seconds, of) {
      const step = this.stepAt(seconds);
      if (step + 1 >= this.count) return of(this.count - 1);
      const part = (seconds - this.at[step]) / (this.at[step + 1] - this.at[step]);
      return mix(of(step), of(step + 1), clamp(part, 0, 1));
    }
  }

  /** Steps of two runs: the same event in both up to the difference, then whichever comes next in virtual time. */
  function alignedSteps([a, b], diff) {
    const shared = Math.min(diff?.[0] ?? Infinity, diff?.[1] ?? Infinity, a.count, b.count);
    const steps = range(shared).map((index) => [index, index]);
    let [i, j] = [shared, shared];
    while (i < a.count || j < b.count) {
      const [timeA, timeB] = [a.times[i] ?? Infinity, b.times[j] ?? Infinity];
      if (timeA <= timeB) i++;
      if (timeB <= timeA) j++;
      steps.push([Math.max(0, i - 1), Math.max(0, j - 1)]);
    }
    return steps;
  }

  // ---------------------------------------------------------------- cluster panel

  /** Nodes on a circle and the messages in flight between them. */
  class Cluster {
    constructor(stage) {
      this.stage = stage;
      this.recording = stage.recording;
      this.nodes = [];
      this.flying = new Map();
      this.order = []; // of drawing: what has just happened first
      this.links = svg("path", { class: "lp-links" });
      this.cuts = svg("g", { class: "lp-cuts" });
      this.nodeLayer = svg("g", {});
      this.flightLayer = svg("g", { class: "lp-flights" });
      this.frontLayer = svg("g", { class: "lp-flights" }); // messages of the current event, above all others
      this.picture = svg(
        "svg",
        { class: "lp-cluster-svg", role: "img", "aria-label": "Cluster" },
        hatch(stage.uid),
        this.links,
        this.cuts,
        this.nodeLayer,
        this.flightLayer,
        this.frontLayer,
      );
      this.el = html("div", { class: "lp-panel lp-cluster" }, this.picture);
      this.badges = this.findBadges();
      this.captions = this.findCaptions();
      this.timers = stage.look.deadline === undefined ? null : this.recording.timers(stage.look.deadline);
      this.halo = this.timers ? 6 : 0; // room that the rings of the timers take around a node
      this.picture.addEventListener("click", (event) => this.click(event));
    }

    click(event) {
      const target = event.target.closest("[data-node],[data-send]");
      if (!target) this.stage.select(null);
      else if (target.dataset.send) this.stage.select({ event: Number(target.dataset.send) });
      else this.stage.select({ node: Number(target.dataset.node) });
    }

    // ---- where the nodes stand

    /** Lay the nodes out for a width in pixels: texts keep their size at every width. */
    resize(width) {
      if (!width || width === this.width) return;
      this.width = width;
      this.place();
      this.picture.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
      this.picture.setAttribute("height", this.height);
      this.build();
      this.drawLinks();
      this.flying.forEach((flying) => flying.el.remove());
      this.flying.clear();
      this.order = [];
      this.cutKey = null;
      if (this.stage.view) this.show(this.stage.view);
    }

    /** Choose spots, size and names: where the labels of a wide ring would cover each other, names stand radially. */
    place() {
      const { nodes } = this.recording.run;
      this.names = nodes;
      const shape = nodes.length > 3 ? [320, 0.76, 400] : nodes.length === 3 ? [250, 0.6, 300] : [170, 0.4, 220];
      const fits = (size) => {
        this.spread(size, ...shape);
        return !this.collides();
      };
      this.crowded = false;
      this.crowded = nodes.length > 14 || ![1, 0.8, 0.65].some(fits);
      if (!this.crowded) return;
      this.names = nodes.map((name) => shorten(name, this.width * 0.17, RADIAL_FONT));
      this.spread(1, 300, 0.9, 540);
    }

    /** Stretch the circle until its nodes and their labels fill the picture; `size` is that of the nodes. */
    spread(size, least, shape, most) {
      const more = this.crowded ? 0 : 2 * (this.halo + this.captions.height);
      this.height = Math.round(clamp(this.width * shape, least, most) + more);
      const longest = Math.max(...this.names.map((name) => textWidth(name, this.crowded ? RADIAL_FONT : NAME_FONT)));
      const spots = this.circle();
      const [marginX, top, bottom] = this.margins(longest, spots);
      const [width, height] = [this.width - 2 * marginX, this.height - top - bottom];
      const room = (Math.PI * (width + height)) / 2 / this.names.length;
      const widest = Math.min(room * (this.crowded ? 0.38 : 0.3), this.height * 0.1, this.width * 0.075);
      this.radius = clamp(widest, 6, this.crowded ? 15 : 30) * size;
      this.inside = !this.crowded && longest <= this.radius * 2 - 8;
      const [xs, ys] = [spots.map((spot) => spot.x), spots.map((spot) => spot.y)];
      const stretch = (value, all, start, length) => {
        const [low, high] = [Math.min(...all), Math.max(...all)];
        return round(start + (high - low < 1e-6 ? 0.5 : (value - low) / (high - low)) * length);
      };
      this.spots = spots.map(({ x, y, angle }) => {
        const spot = { x: stretch(x, xs, marginX, width), y: stretch(y, ys, top, height), angle };
        return { ...spot, outward: spot.y < top + height / 2 - 1 ? -1 : 1 };
      });
    }

    /** Room for labels around the circle through the nodes: on either side, above and below. */
    margins(longest, spots) {
      if (this.crowded) {
        const ring = longest + 24 + (this.badges.faulty ? 34 : 0);
        return [ring, ring, ring];
      }
      const ys = spots.map((spot) => spot.y);
      const need = (extreme) => {
        const there = range(ys.length).filter((node) => Math.abs(ys[node] - extreme) < 0.4);
        return Math.max(...there.map((node) => this.stack(node, longest)));
      };
      const least = Math.min(58, this.width * 0.17);
      const across = Math.max(least, longest / 2 + 18, this.captions.width / 2 + 4, this.badges.width / 2 + 1);
      return [across, need(Math.min(...ys)), need(Math.max(...ys))];
    }

    /** From the middle of a node to the end of what stands above or below it; a node without badge needs less. */
    stack(node, longest) {
      const badge = this.badges.width && (this.badges.faulty || this.badges.nodes.has(node)) ? 22 : 0;
      const captions = this.badges.nodes.has(node) || !this.badges.nodes.size ? this.captions.height : 0;
      return 38 + badge + (longest > 52 ? 16 : 0) + this.halo + captions;
    }

    /** The words that stand beside nodes: how wide they can be, and whether faults add some. */
    findBadges() {
      const { badge } = this.stage.look;
      const words = new Set();
      const nodes = new Set();
      let faulty = false;
      for (const [kind, , node, fields, effect] of this.recording.events) {
        if (kind === "w" && badge in fields) {
          words.add(showValue(fields[badge]));
          nodes.add(node);
        }
        if (kind === "f" && (effect?.down || effect?.pause)) faulty = true;
      }
      if (faulty) words.add("paused");
      return {
        faulty,
        nodes,
        width: words.size ? Math.max(...[...words].map((word) => textWidth(word, BADGE_FONT))) + 16 : 0,
      };
    }

    /** The lines below the badges: how wide they can be, and how high they are together. */
    findCaptions() {
      const { captions } = this.stage.look;
      let width = 0;
      for (const [kind, , , fields] of this.recording.events) {
        if (kind !== "w") continue;
        for (const [field, words] of captions) {
          if (field in fields) width = Math.max(width, textWidth(`${words} ${showValue(fields[field])}`, CAPTION_FONT));
        }
      }
      return { width, height: captions.length * 13 };
    }

    /** The lines below the badge of a node that is up. */
    captionsOf(view, node) {
      if (!["up", "paused"].includes(view.state.status[node])) return [];
      const values = view.state.values[node];
      return this.stage.look.captions
        .filter(([field]) => values[field] !== undefined && values[field] !== null)
        .map(([field, words]) => `${words} ${showValue(values[field])}`);
    }

    /** Whether the labels of two nodes would cover each other. */
    collides() {
      const boxes = this.spots.map((spot, node) => this.boxes(spot, node));
      const meet = (one, other) =>
        Math.abs(one.x - other.x) < one.half + other.half && one.top < other.bottom && other.top < one.bottom;
      return boxes.some((mine, at) =>
        boxes.slice(at + 1).some((theirs) => mine.some((one) => theirs.some((other) => meet(one, other)))),
      );
    }

    /** What a node covers: its body, and the texts above or below it. */
    boxes({ x, y, outward }, node) {
      const r = this.radius + this.halo;
      const named = this.badges.nodes.has(node);
      const badge = named || this.badges.faulty ? this.badges.width : 0;
      const captions = named || !this.badges.nodes.size ? this.captions : { width: 0, height: 0 };
      const name = this.inside ? 0 : textWidth(this.names[node], NAME_FONT);
      const high = (this.inside ? 0 : 16) + (badge ? 24 : 0) + captions.height + 2;
      const [top, bottom] = outward < 0 ? [y - r - high, y - r] : [y + r, y + r + high];
      return [
        { x, half: r + 6, top: y - r - 2, bottom: y + r + 2 },
        { x, half: Math.max(name, badge, captions.width) / 2, top, bottom },
      ];
    }

    /** Spots on a circle of radius 1: servers share its top, clients its bottom; two nodes face each other. */
    circle() {
      const { nodes } = this.recording.run;
      const turn = (2 * Math.PI) / nodes.length;
      const servers = range(nodes.length).filter((node) => !this.recording.clients.has(node));
      const clients = range(nodes.length)
        .filter((node) => this.recording.clients.has(node))
        .reverse();
      const shift = clients.length ? ((servers.length - 1) * turn) / 2 : 0;
      const start = nodes.length === 2 ? Math.PI : -Math.PI / 2 - shift;
      const spots = [];
      [...servers, ...clients].forEach((node, slot) => {
        const angle = start + slot * turn;
        spots[node] = { x: Math.cos(angle), y: Math.sin(angle), angle };
      });
      return spots;
    }

    // ---- nodes

    build() {
      this.nodes = this.recording.run.nodes.map((name, node) => this.buildNode(name, node));
      this.nodeLayer.replaceChildren(...this.nodes.map((node) => node.el));
    }

    buildNode(name, node) {
      const r = this.radius;
      const body = (className, grow) =>
        this.recording.clients.has(node)
          ? svg("rect", {
              class: className,
              x: -r - grow,
              y: -r - grow,
              width: 2 * (r + grow),
              height: 2 * (r + grow),
              rx: r * 0.36 + grow,
            })
          : svg("circle", { class: className, r: r + grow });
      const timer = this.timers && this.buildTimer(r);
      const label = svg("text", this.labelPosition(node), this.names[node]);
      const letter = this.crowded && svg("text", { class: "lp-letter-in", y: 3.5 });
      const inner = !this.inside &&
        !this.crowded &&
        this.stage.look.badge === undefined && {
          value: svg("text", { class: "lp-inner", y: 3 }),
          name: svg("text", { class: "lp-inner-name", y: 16 }),
        };
      const pillBox = svg("rect", { class: "lp-pill", height: 18, rx: 9 });
      const pillText = svg("text", { class: "lp-pill-text", y: 13 });
      const away = r + 7 + this.halo + (this.inside ? 0 : 16);
      const captions = this.crowded
        ? []
        : this.stage.look.captions.map(() => svg("text", { class: "lp-node-caption" }));
      const pill = svg(
        "g",
        { class: "lp-badge", transform: `translate(0 ${this.spots[node].outward < 0 ? -away - 18 : away})` },
        pillBox,
        pillText,
      );
      const el = svg(
        "g",
        { class: "lp-node", "data-node": node, transform: `translate(${this.spots[node].x} ${this.spots[node].y})` },
        svg("title", {}, name),
        body("lp-ring", 5 + this.halo),
        timer?.track,
        timer?.rest,
        body("lp-body", 0),
        fill(body("lp-hatch", 0), { fill: `url(#${this.stage.uid}-hatch)` }, []),
        inner?.value,
        inner?.name,
        letter,
        label,
        pill,
        ...captions,
      );
      const text = { captions, away: away + (this.badges.width ? 18 : 0) };
      return { el, name: this.names[node], label, letter, inner, pill, pillBox, pillText, text, timer, key: "" };
    }

    /** A ring that shrinks until the node's timer fires. */
    buildTimer(r) {
      const ring = { r: r + 4.5, pathLength: 1, transform: "rotate(-90)" };
      return {
        track: svg("circle", { ...ring, class: "lp-timer-track" }),
        rest: svg("circle", { ...ring, class: "lp-timer" }),
      };
    }

    /** Labels stand outside the ring, where no message passes. */
    labelPosition(node) {
      const { angle, outward } = this.spots[node];
      if (this.inside) return { y: 4.5, class: "lp-node-name lp-inside" };
      const away = this.radius + this.halo;
      if (!this.crowded) return { y: outward < 0 ? -away - 8 : away + 16, class: "lp-node-name" };
      const degrees = (angle * 180) / Math.PI;
      const left = Math.cos(angle) < -0.001;
      const reach = (away + 8) * (left ? -1 : 1);
      return {
        x: reach,
        y: 4,
        class: `lp-node-name ${left ? "lp-outside-left" : "lp-outside"}`,
        transform: `rotate(${round(left ? degrees - 180 : degrees)})`,
      };
    }

    /** Faint lines between nodes that ever exchange a message; left out when they would be a grey cloud. */
    drawLinks() {
      const pairs = new Set(
        this.recording.flights.map((f) => (f.from < f.to ? `${f.from} ${f.to}` : `${f.to} ${f.from}`)),
      );
      const lines = [...pairs]
        .map((pair) => pair.split(" ").map((node) => this.spots[node]))
        .map(([a, b]) => `M${a.x} ${a.y}L${b.x} ${b.y}`);
      this.links.setAttribute("d", lines.length > 120 ? "" : lines.join(""));
    }

    show(view) {
      if (!this.width) return;
      const { badge, tones } = this.stage.look;
      this.nodes.forEach((node, index) => this.showNode(node, index, view, badge, tones));
      this.showCuts(view.state.cuts);
      this.showFlights(view);
      if (!this.stage.player.playing) this.picture.setAttribute("aria-label", this.describe(view));
    }

    showNode(node, index, view, badge, tones) {
      const status = view.state.status[index];
      const value = badge === undefined ? undefined : view.state.values[index][badge];
      const word =
        status === "not started"
          ? "" // its outline says so
          : status === "up"
            ? value === undefined || value === null
              ? ""
              : showValue(value)
            : status;
      const tone = status === "up" && value !== undefined ? (tones?.[showValue(value)] ?? 7) : -1;
      const chosen = view.selection?.node === index;
      const current = view.place === index;
      if (badge === undefined) this.showInner(node, view.state.values[index]);
      this.showCaptions(node, index, view);
      const key = [status, word, tone, chosen, current].join("|");
      if (key === node.key) return;
      node.key = key;
      node.el.setAttribute(
        "class",
        [
          "lp-node",
          `is-${status.replace(" ", "-")}`,
          tone >= 0 && toneClass(tone),
          chosen && "is-chosen",
          current && "is-current",
        ]
          .filter(Boolean)
          .join(" "),
      );
      if (this.crowded) return this.labelSmall(node, status, word, badge !== undefined);
      node.pill.setAttribute("visibility", word ? "visible" : "hidden");
      const width = textWidth(word, BADGE_FONT) + 16;
      node.pillText.textContent = word;
      node.pillBox.setAttribute("width", round(width));
      node.pillBox.setAttribute("x", round(-width / 2));
    }

    /** The lines stand below the badge, or above it where the badge stands above its node. */
    showCaptions({ text: { captions, away } }, index, view) {
      const lines = this.captionsOf(view, index);
      const up = this.spots[index].outward < 0;
      captions.forEach((line, at) => {
        setText(line, lines[at] ?? "");
        const y = up ? -away - 5 - 13 * (lines.length - 1 - at) : away + 13 + 13 * at;
        line.setAttribute("y", round(y));
      });
    }

    /** From when until when the timer of a node runs; undefined when none does. */
    timerOf(node, view) {
      const { events, runs } = this.timers[node];
      return (view.state.status[node] === "up" && runs[lastAtMost(events, view.index)]) || undefined;
    }

    drawTimers(seconds) {
      const { view, timeline } = this.stage;
      const ticks = timeline.ticksAt(seconds);
      this.nodes.forEach(({ timer }, node) => {
        const run = this.timerOf(node, view);
        const left = run && clamp((run.end - ticks) / (run.end - run.start), 0, 1);
        const key = left === undefined ? "" : left.toFixed(3);
        if (timer.key === key) return;
        timer.key = key;
        for (const ring of [timer.track, timer.rest]) ring.setAttribute("visibility", key ? "visible" : "hidden");
        timer.rest.setAttribute("stroke-dasharray", `${key} 2`);
        timer.rest.classList.toggle("is-short", left < 0.25);
      });
    }

    /** A node without badge shows its first watched field, when the value is short. */
    showInner(node, values) {
      const field = values.findIndex((value) => value !== undefined && value !== null);
      const text = field < 0 ? "" : showValue(values[field]);
      const fits = text.length > 0 && text.length <= 4;
      if (node.letter)
        setText(node.letter, fits && textWidth(text, "700 9.5px") < this.radius * 1.8 ? text : "");
      if (!node.inner) return;
      setText(node.inner.value, fits ? text : "");
      setText(node.inner.name, fits ? this.recording.run.fields[field] : "");
    }

    /** In a crowd there is no room for badges: the initial of the value stands in the node, a state beside its name. */
    labelSmall(node, status, word, hasBadge) {
      node.pill.setAttribute("visibility", "hidden");
      if (hasBadge) setText(node.letter, status === "up" ? word.slice(0, 1) : "");
      setText(node.label, status === "up" || !word ? node.name : `${node.name} ${word}`);
    }

    // ---- links that a partition has cut

    showCuts(cuts) {
      const key = [...cuts].join(" ");
      if (key === this.cutKey) return;
      this.cutKey = key;
      const drawn = [...cuts]
        .map((cut) => cut.split(">").map(Number))
        .filter(([from, to]) => from < to || !cuts.has(`${to}>${from}`));
      const many = drawn.length > 40;
      this.cuts.setAttribute("class", many ? "lp-cuts is-many" : "lp-cuts");
      this.cuts.replaceChildren(...drawn.map(([from, to]) => this.cut(from, to, cuts.has(`${to}>${from}`), many)));
    }

    /** A cut link: dashed, with two strokes across its middle; one way only: an arrow head that stops at a bar. */
    cut(from, to, both, many) {
      const [a, b] = [this.spots[from], this.spots[to]];
      const line = svg("path", { d: `M${a.x} ${a.y}L${b.x} ${b.y}`, class: "lp-cut-line" });
      if (many) return line;
      const turn = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
      const mark = both ? "M-6 8L-1 -8M1 8L6 -8" : "M-14 -6L-5 0L-14 6M0 -9V9";
      return svg(
        "g",
        {},
        line,
        svg("path", {
          class: "lp-cut-mark",
          d: mark,
          transform: `translate(${round(mix(a.x, b.x, 0.43))} ${round(mix(a.y, b.y, 0.43))}) rotate(${round(turn)})`,
        }),
      );
    }

    // ---- messages in flight

    showFlights(view) {
      const active = this.recording.flights.filter((flight) => this.stage.isFlying(flight, view.step));
      const keys = new Set(active.map((flight) => flight.key));
      for (const [key, flying] of this.flying) {
        if (keys.has(key)) continue;
        flying.el.remove();
        this.flying.delete(key);
      }
      for (const flight of active) {
        if (!this.flying.has(flight.key)) this.launch(flight);
        const flying = this.flying.get(flight.key);
        flying.current = flight.send === view.index || flight.end === view.index;
        const look = [
          "lp-flight",
          messageTone(flight.type),
          flight.copy && "is-copy",
          flying.current && "is-current",
          view.cone && !inCone(view.cone, flight.send) && "is-dim",
        ]
          .filter(Boolean)
          .join(" ");
        if (flying.look === look) continue;
        flying.el.setAttribute("class", (flying.look = look));
        (flying.current ? this.frontLayer : this.flightLayer).append(flying.el);
      }
      this.order = [...this.flying.values()].sort((a, b) => b.current - a.current);
    }

    launch(flight) {
      const label = flight.copy ? `${flight.label} again` : flight.label;
      const why = flight.why ? `lost: ${flight.why}` : "lost";
      const width = round(textWidth(label, BADGE_FONT) + 16);
      const trail = svg("path", { class: "lp-trail" });
      const chip = svg(
        "g",
        { class: "lp-chip" },
        svg("rect", { class: "lp-hit", x: -width / 2 - 6, y: -18, width: width + 12, height: 36 }),
        svg("rect", { class: "lp-chip-box", x: -width / 2, y: -10, width, height: 20, rx: 10 }),
        svg("circle", { class: "lp-chip-dot", r: 4.5 }),
        svg("text", { class: "lp-chip-text", y: 4 }, label),
      );
      const cross = svg(
        "g",
        { class: "lp-cross", visibility: "hidden" },
        svg("path", { d: "M-8 -8L8 8M8 -8L-8 8" }),
        svg("text", { y: 26 }, why),
      );
      const el = svg("g", { class: "lp-flight", "data-send": flight.send }, trail, chip, cross);
      const curve = this.curve(flight, width);
      this.flying.set(flight.key, {
        flight,
        el,
        trail,
        chip,
        cross,
        width,
        whyWidth: textWidth(why, BADGE_FONT),
        look: "",
        curve,
      });
    }

    /** The way of a message: a slight bow to its right, so that the two directions of a link stay apart. */
    curve(flight, width) {
      const [a, b] = [this.spots[flight.from], this.spots[flight.to]];
      if (flight.from === flight.to) {
        const [out, r] = [Math.sign(a.y - this.height / 2) || 1, this.radius];
        return [a.x - r, a.y, a.x, a.y + out * r * 5, a.x + r, a.y];
      }
      const far = Math.hypot(b.x - a.x, b.y - a.y) || 1;
      const [dx, dy] = [(b.x - a.x) / far, (b.y - a.y) / far];
      const chip = this.crowded
        ? 4
        : Math.min(width / 2 / Math.max(Math.abs(dx), 0.01), 10 / Math.max(Math.abs(dy), 0.01));
      const gap = Math.min(this.radius + 6 + chip, far * 0.42);
      const bow = Math.min(26, far * 0.09) + (flight.copy ? 20 : 0);
      return [
        a.x + dx * gap,
        a.y + dy * gap,
        (a.x + b.x) / 2 - dy * bow,
        (a.y + b.y) / 2 + dx * bow,
        b.x - dx * gap,
        b.y - dy * gap,
      ];
    }

    /** Move the messages to a moment of playback; called once a frame. */
    draw(seconds) {
      if (this.timers && this.width && this.stage.view) this.drawTimers(seconds);
      const shown = [];
      for (const flying of this.order) {
        const spot = this.drawFlight(flying, seconds);
        if (!spot) continue;
        const box = this.nameBox(flying, ...spot);
        const small = !this.hasRoom(flying, box, shown);
        if (!small) shown.push(box);
        if (small !== flying.small)
          flying.chip.setAttribute("class", (flying.small = small) ? "lp-chip is-small" : "lp-chip");
      }
    }

    /** Left, right, top and bottom of a message's name, and of the word that says why it is lost. */
    nameBox({ width, whyWidth, failed }, x, y) {
      const half = (failed ? Math.max(width, whyWidth) : width) / 2 + 2;
      return [x - half, x + half, y - 11, y + (failed ? 31 : 11)];
    }

    /** Whether a message can bear its name: where that would cover another name or a node, it is a dot. */
    hasRoom({ current }, [left, right, top, bottom], shown) {
      if (current) return true;
      if (this.order.length > MOST_NAMED) return false;
      const r = this.radius;
      return (
        shown.every((other) => other[0] > right || other[1] < left || other[2] > bottom || other[3] < top) &&
        this.spots.every(({ x, y }) => x - r > right || x + r < left || y - r > bottom || y + r < top)
      );
    }

    /** Put a message where it is at this moment; null when it can't be seen. */
    drawFlight(flying, seconds) {
      const { flight, el, trail, chip, cross, curve } = flying;
      const { start, end } = this.stage.span(flight);
      const late = seconds - end;
      const glow = flight.fate === "lost" ? DROP_GLOW : ARRIVAL_GLOW;
      const visible = seconds >= start - 1e-9 && late <= glow;
      el.style.display = visible ? "" : "none";
      if (!visible) return null;
      const part = this.recording.reach(flight) * clamp((seconds - start) / (end - start || 1), 0, 1);
      const [x0, y0, cx, cy, x1, y1] = curve;
      const [mx, my] = [mix(x0, cx, part), mix(y0, cy, part)];
      const [x, y] = [mix(mx, mix(cx, x1, part), part), mix(my, mix(cy, y1, part), part)];
      trail.setAttribute("d", `M${x0} ${y0}Q${round(mx)} ${round(my)} ${round(x)} ${round(y)}`);
      const place = `translate(${round(x)} ${round(y)})`;
      chip.setAttribute("transform", place);
      flying.failed = flight.fate === "lost" && late >= -1e-9;
      cross.setAttribute("visibility", flying.failed ? "visible" : "hidden");
      if (flying.failed) cross.setAttribute("transform", place);
      el.style.opacity = late > 0 ? round(1 - late / (glow * 1.1)) : 1;
      return [x, y];
    }

    // ---- the same in words

    timerInWords(node, view) {
      const run = this.timers && this.timerOf(node, view);
      if (!run) return "";
      const left = this.recording.seconds(run.end - this.recording.times[view.index]);
      return `its timer fires in ${Math.max(0, left).toFixed(3)} s`;
    }

    describe(view) {
      const { nodes } = this.recording.run;
      const states = nodes.map((name, index) => {
        const value = view.state.values[index][this.stage.look.badge];
        const words = [value === undefined ? "" : showValue(value), ...this.captionsOf(view, index)];
        const told = [...words, this.timerInWords(index, view)].filter(Boolean).join(", ");
        return `${name} ${view.state.status[index]}${told ? ` (${told})` : ""}`;
      });
      const flying = this.recording.flights.filter(
        (flight) => flight.send <= view.index && (flight.end < 0 || flight.end > view.index),
      );
      const messages = flying.slice(0, 12).map((f) => `${f.label} from ${nodes[f.from]} to ${nodes[f.to]}`);
      const cuts = [...view.state.cuts].slice(0, 12).map((cut) =>
        cut
          .split(">")
          .map((node) => nodes[node])
          .join(" to "),
      );
      return (
        `Cluster after event #${view.index}: ${states.join(", ")}. ` +
        (flying.length
          ? `In flight: ${messages.join(", ")}${flying.length > 12 ? " and more" : ""}.`
          : "No message in flight.") +
        (cuts.length ? ` Cut links: ${cuts.join(", ")}.` : "")
      );
    }
  }

  /** Slanting lines, for what must not be told by colour alone. */
  function hatch(uid) {
    return svg(
      "defs",
      {},
      svg(
        "pattern",
        { id: `${uid}-hatch`, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
        svg("path", { d: "M0 0V7", class: "lp-hatch-line" }),
      ),
    );
  }

  const inCone = (cone, index) => cone.event === index || cone.past.has(index) || cone.future.has(index);

  // ---------------------------------------------------------------- logs panel

  /** The grid of the logs, in pixels. */
  const CELL = { least: 46, most: 92, height: 38, gap: 4, head: 26, foot: 15, edge: 14 };
  const UNEQUAL = "M-3.4 -1.7H3.4M-3.4 1.7H3.4M2.2 -4.2L-2.2 4.2";

  /** Numbers as ranges: "1, 4 to 6". */
  function ranges(numbers) {
    const parts = [];
    for (const number of numbers) {
      const last = parts[parts.length - 1];
      if (last && last[1] === number - 1) last[1] = number;
      else parts.push([number, number]);
    }
    return parts.map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`)).join(", ");
  }

  /**
   * Replicated logs as a grid: a row a log, a column an index. It knows which fields hold the logs, and no protocol.
   *
   * A committed entry is a solid cell, another one a hatched cell with a broken outline; a heavy bar stands behind the
   * last committed one. What differs from the leader's log (without one: from what most logs have) bears a sign. Where
   * no log has an entry left, columns are folded into one.
   */
  class Logs {
    constructor(stage) {
      this.stage = stage;
      this.recording = stage.recording;
      this.table = this.recording.run.log ?? [];
      this.rows = this.findRows();
      this.drawn = new Map();
      this.stuck = true; // to the newest column, until the reader scrolls elsewhere
      this.columns = [];
      this.items = svg("g", {});
      this.picture = svg("svg", { class: "lp-logs-svg", "aria-hidden": "true" }, this.patterns(), this.items);
      this.names = html("div", { class: "lp-log-names" });
      this.words = html("ul", { class: "lp-unseen", "aria-label": "The logs in words" });
      this.view = html(
        "div",
        {
          class: "lp-log-view",
          tabindex: 0,
          role: "group",
          "aria-label": "Replicated logs; Page Up and Page Down scroll",
          onkeydown: (event) => this.key(event),
        },
        this.names,
        html("div", { class: "lp-log-canvas" }, this.picture),
      );
      this.el = html("div", { class: "lp-panel lp-logs" }, this.view, this.words, this.legend());
      this.view.addEventListener("scroll", () => this.scrolled(), { passive: true });
      this.picture.addEventListener("click", (event) => this.click(event));
      this.buildNames();
    }

    /** A row for each log that any node ever has: a node has one, or one for each of its parts. */
    findRows() {
      const rows = new Map();
      const { entries } = this.stage.logs;
      for (const [kind, , node, fields] of this.recording.events) {
        if (kind !== "w" || !(entries in fields)) continue;
        const parts = Array.isArray(fields[entries]) ? [""] : Object.keys(fields[entries] ?? {});
        for (const part of parts) rows.set(`${node} ${part}`, { node, part });
      }
      const sorted = [...rows.values()].sort((a, b) => a.node - b.node);
      return sorted.map((row) => ({ ...row, name: [this.recording.run.nodes[row.node], row.part].join(" ").trim() }));
    }

    /** One pattern a tone: a pattern does not see the tone of the cell that it fills. */
    patterns() {
      return svg(
        "defs",
        {},
        ...range(TONES).map((tone) =>
          svg(
            "pattern",
            {
              id: `${this.stage.uid}-log-${tone}`,
              class: toneClass(tone),
              width: 6,
              height: 6,
              patternUnits: "userSpaceOnUse",
              patternTransform: "rotate(45)",
            },
            svg("path", { d: "M0 0V6", class: "lp-cell-line" }),
          ),
        ),
      );
    }

    buildNames() {
      for (const row of this.rows) {
        const open = () => this.stage.select({ node: row.node });
        row.button = html("button", { type: "button", class: "lp-name", title: "inspect", onclick: open }, row.name);
        row.tone = html("i", { "aria-hidden": "true" });
        row.word = html("span", {});
        row.about = html("span", { class: "lp-log-about" }, row.tone, row.word);
        row.el = html("div", { class: "lp-log-name" }, row.button, row.about);
        row.sentence = html("li", {});
      }
      this.names.replaceChildren(...this.rows.map((row) => row.el));
      this.words.replaceChildren(...this.rows.map((row) => row.sentence));
    }

    // ---- what the logs are at a moment

    /** The value that a field of `meaning` has for a row. */
    read(view, { node, part }, meaning) {
      const value = view.state.values[node][this.stage.logs[meaning]];
      return part && value !== null && typeof value === "object" ? value[part] : value;
    }

    model(view) {
      const logs = this.rows.map((row) => this.logOf(view, row));
      const leaders = new Map();
      for (const log of logs) {
        const { part } = log.row;
        if (log.leads && !(leaders.get(part)?.newest > log.newest)) leaders.set(part, log);
      }
      for (const log of logs) {
        log.leader = leaders.get(log.row.part);
        if (log.leader && log.leader !== log) {
          const node = this.recording.run.nodes[log.row.node];
          const at = (meaning) => this.read(view, log.leader.row, meaning)?.[node];
          [log.next, log.match] = [at("next"), at("match")];
        }
      }
      for (const log of logs) log.differs = this.differences(log, logs);
      return logs;
    }

    logOf(view, row) {
      const entries = this.read(view, row, "entries") ?? [];
      const start = (this.read(view, row, "base") ?? 0) + this.stage.logs.first;
      const status = view.state.status[row.node];
      const { leader, leads } = this.stage.logs;
      return {
        row,
        status,
        entries,
        start,
        end: start + entries.length - 1,
        commit: this.read(view, row, "commit") ?? -Infinity,
        newest: this.read(view, row, "newest") ?? 0,
        leads: leader !== undefined && status === "up" && showValue(this.read(view, row, "leader")) === leads,
        ...this.changes(view, row, entries, start),
      };
    }

    /** The entries that the present event has put into a log, and those that it has taken out. */
    changes(view, { node, part }, entries, start) {
      const old = view.state.latest[node] === view.index ? view.state.changed[node] : null;
      const { entries: field, base, first } = this.stage.logs;
      const of = (value) => (part ? value?.[part] : value);
      if (!old || !(field in old)) return { fresh: [], lost: new Map() };
      const before = of(old[field]) ?? [];
      const from = base in old ? (of(old[base]) ?? 0) + first : start;
      const fresh = range(entries.length)
        .map((at) => start + at)
        .filter((index) => index >= from && entries[index - start] !== before[index - from]);
      const lost = range(before.length)
        .map((at) => from + at)
        .filter((index) => index >= start + entries.length);
      return { fresh, lost: new Map(lost.map((index) => [index, before[index - from]])) };
    }

    at(log, index) {
      return index < log.start ? undefined : log.entries[index - log.start];
    }

    /** The indexes at which a log has another entry than the leader, or without a leader than most others. */
    differences(log, logs) {
      const others = logs.filter((other) => other.row.part === log.row.part);
      const differs = (index) => {
        const mine = this.at(log, index);
        if (mine === undefined || mine === null || log.leader === log) return false;
        if (log.leader && index >= log.leader.start) return this.at(log.leader, index) !== mine;
        const held = others.map((other) => this.at(other, index)).filter((entry) => entry !== undefined);
        const same = held.filter((entry) => entry === mine).length;
        return same < held.length && same <= others.length / 2;
      };
      const indexes = range(log.entries.length).map((at) => log.start + at);
      return new Set(indexes.filter(differs));
    }

    // ---- where it stands

    resize(width) {
      if (!width || width === this.width) return;
      this.width = width;
      this.compact = width < NARROW;
      const most = this.compact ? 62 : CELL.most;
      this.font = this.compact ? SMALL_CELL_FONT : CELL_FONT;
      const widest = Math.max(0, ...this.table.map(([, , label]) => textWidth(label, this.font)));
      this.cell = Math.ceil(clamp(widest + (this.compact ? 9 : 16), this.compact ? 36 : CELL.least, most));
      const { next, match } = this.stage.logs;
      this.pitch = CELL.height + (next === undefined && match === undefined ? 10 : CELL.foot);
      this.height = CELL.head + this.pitch * this.rows.length + 6;
      this.setMargin();
      for (const [at, row] of this.rows.entries()) row.el.style.top = `${this.top(at)}px`;
      this.columns = [];
      this.drawn.forEach(({ el }) => el.remove());
      this.drawn.clear();
      if (this.stage.view) this.show(this.stage.view);
    }

    /** Room for the names, and for the longest of the words below them. */
    setMargin() {
      const { look } = this.stage;
      let words = 0;
      for (const [kind, , , fields] of this.recording.events) {
        if (kind !== "w" || !(look.badge in fields)) continue;
        words = Math.max(words, textWidth(this.about(fields[look.badge], 88), CAPTION_FONT));
      }
      const names = this.rows.map((row) => textWidth(row.name, NAME_FONT));
      const most = this.compact ? Math.max(84, this.width * 0.28) : this.width * 0.4;
      this.margin = Math.ceil(Math.min(Math.max(...names, words + 14) + 22, most));
      this.names.style.width = `${this.margin}px`;
      this.names.style.height = `${this.height}px`;
    }

    top(at) {
      return CELL.head + this.pitch * at;
    }

    /** The columns from left to right: an index each, and one for each stretch that no log has entries of. */
    layOut(logs) {
      const wanted = new Set();
      for (const log of logs) {
        for (let index = log.start; index <= log.end; index++) wanted.add(index);
        for (const index of log.lost.keys()) wanted.add(index);
        if (log.next !== undefined && log.next >= log.start) wanted.add(log.next);
      }
      const columns = [];
      let [index, x] = [this.stage.logs.first, CELL.edge];
      const add = (to, width) => {
        columns.push({ from: index, to, x, width });
        [index, x] = [to + 1, x + width + CELL.gap];
      };
      const fold = (to) => to >= index && add(to, Math.ceil(textWidth(`snapshot ≤ ${to}`, CELL_FONT)) + 18);
      for (const at of [...wanted].sort((a, b) => a - b)) {
        fold(at - 1);
        add(at, this.cell);
      }
      fold(Math.max(...logs.map((log) => log.start)) - 1);
      return columns;
    }

    /** The column of an index; beyond the last one, where it would be. */
    column(index) {
      const at = lastAtMost(this.starts, index);
      const column = this.columns[Math.max(0, at)];
      return column ?? { x: CELL.edge, width: 0, from: index, to: index };
    }

    // ---- a moment

    show(view) {
      if (!this.width) return;
      this.logs = this.model(view);
      this.columns = this.layOut(this.logs);
      this.starts = this.columns.map((column) => column.from);
      const last = this.columns[this.columns.length - 1];
      const length = Math.max(last ? last.x + last.width + CELL.edge : 0, this.width - this.margin - 4);
      if (length !== this.length || this.height !== this.shownHeight) {
        [this.length, this.shownHeight] = [length, this.height];
        fill(this.picture, { width: length, height: this.height, viewBox: `0 0 ${length} ${this.height}` }, []);
      }
      this.logs.forEach((log) => this.showName(log, view));
      this.follow();
      this.refresh();
      this.tell(view);
    }

    showName({ row, status, leads, newest }, view) {
      const { look } = this.stage;
      const value = look.badge === undefined ? undefined : view.state.values[row.node][look.badge];
      const up = status === "up" || status === "paused";
      const tone = up && value !== undefined ? (look.tones?.[showValue(value)] ?? 7) : -1;
      const word = status === "up" ? this.about(value, newest) : status;
      setText(row.word, word);
      row.tone.className = tone >= 0 ? toneClass(tone) : "is-none";
      const chosen = view.selection?.node === row.node;
      const look_ = ["lp-log-name", leads && "is-leader", !up && "is-off", chosen && "is-chosen"];
      row.el.className = look_.filter(Boolean).join(" ");
    }

    /** What a node is: its badge, and the field by which leaders are compared. */
    about(badge, newest, brief = this.compact) {
      const { newest: field } = this.stage.logs;
      const words = badge === undefined || badge === null ? [] : [showValue(badge)];
      if (field !== undefined && !brief) words.push(`${this.recording.run.fields[field]} ${newest}`);
      return words.join(", ");
    }

    /** Keep the newest column in sight, and what the present event has changed. */
    follow() {
      if (!this.stuck) return;
      const room = this.view.clientWidth - this.margin;
      const fresh = this.logs.flatMap((log) => log.fresh);
      let aim = Math.max(0, this.length - room);
      if (fresh.length) aim = Math.min(aim, Math.max(0, this.column(Math.min(...fresh)).x - this.cell / 2));
      if (aim !== this.aim) {
        this.view.scrollLeft = this.aim = aim;
        this.start = aim;
      }
    }

    scrolled() {
      const { scrollLeft, scrollWidth, clientWidth } = this.view;
      if (Math.abs(scrollLeft - (this.aim ?? 0)) > 2) {
        this.stuck = scrollLeft >= scrollWidth - clientWidth - 8;
        this.aim = undefined;
      }
      this.start = scrollLeft;
      this.view.classList.toggle("is-scrolled", scrollLeft > 0);
      if (this.logs) this.refresh();
    }

    key(event) {
      const way = { PageUp: -1, PageDown: 1 }[event.key];
      if (!way) return;
      event.preventDefault();
      this.view.scrollBy({ left: way * (this.view.clientWidth - this.margin) * 0.8, behavior: "instant" });
    }

    // ---- drawing: what can be seen, and of that what looks other than before

    refresh() {
      const [low, high] = [(this.start ?? 0) - 200, (this.start ?? 0) + this.width + 200];
      const seen = this.columns.filter(({ x, width }) => x + width >= low && x <= high);
      const wanted = new Map();
      const want = (key, look, make) => wanted.set(key, { look: look.join("|"), make });
      for (const column of seen) {
        const look = [column.from, column.to, column.x, column.width];
        want(`i${column.from}`, look, () => this.heading(column));
      }
      this.logs.forEach((log, at) => this.wantRow(log, at, seen, want));
      this.reconcile(wanted);
    }

    wantRow(log, at, seen, want) {
      const y = this.top(at);
      const leads = log.leader === log;
      want(`t${at}`, [y, this.length, leads], () => this.track(y, leads));
      for (const column of seen) {
        if (column.from !== column.to || column.from < log.start) continue;
        const look = this.cellLook(log, column.from);
        want(`c${at}.${column.from}`, [column.x, y, column.width, ...look], () => this.entry(log, at, column, y, look));
      }
      if (log.start > this.stage.logs.first) {
        const end = this.endOf(log.start - 1);
        want(`s${at}`, [y, end, log.start], () => this.snapshot(log, y, end));
      }
      if (log.commit >= this.stage.logs.first) {
        const x = this.endOf(log.commit);
        want(`k${at}`, [x, y], () => this.commitBar(x, y));
      }
      if (log.next !== undefined || log.match !== undefined) {
        const ends = [log.match, log.next].map((index) => (index === undefined ? undefined : this.middleOf(index)));
        want(`m${at}`, [y, ...ends, log.match, log.next], () => this.progress(log, y, ...ends));
      }
    }

    reconcile(wanted) {
      for (const [key, { el }] of this.drawn) {
        if (wanted.has(key)) continue;
        el.remove();
        this.drawn.delete(key);
      }
      for (const [key, { look, make }] of wanted) {
        const known = this.drawn.get(key);
        if (known?.look === look) continue;
        const el = make();
        if (known) known.el.replaceWith(el);
        else if (key[0] === "t") this.items.prepend(el);
        else this.items.append(el);
        this.drawn.set(key, { look, el });
      }
      for (const [key, { el }] of this.drawn) if (key[0] === "k") this.items.append(el); // bars stand in front
    }

    /** The right edge of an index; inside a folded column, as far as the index is in it. */
    endOf(index) {
      const { x, width, from, to } = this.column(index);
      return round(x + width * clamp((index - from + 1) / (to - from + 1), 0, 1));
    }

    /** The middle of an index; before the first one, the edge of the grid. */
    middleOf(index) {
      if (index < this.stage.logs.first) return CELL.edge - 7;
      const { x, width, from, to } = this.column(index);
      return from === to ? x + width / 2 : this.endOf(index) - 8;
    }

    heading({ from, to, x, width }) {
      const text = from === to ? `${from}` : `${from}–${to}`;
      return svg("text", { class: "lp-cell-index", x: x + width / 2, y: 16 }, text);
    }

    track(y, leads) {
      const box = { x: 1, y: y - 4, width: this.length - 2, height: CELL.height + 8, rx: 9 };
      return svg("rect", { class: `lp-log-track${leads ? " is-leader" : ""}`, ...box });
    }

    /** What a cell looks like: entry, state, signs. */
    cellLook(log, index) {
      const entry = this.at(log, index);
      const chosen = this.stage.selection?.entry;
      return [
        entry,
        log.lost.has(index) ? log.lost.get(index) : "",
        index <= log.commit,
        log.differs.has(index),
        log.fresh.includes(index),
        chosen && this.rows[chosen[0]] === log.row && chosen[1] === index,
        log.status,
      ];
    }

    entry(log, at, { from: index, x, width }, y, [entry, gone, committed, differs, fresh, chosen, status]) {
      const number = entry ?? (gone === "" ? undefined : gone);
      const box = (grow) => ({
        x: -grow,
        y: -grow,
        width: width + 2 * grow,
        height: CELL.height + 2 * grow,
        rx: 6 + grow,
      });
      const place = { transform: `translate(${x} ${y})` };
      if (number === undefined || number === null) {
        return svg("g", { class: "lp-slot", ...place }, svg("rect", box(-1)));
      }
      const [term, tone, label, text] = this.table[number] ?? ["", 7, String(number), String(number)];
      const lost = entry === undefined;
      const look = ["lp-cell", toneClass(tone), lost ? "is-lost" : committed ? "is-committed" : "is-open"];
      if (status !== "up" && status !== "paused") look.push("is-off");
      if (chosen) look.push("is-chosen");
      const says = [lost ? "was" : committed ? "committed" : "not committed", differs && "differs"].filter(Boolean);
      const short = shorten(label, width - 6, this.font);
      return svg(
        "g",
        { class: look.join(" "), "data-row": at, "data-index": index, ...place },
        svg("title", {}, `${index}: ${text}${term === "" ? "" : `, term ${term}`} (${says.join(", ")})`),
        fresh && svg("rect", { class: "lp-cell-fresh", ...box(3) }),
        svg("rect", { class: "lp-cell-box", ...box(0) }),
        !committed && !lost && svg("rect", { fill: `url(#${this.stage.uid}-log-${tone})`, ...box(0) }),
        svg("text", { class: "lp-cell-term", x: 5.5, y: 11.5 }, term),
        svg("text", { class: "lp-cell-label", x: width / 2, y: term === "" ? 23.5 : 28 }, short),
        lost && svg("path", { class: "lp-cell-strike", d: `M4 ${CELL.height - 5}L${width - 4} 5` }),
        differs && this.unequal(width),
      );
    }

    unequal(width) {
      return svg(
        "g",
        { class: "lp-unequal", transform: `translate(${width - 3} 3)` },
        svg("circle", { r: 7.5 }),
        svg("path", { d: UNEQUAL }),
      );
    }

    /** The prefix that a snapshot stands for: one wide cell. */
    snapshot({ start }, y, end) {
      const words = [`snapshot ≤ ${start - 1}`, `≤ ${start - 1}`, ""];
      const width = end - CELL.edge;
      const text = words.find((word) => textWidth(word, CELL_FONT) <= width - 8);
      return svg(
        "g",
        { class: "lp-snapshot", transform: `translate(${CELL.edge} ${y})` },
        svg("title", {}, `a snapshot stands for the log up to ${start - 1}`),
        svg("rect", { width, height: CELL.height, rx: 6 }),
        svg("path", { d: `M4 ${CELL.height - 4}H${width - 4}` }),
        svg("text", { x: width / 2, y: 23.5 }, text),
      );
    }

    commitBar(x, y) {
      const bar = { x: x + CELL.gap / 2 - 2, y: y - 5, width: 4, height: CELL.height + 10, rx: 2 };
      return svg("rect", { class: "lp-commit", ...bar });
    }

    /** What the leader knows of a follower: a dot below the last entry known to be there, a tip below the next to go. */
    progress({ match, next }, y, known, sends) {
      const at = y + CELL.height + 8;
      return svg(
        "g",
        { class: "lp-progress" },
        svg("title", {}, `in the leader's view: match ${match ?? "none"}, next ${next ?? "none"}`),
        known !== undefined &&
          sends !== undefined &&
          svg("path", { d: `M${known} ${at}H${sends}`, class: "lp-window" }),
        known !== undefined && svg("circle", { cx: known, cy: at, r: 3.4 }),
        sends !== undefined && svg("path", { d: `M${sends} ${at - 4.6}l4.4 7.6h-8.8z`, class: "lp-next" }),
      );
    }

    /** The signs of the grid, for those that this document has fields for. */
    legend() {
      const { base, commit, next, match } = this.stage.logs;
      const box = { x: -7, y: -6, width: 14, height: 12, rx: 3 };
      const cell = (look, ...more) =>
        svg("g", { class: `lp-cell lp-tone2 ${look}` }, svg("rect", { class: "lp-cell-box", ...box }), ...more);
      const lines = svg("rect", { ...box, fill: `url(#${this.stage.uid}-log-2)` });
      const progress = (sign) => svg("g", { class: "lp-progress" }, sign);
      const signs = [
        [commit, "committed", cell("is-committed")],
        [commit, "not committed", cell("is-open", lines)],
        [commit, "commit index", svg("rect", { class: "lp-commit", x: -2, y: -8, width: 4, height: 16, rx: 2 })],
        [base, "snapshot", svg("g", { class: "lp-snapshot" }, svg("rect", box))],
        [0, "differs", fill(this.unequal(3), { transform: "scale(0.9)" }, [])],
        [match, "known to be there", progress(svg("circle", { r: 3.6 }))],
        [next, "next to send", progress(svg("path", { class: "lp-next", d: "M0 -5l5 9h-10z" }))],
      ];
      const shown = signs.filter(([field]) => field !== undefined);
      return html(
        "p",
        { class: "lp-legend", "aria-hidden": "true" },
        ...shown.map(([, words, sign]) =>
          html("span", {}, svg("svg", { viewBox: "-9 -9 18 18", width: 16, height: 16 }, sign), words),
        ),
      );
    }

    // ---- the same in words

    tell(view) {
      this.news = "";
      if (this.stage.player.playing) return;
      this.logs.forEach((log) => {
        const words = this.sentence(log, view);
        setText(log.row.sentence, words);
        if (log.fresh.length || log.lost.size) this.news = words;
      });
    }

    sentence(log, view) {
      const { look, logs } = this.stage;
      const badge = look.badge === undefined ? undefined : view.state.values[log.row.node][look.badge];
      const who = [log.row.name, log.status === "up" ? this.about(badge, log.newest, false) : log.status];
      const last = this.table[log.entries[log.entries.length - 1]];
      const indexes = range(log.entries.length).map((at) => log.start + at);
      const says = [
        log.start > logs.first && `a snapshot up to ${log.start - 1}`,
        log.entries.length
          ? `${indexes.length > 1 ? "entries" : "entry"} ${ranges(indexes)}, the last one ${last?.[3] ?? "a gap"}`
          : "no entries",
        log.commit >= logs.first && `committed up to ${log.commit}`,
        log.differs.size && `differs at ${ranges(log.differs)}`,
        log.match !== undefined && `the leader knows it has ${log.match}`,
        log.next !== undefined && `and sends ${log.next} next`,
      ];
      return `${who.filter(Boolean).join(", ")}: ${says.filter(Boolean).join(", ")}.`;
    }

    click(event) {
      const cell = event.target.closest("[data-row]");
      if (!cell) this.stage.select(null);
      else this.stage.select({ entry: [Number(cell.dataset.row), Number(cell.dataset.index)] });
    }

    /** For the inspector: what is known of one entry of one log. */
    facts(view, at, index) {
      const log = this.logs[at];
      const entry = this.at(log, index);
      const title = `Entry ${index} of ${log.row.name}`;
      const [term, , , text] = this.table[entry] ?? [];
      if (text === undefined) return { title, rows: [["says", "there is none at this moment"]] };
      const others = this.logs.filter((other) => other !== log && other.row.part === log.row.part);
      const named = (chosen) => chosen.map((other) => other.row.name).join(", ") || "none";
      const has = others.filter((other) => this.at(other, index) === entry);
      const other = others.filter((other) => ![entry, undefined].includes(this.at(other, index)));
      return {
        title,
        rows: [
          ...(term === "" ? [] : [["term", term]]),
          ["says", text],
          ["committed", index <= log.commit ? "yes" : "no"],
          ["also on", named(has)],
          ...(other.length ? [["another on", named(other)]] : []),
        ],
      };
    }

    /** For a saved picture: the names of the rows, beside the drawing. */
    annotations() {
      const start = this.view.scrollLeft - this.margin;
      const paper = svg("rect", { class: "lp-log-paper", x: start, y: 0, width: this.margin, height: this.height });
      const names = this.rows.flatMap((row, at) => [
        svg("text", { class: "lp-node-name lp-outside", x: start + 10, y: this.top(at) + 16 }, row.name),
        svg("text", { class: "lp-log-words", x: start + 10, y: this.top(at) + 31 }, row.word.textContent),
      ]);
      return svg("g", {}, paper, ...names);
    }
  }

  // ---------------------------------------------------------------- lanes panel

  /** Marks on a lane differ by shape. */
  const MARKS = {
    change: "M0 -6L6 0L0 6L-6 0Z",
    timer: "M-5.5 -5H5.5L0 5.5Z",
    note: "M-4.5 -4.5H4.5V4.5H-4.5Z",
    start: "M0 -7V7",
    startDown: "M-7 0H7",
    call: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
    fail: "M-5 -5L5 5M5 -5L-5 5",
  };

  /** Space-time diagram: one lane a node; only what is inside the scrolled window is in the page. */
  class Lanes {
    constructor(stage) {
      this.stage = stage;
      this.recording = stage.recording;
      this.drawn = new Map();
      this.start = 0;
      this.base = svg("g", {});
      this.items = svg("g", {});
      this.picture = svg(
        "svg",
        { class: "lp-lanes-svg", role: "img", "aria-label": this.describe() },
        hatch(`${stage.uid}-lanes`),
        this.base,
        this.items,
      );
      this.veil = html("div", { class: "lp-veil" });
      this.curtain = html("div", { class: "lp-curtain" }, html("span", {}, "Answer the question to see more"));
      this.names = html("div", { class: "lp-lane-names", "aria-hidden": "true" });
      this.canvas = html("div", { class: "lp-lane-canvas" }, this.picture, this.veil, this.curtain);
      this.view = html(
        "div",
        { class: "lp-lane-view", tabindex: 0, role: "group", "aria-label": "Space-time diagram, scrolls" },
        this.names,
        this.canvas,
      );
      this.el = html("div", { class: "lp-panel lp-lanes" }, this.view, this.legend());
      this.view.addEventListener("scroll", () => this.scrolled(), { passive: true });
      for (const name of ["wheel", "pointerdown", "touchstart", "scrollend"]) {
        this.view.addEventListener(name, () => (this.heading = null), { passive: true });
      }
      this.picture.addEventListener("click", (event) => this.click(event));
    }

    describe() {
      const { nodes } = this.recording.run;
      const size = `${plural(this.recording.count, "event")} on ${plural(nodes.length, "node")}`;
      return `Space-time diagram of ${size}: ${nodes.join(", ")}. The transcript says the same in words.`;
    }

    // ---- geometry: "along" is time, "across" is the lane; on narrow players time runs downwards

    point(along, across) {
      return this.vertical ? [round(across), round(along)] : [round(along), round(across)];
    }

    alongOf(event) {
      return this.lead + this.pace * this.stage.timeline.along[this.stage.first[event]];
    }

    acrossOf(node) {
      return this.head + this.pitch * (node + 0.5);
    }

    resize(width) {
      if (!width || width === this.width) return;
      this.width = width;
      const { nodes } = this.recording.run;
      this.vertical = width < NARROW;
      this.lead = this.vertical ? 26 : 30;
      const longest = Math.max(...nodes.map((name) => textWidth(name, NAME_FONT)));
      const rows = nodes.length <= 6 ? 46 : nodes.length <= 12 ? 34 : 21;
      this.head = this.vertical ? 64 : 30;
      const room = (width - this.head - 10) / nodes.length;
      this.turned = this.vertical && room < Math.min(longest + 8, 60); // names run downwards
      this.nameWidth = Math.ceil(this.turned ? Math.min(longest, 110) + 16 : Math.min(longest + 26, 150));
      this.pitch = this.vertical ? Math.max(room, this.turned ? 24 : 0) : rows;
      const last = this.stage.timeline.along[this.stage.timeline.count - 1];
      this.pace = this.vertical || !last ? 1 : clamp((width - this.nameWidth - this.lead - 92) / last, 1, 2);
      this.length = this.lead + this.pace * last + 90;
      this.breadth = this.head + this.pitch * nodes.length + (this.vertical ? 4 : 12);
      this.layOut(nodes);
      this.placeLabels();
      this.ticks = this.findTicks();
      this.drawBase();
      const { clientWidth, clientHeight } = this.view;
      [this.size, this.depth] = this.vertical ? [clientHeight, clientWidth] : [clientWidth, clientHeight];
      this.room = this.size - (this.vertical ? this.names.offsetHeight : this.names.offsetWidth);
      this.heading = null;
      this.scrolled();
      this.redraw();
      if (this.stage.view) this.show(this.stage.view);
    }

    layOut(nodes) {
      const [w, h] = this.point(this.length, this.breadth);
      this.el.classList.toggle("is-vertical", this.vertical);
      this.el.classList.toggle("is-turned", this.turned);
      fill(this.picture, { width: w, height: h, viewBox: `0 0 ${w} ${h}` }, []);
      fill(this.canvas, { style: `width:${w}px;height:${h}px` }, []);
      this.names.replaceChildren(
        ...nodes.map((name, node) => {
          const spot = this.vertical ? `left:${this.acrossOf(node)}px` : `top:${this.acrossOf(node)}px`;
          return html("span", { style: spot, class: this.recording.clients.has(node) ? "is-client" : null }, name);
        }),
      );
      const [wide, high] = this.turned ? [w, this.nameWidth] : this.vertical ? [w, 34] : [this.nameWidth, h];
      this.names.setAttribute("style", `width:${wide}px;height:${high}px`);
    }

    /** Which arrows carry their label: greedily, as long as it covers no other label. */
    placeLabels() {
      this.labels = new Map();
      const placed = [];
      for (const flight of this.recording.flights) {
        if (flight.from === flight.to) continue;
        const [x, y] = this.middle(flight);
        const half = textWidth(flight.label, "500 11px") / 2 + 3;
        const near = placed.slice(-60);
        if (near.some(([px, py, other]) => Math.abs(px - x) < half + other && Math.abs(py - y) < 13)) continue;
        placed.push([x, y, half]);
        this.labels.set(flight.key, [x, y]);
      }
    }

    ends(flight) {
      const from = this.alongOf(flight.send);
      const last = flight.end < 0 ? this.length - 60 : this.alongOf(flight.end);
      const reach = this.recording.reach(flight);
      const [a, b] = [this.acrossOf(flight.from), this.acrossOf(flight.to)];
      return { from, to: Math.max(last, from + 6), a, b: mix(a, b, reach) };
    }

    middle(flight) {
      const { from, to, a, b } = this.ends(flight);
      return this.point(mix(from, to, 0.45), mix(a, b, 0.45));
    }

    /** Times on the axis, at events that are far enough apart. */
    findTicks() {
      const ticks = [];
      const apart = this.vertical ? 44 : 92;
      this.recording.times.forEach((_, index) => {
        const along = this.alongOf(index);
        if (!ticks.length || along - ticks[ticks.length - 1].along >= apart) ticks.push({ along, index });
      });
      return ticks;
    }

    // ---- what never moves: lanes, down and paused stretches, times

    drawBase() {
      const parts = this.recording.run.nodes.flatMap((_, node) =>
        this.stretches(node).map((part) => this.stretch(node, part)),
      );
      const times = this.ticks.map(({ along, index }) => {
        const [x, y] = this.point(along, this.vertical ? 8 : 16);
        const text = this.recording.seconds(this.recording.times[index]).toFixed(3);
        return svg(
          "text",
          { class: "lp-tick", x, y: this.vertical ? y + 4 : y, "text-anchor": this.vertical ? "start" : "middle" },
          text,
        );
      });
      const { diff } = this.stage;
      const first =
        diff >= 0 && diff < this.recording.count ? this.line("is-diff", "first difference", this.alongOf(diff)) : "";
      this.base.replaceChildren(...this.bands(), ...parts, ...this.operations(), ...times, first);
    }

    /** A band along a lane for as long as the badge field has a value with a tone. */
    bands() {
      const { badge, tones } = this.stage.look;
      if (badge === undefined || !tones) return [];
      const open = new Map();
      const bands = [];
      const change = (node, index, tone) => {
        if (open.get(node)?.[0] === tone) return;
        if (open.has(node)) bands.push(this.band(node, ...open.get(node), this.alongOf(index)));
        if (tone === undefined) open.delete(node);
        else open.set(node, [tone, this.alongOf(index)]);
      };
      this.recording.events.forEach(([kind, , node, fields, effect], index) => {
        if (kind === "w" && badge in fields) change(node, index, tones[showValue(fields[badge])]);
        if (kind === "f") for (const down of effect?.down ?? []) change(down, index);
      });
      for (const [node, [tone, from]] of open) bands.push(this.band(node, tone, from, this.length - 40));
      return bands;
    }

    band(node, tone, from, to) {
      const [x1, y1] = this.point(from, this.acrossOf(node));
      const [x2, y2] = this.point(to, this.acrossOf(node));
      return svg("path", { class: `lp-band ${toneClass(tone)}`, d: `M${x1} ${y1}L${x2} ${y2}` });
    }

    /** The stretches of a lane in which its node is up, down or paused. */
    stretches(node) {
      const out = [{ from: 0, status: "not started" }];
      const state = new State(this.recording.run.nodes.length);
      this.recording.events.forEach((event, index) => {
        if (event[0] !== "b" && event[0] !== "f") return;
        state.apply(this.recording, index);
        if (state.status[node] !== out[out.length - 1].status) {
          out.push({ from: this.alongOf(index), status: state.status[node], event: index });
        }
      });
      return out.map((part, at) => ({ ...part, to: out[at + 1]?.from ?? this.length - 40 }));
    }

    stretch(node, { from, to, status, event }) {
      const across = this.acrossOf(node);
      const [x1, y1] = this.point(from, across);
      const [x2, y2] = this.point(to, across);
      const line = svg("path", { class: `lp-lane is-${status.replace(" ", "-")}`, d: `M${x1} ${y1}L${x2} ${y2}` });
      if (status !== "down" && status !== "paused") return line;
      const half = Math.min(9, this.pitch * 0.3);
      const [left, top] = this.point(from, across - half);
      const [w, h] = this.point(to - from, half * 2);
      const box = { x: left, y: top, width: Math.max(w, 1), height: Math.max(h, 1) };
      const [tx, ty] = this.point(from + 12, across);
      return svg(
        "g",
        { class: `lp-stretch is-${status}`, "data-event": event },
        svg("rect", { ...box, class: "lp-stretch-box" }),
        svg("rect", { ...box, fill: `url(#${this.stage.uid}-lanes-hatch)` }),
        to - from > 44 &&
          svg(
            "text",
            { x: this.vertical ? tx : tx, y: ty + 4, "text-anchor": this.vertical ? "middle" : "start" },
            status,
          ),
      );
    }

    /** Client operations, from invocation to return, as bars on the lane. */
    operations() {
      const open = new Map();
      const bars = [];
      this.recording.events.forEach((event, index) => {
        if (event[0] === "i") open.set(`${event[2]} ${event[3]}`, index);
        if (event[0] === "r" && open.has(`${event[2]} ${event[3]}`)) {
          bars.push(this.operation(open.get(`${event[2]} ${event[3]}`), index));
          open.delete(`${event[2]} ${event[3]}`);
        }
      });
      return [...bars, ...[...open.values()].map((index) => this.operation(index, -1))];
    }

    operation(start, end) {
      const [from, to] = [this.alongOf(start), end < 0 ? this.length - 40 : this.alongOf(end)];
      const across = this.acrossOf(this.recording.places[start]);
      const [x, y] = this.point(from, across - 5);
      const [w, h] = this.point(to - from, 10);
      return svg("rect", {
        class: `lp-operation is-${end < 0 ? "open" : this.recording.events[end][5]}`,
        x,
        y,
        width: w,
        height: h,
        rx: 5,
      });
    }

    // ---- the window: events and messages that can be seen now

    redraw() {
      this.drawn.forEach((el) => el.remove());
      this.drawn.clear();
      this.window = null;
      this.refresh();
    }

    /** Remember where the view stands: asking the page for it in every frame would force a layout each time. */
    scrolled() {
      const { scrollLeft, scrollTop } = this.view;
      [this.start, this.under] = this.vertical ? [scrollTop, scrollLeft] : [scrollLeft, scrollTop];
      this.refresh();
    }

    refresh() {
      if (!this.width) return;
      const [low, high] = [this.start, this.start + this.size];
      if (this.window && low >= this.window[0] && high <= this.window[1]) return;
      this.window = [low - 300, high + 300];
      const [first, last] = this.window;
      const wanted = new Map();
      for (const flight of this.recording.flights) {
        const { from, to } = this.ends(flight);
        if (from <= last && to >= first) wanted.set(flight.key, () => this.arrow(flight));
      }
      for (let index = 0; index < this.recording.count; index++) {
        const along = this.alongOf(index);
        if (along >= first && along <= last) wanted.set(`e${index}`, () => this.mark(index));
      }
      this.reconcile(wanted);
    }

    reconcile(wanted) {
      for (const [key, el] of this.drawn) {
        if (wanted.has(key)) continue;
        el.remove();
        this.drawn.delete(key);
      }
      for (const [key, make] of wanted) {
        if (this.drawn.has(key)) continue;
        const el = make();
        if (!el) continue;
        this.drawn.set(key, el);
        this.items.append(el);
        this.paint(el);
      }
    }

    arrow(flight) {
      const { from, to, a, b } = this.ends(flight);
      const [x1, y1] = this.point(from, a);
      const [x2, y2] = this.point(to, b);
      const turn = round((Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI);
      const loop = flight.from === flight.to;
      const bump = this.point(mix(from, to, 0.5), a - Math.min(22, this.pitch * 0.6));
      const shaft = svg("path", {
        class: "lp-shaft",
        d: loop ? `M${x1} ${y1}Q${bump[0]} ${bump[1]} ${x2} ${y2}` : `M${x1} ${y1}L${x2} ${y2}`,
      });
      const tip =
        flight.fate === "lost"
          ? svg("path", { class: "lp-fail", d: MARKS.fail, transform: `translate(${x2} ${y2})` })
          : svg("path", {
              class: "lp-tip",
              d: "M-10 -4L-2 0L-10 4Z",
              transform: `translate(${x2} ${y2}) rotate(${loop ? 60 : turn})`,
            });
      const label = this.labels.get(flight.key);
      const text = label && svg("text", { class: "lp-arrow-text", x: label[0], y: label[1] + 3 }, flight.label);
      const el = svg(
        "g",
        { class: `lp-arrow ${messageTone(flight.type)} is-${flight.fate}${flight.copy ? " is-copy" : ""}` },
        svg("title", {}, `${flight.label}${flight.copy ? ", again" : ""}${flight.why ? `, lost: ${flight.why}` : ""}`),
        shaft,
        tip,
        text,
      );
      Object.assign(el, { from: flight.send, to: flight.end });
      return el;
    }

    mark(index) {
      const [kind, , , fields] = this.recording.events[index];
      if (kind === "w" && Object.keys(fields).every((field) => Number(field) === this.stage.look.deadline)) return null;
      const make = { w: "change", t: "timer", n: "note", b: "start", i: "call", r: "call" }[kind];
      const along = this.alongOf(index);
      const el = make
        ? this.spot(make, index, along)
        : kind === "f" || kind === "v"
          ? this.rule(kind, index, along)
          : this.dot(index, along, kind);
      if (el) Object.assign(el, { from: index, to: index });
      return el;
    }

    /** The shapes of the marks, for those that this run has. */
    legend() {
      const words = { w: "change", t: "timer", n: "note", b: "start", i: "call", x: "fail" };
      const says = { call: "client asks, has its answer", fail: "lost" };
      const present = Object.keys(words).filter((kind) => this.recording.events.some((event) => event[0] === kind));
      return html(
        "p",
        { class: "lp-legend", "aria-hidden": "true" },
        ...present.map((kind) =>
          html(
            "span",
            {},
            svg(
              "svg",
              { viewBox: "-8 -8 16 16", width: 14, height: 14 },
              kind === "x"
                ? svg("path", { class: "lp-fail", d: MARKS.fail })
                : svg("g", { class: `lp-mark is-${words[kind]}` }, svg("path", { d: MARKS[words[kind]] })),
            ),
            says[words[kind]] ?? words[kind],
          ),
        ),
      );
    }

    spot(make, index, along) {
      const shape = make === "start" && this.vertical ? MARKS.startDown : MARKS[make];
      const [x, y] = this.point(along, this.acrossOf(this.recording.places[index]));
      return svg(
        "g",
        { class: `lp-mark is-${make}${this.toneOf(index)}` },
        svg("title", {}, this.recording.run.lines[index].trim()),
        svg("path", { d: shape, transform: `translate(${x} ${y})` }),
      );
    }

    /** A change of the badge field has the colour of its new value. */
    toneOf(index) {
      const { badge, tones } = this.stage.look;
      const event = this.recording.events[index];
      const tone = event[0] === "w" ? tones?.[showValue(event[3][badge])] : undefined;
      return tone === undefined ? "" : ` ${toneClass(tone)}`;
    }

    dot(index, along, kind) {
      if (kind === "x") return null;
      const [x, y] = this.point(along, this.acrossOf(this.recording.places[index]));
      return svg("g", { class: "lp-mark is-dot" }, svg("circle", { cx: x, cy: y, r: 2.6 }));
    }

    /** Faults and violations happen to the world: a line across all lanes. */
    rule(kind, index, along) {
      const event = this.recording.events[index];
      const says = this.recording.run.lines[index].trim();
      if (kind === "f") return this.line("", event[2], along, says);
      return this.line("is-broken", `${this.recording.invariants[event[2]].name} broken`, along, says);
    }

    line(look, text, along, title = text) {
      const [x1, y1] = this.point(along, this.head - 6);
      const [x2, y2] = this.point(along, this.breadth - 6);
      const left = this.vertical || along > this.length - 140; // the text stands before the line, else after it
      const [x, y] = this.vertical
        ? this.point(along - 5, this.breadth - 6)
        : this.point(along + (left ? -5 : 5), this.breadth - 2);
      return svg(
        "g",
        { class: `lp-rule ${look}` },
        svg("title", {}, title),
        svg("path", { d: `M${x1} ${y1}L${x2} ${y2}` }),
        svg("text", { x, y, "text-anchor": left ? "end" : "start" }, text),
      );
    }

    // ---- what changes with the moment

    /** Selected event, its causes and effects, the current event: as classes on what is drawn. */
    paint(el) {
      const { view } = this.stage;
      if (!view) return;
      const { cone } = view;
      const inside = (set) =>
        set && (set.has(el.from) || el.from === cone.event) && (el.to < 0 || set.has(el.to) || el.to === cone.event);
      el.classList.toggle("is-past", Boolean(cone) && inside(cone.past));
      el.classList.toggle("is-future", Boolean(cone) && inside(cone.future));
      el.classList.toggle("is-self", Boolean(cone) && (el.from === cone.event || el.to === cone.event));
      el.classList.toggle("is-current", el.from === view.index || el.to === view.index);
    }

    show(view) {
      if (!this.width) return;
      if (view.cone !== this.painted) {
        this.painted = view.cone;
        this.canvas.classList.toggle("has-cone", Boolean(view.cone));
        this.drawn.forEach((el) => this.paint(el));
      } else this.repaintAround(view.index);
      this.paintedIndex = view.index;
      const hidden = view.horizon < this.recording.count;
      this.curtain.hidden = !hidden;
      if (hidden) this.move(this.curtain, this.alongOf(view.horizon) - 8);
      this.follow(view);
    }

    /** Only the events that were or are current change their look. */
    repaintAround(index) {
      for (const at of [this.paintedIndex, index]) {
        if (at === undefined) continue;
        const keys = [`e${at}`];
        const send = "dx".includes(this.recording.events[at][0]) ? this.recording.events[at][2] : at;
        for (const flight of this.recording.fates.get(send) ?? []) keys.push(flight.key);
        for (const key of keys) if (this.drawn.has(key)) this.paint(this.drawn.get(key));
      }
    }

    /**
     * Bring the present into the view, and when it stands still its lane too. The view glides only as long as the
     * present stays in sight: who steps faster than it glides sees it jump.
     */
    follow(view) {
      const { playing, calm } = this.stage.player;
      const present = this.alongOf(view.index);
      const along = this.turn(present);
      const across = playing ? undefined : this.reach(this.recording.places[view.index]);
      const seen = present >= this.start && present <= this.start + this.room * 0.96;
      if (along === undefined && across === undefined && seen) return;
      const ends = [along ?? this.heading ?? this.start, across ?? this.under]; // one scroll would stop another
      const [left, top] = this.vertical ? ends.reverse() : ends;
      this.view.scrollTo({ left, top, behavior: seen && view.near && !calm ? "smooth" : "instant" });
      if (!seen || !view.near || calm) this.scrolled();
    }

    /** Turn the page when the present comes near its edge; in between the diagram stands still and can be read. */
    turn(along) {
      const start = this.heading ?? this.start;
      if (along >= start + this.room * 0.05 && along <= start + this.room * 0.82) return undefined;
      const heading = clamp(along - this.room * 0.25, 0, Math.max(0, this.length - this.room));
      return Math.abs(heading - start) < 1 ? undefined : (this.heading = heading);
    }

    /** Where to scroll so that a lane can be seen; undefined when it can. */
    reach(node) {
      if (node < 0) return undefined;
      const across = this.acrossOf(node);
      if (across > this.under + this.head && across < this.under + this.depth - this.pitch / 2) return undefined;
      return Math.max(0, across - this.depth / 2);
    }

    draw(seconds) {
      if (this.width) this.move(this.veil, this.lead + this.pace * this.stage.timeline.alongAt(seconds));
    }

    /** For a saved picture: the names of the lanes and the present, which the page shows beside the drawing. */
    annotations() {
      const [x, y] = this.vertical ? [0, this.start + 18] : [this.start + 10, 4];
      const names = this.recording.run.nodes.map((name, node) =>
        svg(
          "text",
          {
            class: "lp-node-name lp-outside",
            x: this.vertical ? this.acrossOf(node) - 10 : x,
            y: this.vertical ? y : this.acrossOf(node) + y,
          },
          name,
        ),
      );
      const along = this.lead + this.pace * this.stage.timeline.alongAt(this.stage.player.seconds);
      const [x1, y1] = this.point(along, 0);
      const [x2, y2] = this.point(along, this.breadth);
      return svg("g", {}, svg("path", { class: "lp-present", d: `M${x1} ${y1}L${x2} ${y2}` }), ...names);
    }

    move(element, along) {
      element.style.transform = this.vertical ? `translateY(${round(along)}px)` : `translateX(${round(along)}px)`;
    }

    click(event) {
      const box = this.picture.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      const [along, across] = this.vertical ? [y, x] : [x, y];
      let best = { far: 26, index: -1 };
      for (let index = 0; index < this.recording.count; index++) {
        const ahead = this.alongOf(index) - along;
        if (Math.abs(ahead) > best.far || index >= this.stage.view.horizon) continue;
        const place = this.recording.places[index];
        const far = Math.hypot(ahead, place < 0 ? 0 : this.acrossOf(place) - across) + (place < 0 ? 8 : 0);
        if (far < best.far) best = { far, index };
      }
      if (best.index < 0) return this.stage.select(null);
      this.stage.goToEvent(best.index);
      this.stage.select({ event: best.index });
    }
  }

  // ---------------------------------------------------------------- table panel

  /** Watched fields of each node; a change shows the old value struck out beside the new one. */
  class Table {
    constructor(stage) {
      this.stage = stage;
      const { nodes, fields, kinds } = stage.recording.run;
      this.fields = stage.fieldsOfTable();
      const head = html(
        "tr",
        {},
        html("th", { scope: "col" }, "node"),
        ...this.fields.map((field) => html("th", { scope: "col" }, fields[field])),
      );
      this.rows = nodes.map((name, node) => this.buildRow(name, kinds?.[node] ?? "", node));
      this.el = html(
        "div",
        { class: "lp-panel lp-table", tabindex: 0, role: "group", "aria-label": "Watched fields" },
        html("table", {}, html("thead", {}, head), html("tbody", {}, ...this.rows.map((row) => row.el))),
      );
    }

    buildRow(name, kind, node) {
      const button = html(
        "button",
        {
          type: "button",
          class: "lp-name",
          title: kind ? `${kind}: inspect` : "inspect",
          onclick: () => this.stage.select({ node }),
        },
        name,
      );
      const status = html("span", { class: "lp-status" });
      const cells = this.fields.map(() => html("td", {}));
      const el = html("tr", {}, html("th", { scope: "row" }, button, status), ...cells);
      return { el, status, cells, keys: cells.map(() => ""), key: "" };
    }

    show(view) {
      this.rows.forEach((row, node) => {
        const status = view.state.status[node];
        const key = `${status}|${view.place === node}|${view.selection?.node === node}`;
        if (key !== row.key) {
          row.key = key;
          row.el.setAttribute(
            "class",
            [
              status !== "up" && "is-off",
              view.place === node && "is-current",
              view.selection?.node === node && "is-chosen",
            ]
              .filter(Boolean)
              .join(" "),
          );
          row.status.textContent = status === "up" ? "" : status;
        }
        const recent = view.index - view.state.latest[node] < FRESH;
        row.cells.forEach((_, at) => this.showCell(row, at, view.state, node, recent));
      });
    }

    showCell(row, at, state, node, recent) {
      const [cell, field] = [row.cells[at], this.fields[at]];
      const value = state.values[node][field];
      const changed = recent ? state.changed[node] : null;
      const fresh = Boolean(changed) && field in changed;
      const old = fresh && changed[field] !== undefined ? this.stage.showField(field, changed[field]) : "";
      const text = value === undefined ? "" : this.stage.showField(field, value);
      const key = `${text}\n${fresh}\n${old}`;
      if (row.keys[at] === key) return;
      row.keys[at] = key;
      if (!fresh) cell.replaceChildren(text);
      else cell.replaceChildren(...(old ? [html("del", {}, old), " "] : []), html("ins", {}, text));
    }
  }

  // ---------------------------------------------------------------- events panel

  /** The transcript as a list; only the rows in sight are in the page. */
  class Events {
    constructor(stage) {
      this.stage = stage;
      this.recording = stage.recording;
      this.rowHeight = 30;
      this.shown = range(this.recording.count);
      this.pool = new Map();
      this.top = 0;
      this.height = 240;
      this.space = html("div", { class: "lp-rows", role: "presentation" });
      this.list = html("div", { class: "lp-list", role: "listbox", tabindex: 0, "aria-label": "Events" }, this.space);
      this.count = html("span", { class: "lp-count" });
      this.el = html("div", { class: "lp-panel lp-events" }, this.buildFilter(), this.list);
      const longest = Math.max(...this.recording.run.nodes.map((name) => name.length), 5);
      this.el.style.setProperty("--lp-rows", Math.min(this.recording.count, 7));
      this.el.style.setProperty("--lp-who", `${round(Math.min(longest, 14) * 0.7)}em`);
      this.list.addEventListener("scroll", () => this.scrolled(), { passive: true });
      this.list.addEventListener("click", (event) => this.click(event));
      this.list.addEventListener("keydown", (event) => this.key(event));
    }

    buildFilter() {
      const refilter = () => this.filter();
      this.text = html("input", {
        type: "search",
        placeholder: "Filter events",
        "aria-label": "Filter events by text",
        oninput: refilter,
      });
      this.node = html(
        "select",
        { "aria-label": "Filter events by node", onchange: refilter },
        html("option", { value: "" }, "All nodes"),
        ...this.recording.run.nodes.map((name, node) => html("option", { value: node }, name)),
      );
      return html("div", { class: "lp-filter" }, this.text, this.node, this.count);
    }

    resize(width) {
      const height = width < NARROW ? 44 : 30;
      if (height !== this.rowHeight) this.clear();
      this.rowHeight = height;
      this.el.style.setProperty("--lp-row", `${height}px`);
      this.height = this.list.clientHeight || 240;
      this.scrolled();
      if (this.stage.view) this.reveal();
    }

    scrolled() {
      this.top = this.list.scrollTop;
      this.fillRows();
    }

    scrollTo(top) {
      const whole = Math.round(top / this.rowHeight) * this.rowHeight; // no row is cut
      this.top = clamp(whole, 0, Math.max(0, this.limit() * this.rowHeight - this.height));
      this.fillRows();
      this.list.scrollTop = this.top;
    }

    clear() {
      this.pool.forEach((row) => row.remove());
      this.pool.clear();
    }

    filter() {
      const words = this.text.value.trim().toLowerCase();
      const node = this.node.value === "" ? -1 : Number(this.node.value);
      this.shown = range(this.recording.count).filter(
        (index) =>
          (node < 0 || this.touches(index, node)) &&
          (!words || this.recording.run.lines[index].toLowerCase().includes(words)),
      );
      this.clear();
      this.scrollTo(0);
      this.reveal();
    }

    touches(index, node) {
      const event = this.recording.events[index];
      const [from, to] = "sdx".includes(event[0])
        ? this.recording.events[event[0] === "s" ? index : event[2]].slice(2, 4)
        : [-1, -1];
      return this.recording.places[index] === node || from === node || to === node;
    }

    /** Rows that may be seen: those of an unanswered question and after it are held back. */
    limit() {
      return lastAtMost(this.shown, (this.stage.view?.horizon ?? Infinity) - 1) + 1;
    }

    fillRows() {
      const limit = this.limit();
      const first = Math.max(0, Math.floor(this.top / this.rowHeight) - 4);
      const last = Math.min(limit - 1, Math.ceil((this.top + this.height) / this.rowHeight) + 4);
      this.space.style.height = `${limit * this.rowHeight}px`;
      const held = this.shown.length - limit;
      setText(
        this.count,
        held
          ? `${plural(held, "event")} held back by a question`
          : this.shown.length === this.recording.count
            ? plural(this.recording.count, "event")
            : `${this.shown.length} of ${plural(this.recording.count, "event")}`,
      );
      for (const [at, row] of this.pool) {
        if (at >= first && at <= last) continue;
        row.remove();
        this.pool.delete(at);
      }
      for (let at = first; at <= last; at++) if (!this.pool.has(at)) this.addRow(at);
    }

    addRow(at) {
      const index = this.shown[at];
      const { time, node, text } = this.recording.parts(index);
      const row = html(
        "div",
        {
          class: "lp-row",
          role: "option",
          id: `${this.stage.uid}-e${index}`,
          "data-event": index,
          style: `transform:translateY(${at * this.rowHeight}px)`,
          "aria-setsize": this.shown.length,
          "aria-posinset": at + 1,
          title: text,
        },
        html("span", { class: "lp-time" }, time),
        html("span", { class: "lp-who" }, node),
        html("span", { class: "lp-what" }, text),
      );
      this.pool.set(at, row);
      this.space.append(row);
      this.paint(row);
    }

    paint(row) {
      const { view } = this.stage;
      const index = Number(row.dataset.event);
      const current = index === view?.index;
      row.setAttribute("aria-selected", current);
      row.className = [
        "lp-row",
        current && "is-current",
        view && index > view.index && "is-ahead",
        view?.cone &&
          (index === view.cone.event
            ? "is-self"
            : view.cone.past.has(index)
              ? "is-past"
              : view.cone.future.has(index)
                ? "is-future"
                : "is-dim"),
        index === this.stage.diff && "is-diff",
      ]
        .filter(Boolean)
        .join(" ");
    }

    show() {
      this.fillRows();
      this.pool.forEach((row) => this.paint(row));
      this.reveal();
    }

    /** Scroll the list, and nothing but the list, to the current event. */
    reveal() {
      const { index } = this.stage.view ?? { index: 0 };
      const at = lastAtMost(this.shown, index);
      const top = at * this.rowHeight;
      if (top < this.top || top + this.rowHeight * 2 > this.top + this.height)
        this.scrollTo(Math.max(0, top - this.height / 3));
      const drawn = this.pool.get(at);
      if (drawn && this.shown[at] === index) this.list.setAttribute("aria-activedescendant", drawn.id);
      else this.list.removeAttribute("aria-activedescendant");
    }

    click(event) {
      const row = event.target.closest("[data-event]");
      if (row) this.stage.goToEvent(Number(row.dataset.event));
    }

    /** Up and Down move through the filtered rows. */
    key(event) {
      const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!way) return;
      event.preventDefault();
      event.stopPropagation();
      const here = lastAtMost(this.shown, this.stage.view.index);
      const exact = this.shown[here] === this.stage.view.index;
      const target = this.shown[way < 0 && !exact ? here : here + way];
      if (target !== undefined && target < this.stage.view.horizon) this.stage.goToEvent(target);
    }
  }

  const PANELS = { cluster: Cluster, logs: Logs, lanes: Lanes, table: Table, events: Events };

  // ---------------------------------------------------------------- inspector

  /** What is known of the chosen node or event, in words. */
  class Inspector {
    constructor(stage) {
      this.stage = stage;
      this.el = html("section", { class: "lp-panel lp-inspector", "aria-label": "Inspector", hidden: true });
    }

    show(view) {
      const key = JSON.stringify([view.selection, view.selection?.event === undefined ? view.index : 0]);
      if (key === this.key) return;
      this.key = key;
      this.el.hidden = !view.selection;
      if (!view.selection) return this.el.replaceChildren();
      const { title, rows } = this.factsOf(view);
      const causes = view.cone
        ? [
            ["caused by", plural(view.cone.past.size, "event")],
            ["leads to", plural(view.cone.future.size, "event")],
          ]
        : [];
      const clear = html(
        "button",
        {
          type: "button",
          class: "lp-clear",
          "aria-label": "Clear the selection",
          onclick: () => this.stage.select(null),
        },
        icon("close"),
      );
      const facts = [...rows, ...causes].flatMap(([name, value]) => [html("dt", {}, name), html("dd", {}, value)]);
      this.el.replaceChildren(
        html("div", { class: "lp-inspector-head" }, html("strong", {}, title), clear),
        html("dl", {}, ...facts),
      );
    }

    factsOf(view) {
      const { event, entry } = view.selection;
      if (event !== undefined) return this.eventFacts(event);
      return entry ? this.stage.logsPanel.facts(view, ...entry) : this.nodeFacts(view);
    }

    nodeFacts(view) {
      const { run } = this.stage.recording;
      const { node } = view.selection;
      const fields = run.fields
        .map((name, field) => [name, field, view.state.values[node][field]])
        .filter(([, , value]) => value !== undefined);
      return {
        title: run.nodes[node],
        rows: [
          ["kind", run.kinds?.[node] ?? "node"],
          ["status", view.state.status[node]],
          ...fields.map(([name, field, value]) => [name, this.stage.showField(field, value)]),
        ],
      };
    }

    eventFacts(index) {
      const { recording } = this.stage;
      const event = recording.events[index];
      if ("sdx".includes(event[0])) return this.messageFacts(index, event[0] === "s" ? index : event[2]);
      const { run } = recording;
      const named =
        {
          w: () =>
            Object.entries(event[3]).map(([field, value]) => [run.fields[field], this.stage.showField(field, value)]),
          n: () => Object.entries(event[4] ?? {}),
          f: () => Object.entries(event[3] ?? {}),
          r: () => [["outcome", event[5]]],
          t: () => [["timer", event[3]]],
          v: () => [["why", event[3]]],
        }[event[0]]?.() ?? [];
      const where = recording.places[index] >= 0 ? [["node", run.nodes[recording.places[index]]]] : [];
      return {
        title: `#${index}: ${KINDS[event[0]]}`,
        rows: [
          ["at", recording.clock(index)],
          ...where,
          ["says", recording.parts(index).text],
          ...named.map(([name, value]) => [name, showValue(value)]),
        ],
      };
    }

    messageFacts(index, send) {
      const { recording } = this.stage;
      const [, , from, to, type, body] = recording.events[send];
      const { run } = recording;
      const fates = recording.fates.get(send).map((flight) => {
        if (flight.end < 0) return "still in flight at the end";
        const how = flight.fate !== "arrives" ? `lost (${flight.why})` : flight.copy ? "delivered again" : "delivered";
        return `${how} at ${recording.clock(flight.end)}`;
      });
      const fields = Object.entries(body ?? {}).map(([name, value]) => [name, showValue(value)]);
      return {
        title: `${run.types[type]} message`,
        rows: [
          ["from", run.nodes[from]],
          ["to", run.nodes[to]],
          ...fields,
          ["sent", recording.clock(send)],
          ["fate", fates.join("; ")],
          ["event", `#${index}, its ${KINDS[recording.events[index][0]]}`],
        ],
      };
    }
  }

  // ---------------------------------------------------------------- stage

  let stages = 0;

  /** One run on show: its panels, and what they need to know of the moment. */
  class Stage {
    constructor(player, number, which, timeline) {
      this.player = player;
      this.which = which;
      this.timeline = timeline;
      this.recording = timeline.recordings[which];
      this.first = timeline.first[which];
      this.uid = `lp${(stages += 1)}`;
      this.diff = timeline.recordings.length > 1 ? (player.doc.diff?.[which] ?? -1) : -1;
      this.look = this.readLook(player.doc.look ?? {});
      this.logs = player.doc.logs && this.readLogs(player.doc.logs);
      this.selection = null;
      this.spans = new Map();
      this.build(timeline.recordings.length > 1 ? "AB"[which] : "");
    }

    /** The number of a watched field of this run; undefined when it has none of this name. */
    field(name) {
      const at = this.recording.run.fields.indexOf(name);
      return at < 0 ? undefined : at;
    }

    /** The look of the document, with numbers of fields in place of their names. */
    readLook({ badge, tones, captions, deadline }) {
      const lines = Object.entries(captions ?? {}).map(([name, words]) => [this.field(name), words]);
      return {
        badge: this.field(badge),
        tones,
        captions: lines.filter(([field]) => field !== undefined),
        deadline: this.field(deadline),
      };
    }

    /** Where the logs are, with numbers of fields in place of their names. */
    readLogs({ leader, first, ...names }) {
      const fields = Object.entries(names).map(([meaning, name]) => [meaning, this.field(name)]);
      const [role, leads] = leader ?? [];
      return { ...Object.fromEntries(fields), leader: this.field(role), leads: showValue(leads), first };
    }

    /** The fields that a table shows: all but those that other panels draw. */
    fieldsOfTable() {
      const { entries, next, match } = this.layout.includes("logs") ? this.logs : {};
      const { deadline } = this.layout.includes("cluster") ? this.look : {};
      const drawn = new Set([entries, next, match, deadline]);
      return range(this.recording.run.fields.length).filter((field) => !drawn.has(field));
    }

    /** The value of a field as text; logs come as numbers of entries. */
    showField(field, value) {
      if (Number(field) !== this.logs?.entries) return showValue(value);
      if (!Array.isArray(value)) return showValue(value && mapValues(value, (log) => this.showField(field, log)));
      return showValue(value.map((number) => this.recording.run.log?.[number]?.[3] ?? number));
    }

    build(letter) {
      const names = this.player.doc.layout ?? Object.keys(PANELS);
      this.layout = names.filter((name) => name in PANELS && (name !== "logs" || this.logs));
      this.panels = this.layout.map((name) => new PANELS[name](this));
      this.logsPanel = this.panels.find((panel) => panel instanceof Logs);
      this.inspector = new Inspector(this);
      const side = html("div", { class: "lp-side" });
      const aside = this.layout.includes("cluster") && this.layout.includes("table");
      const wide = this.fieldsOfTable().length > 3;
      const grid = html("div", { class: `lp-grid ${!aside ? "is-single" : wide ? "has-wide-table" : ""}`.trim() });
      for (const panel of this.panels) (panel instanceof Table && aside ? side : grid).append(panel.el);
      side.append(this.inspector.el);
      grid.insertBefore(side, grid.firstChild?.nextSibling ?? null);
      this.lights = this.recording.invariants.map((rule, index) => this.buildLight(rule, index));
      const title =
        letter &&
        html(
          "p",
          { class: "lp-stage-title" },
          html("span", { class: "lp-letter" }, letter),
          ` ${this.recording.run.label}`,
        );
      this.el = html(
        "section",
        {
          class: "lp-stage",
          "aria-label": letter ? `${letter}: ${this.recording.run.label}` : this.recording.run.label,
        },
        title || null,
        this.lights.length ? this.buildLights() : null,
        grid,
      );
    }

    /** All lights; where there is no room for many of them, those that hold stand behind one button. */
    buildLights() {
      const lights = html("div", { class: "lp-lights" }, ...this.lights.map((light) => light.el));
      if (this.lights.length <= MOST_LIGHTS) return lights;
      const unfold = () => {
        const open = lights.classList.toggle("is-folded") === false;
        this.allLights.setAttribute("aria-expanded", open);
      };
      lights.classList.add("is-folded");
      this.allLights = html("button", {
        type: "button",
        class: "lp-quiet lp-all-lights",
        "aria-expanded": "false",
        onclick: unfold,
      });
      lights.prepend(this.allLights);
      return lights;
    }

    buildLight(rule) {
      const shape = html("span", { class: "lp-light-icon" }, icon("holds"));
      const word = html("span", { class: "lp-light-word" }, "holds");
      const jump =
        rule.broken === null || rule.broken === undefined
          ? null
          : html(
              "button",
              { type: "button", class: "lp-quiet", onclick: () => this.goToEvent(rule.broken) },
              `Go to #${rule.broken}, which breaks it`,
            );
      const why = html("p", { class: "lp-light-why", hidden: true }, rule.why ?? "");
      const el = html(
        "details",
        { class: "lp-light" },
        html("summary", {}, shape, html("span", { class: "lp-light-name" }, rule.name), word),
        html(
          "div",
          { class: "lp-light-more" },
          html("p", {}, rule.says ?? "", rule.cite ? html("cite", {}, ` ${rule.cite}`) : null),
          why,
          jump,
        ),
      );
      return { el, rule, shape, word, why, broken: false };
    }

    showLights(index) {
      for (const light of this.lights) {
        const broken = light.rule.broken !== null && light.rule.broken !== undefined && index >= light.rule.broken;
        if (broken === light.broken) continue;
        light.broken = broken;
        light.el.classList.toggle("is-broken", broken);
        light.shape.replaceChildren(icon(broken ? "broken" : "holds"));
        light.word.textContent = broken ? `broken at #${light.rule.broken}` : "holds";
        light.why.hidden = !broken;
      }
      const held = this.lights.filter((light) => !light.broken).length;
      if (this.allLights) setText(this.allLights, `${held} of ${plural(this.lights.length, "invariant")} hold`);
    }

    /** All widths are read before a panel draws: else the page would be laid out once for each. */
    resize() {
      const widths = this.panels.map((panel) => Math.floor(panel.el.clientWidth));
      this.panels.forEach((panel, at) => panel.resize?.(widths[at]));
    }

    /** Seconds of playback at which a flight starts and ends. */
    span(flight) {
      let span = this.spans.get(flight.key);
      if (!span) {
        const { at } = this.timeline;
        const start = at[this.first[flight.send]];
        span = { start, end: flight.end < 0 ? at[this.timeline.count - 1] + 2 : at[this.first[flight.end]] };
        this.spans.set(flight.key, span);
      }
      return span;
    }

    /** Whether a flight can be seen between the step before `step` and the step after it. */
    isFlying(flight, step) {
      const { start, end } = this.span(flight);
      return start <= this.timeline.at[step] && end + DROP_GLOW >= this.timeline.at[Math.max(0, step - 1)];
    }

    /** Show a step: all that depends on the event, not on the moment between events. */
    show(step, near) {
      const index = this.timeline.steps[step][this.which];
      this.view = {
        step,
        index,
        near,
        state: this.advance(index),
        place: this.recording.places[index],
        selection: this.selection,
        cone: this.cone(index),
        horizon: this.player.horizon(this),
      };
      this.showLights(index);
      this.inspector.show(this.view);
      for (const panel of this.panels) panel.show(this.view);
    }

    advance(index) {
      if (this.state && index >= this.at && index - this.at < 50) {
        while (this.at < index) this.state.apply(this.recording, (this.at += 1));
      } else this.state = this.recording.stateAt(index);
      this.at = index;
      return this.state;
    }

    /** The chosen event's causes and effects; for a node: those of the latest event on it. */
    cone(index) {
      if (!this.selection) return (this.chosen = null);
      const event = this.selection.event ?? this.state.latest[this.selection.node] ?? -1;
      if (event < 0) return null;
      if (this.chosen?.event !== event) this.chosen = this.recording.cone(event);
      return this.chosen;
    }

    draw(seconds) {
      for (const panel of this.panels) panel.draw?.(seconds);
    }

    select(selection) {
      this.selection = selection;
      this.player.refresh();
    }

    /** Choose what was chosen in another run, as far as it is there. */
    chooseAgain(selection) {
      const { node, event } = selection ?? {};
      const there = event === undefined ? node < this.recording.run.nodes.length : event <= this.view.index;
      if (there && !selection.entry) this.selection = selection;
    }

    goToEvent(index) {
      this.player.go(this.first[index]);
    }
  }

  // ---------------------------------------------------------------- controls

  /** A button of the control bar. */
  function control(name, label, onclick, extra = "") {
    return html(
      "button",
      { type: "button", class: `lp-button ${extra}`.trim(), "aria-label": label, title: label, onclick },
      icon(name),
    );
  }

  /** The one bar: play, steps, scrub, position, speed. */
  class Controls {
    constructor(player) {
      this.player = player;
      this.play = control("play", "Play", () => player.toggle(), "lp-play");
      this.scrub = html("input", {
        type: "range",
        class: "lp-scrub",
        min: 0,
        max: 0,
        step: 1,
        value: 0,
        "aria-label": "Event",
        oninput: () => player.scrub(Number(this.scrub.value)),
      });
      this.flags = html("div", { class: "lp-flags", "aria-hidden": "true" });
      this.position = html("span", { class: "lp-position" });
      this.speed = html(
        "select",
        { class: "lp-speed", "aria-label": "Speed", onchange: () => player.setSpeed(Number(this.speed.value)) },
        ...SPEEDS.map((speed) => html("option", { value: speed, selected: speed === 1 }, `${speed}×`)),
      );
      this.el = html(
        "div",
        { class: "lp-controls" },
        this.play,
        control("back", "One event back", () => player.step(-1)),
        control("forward", "One event on", () => player.step(1)),
        html("div", { class: "lp-track" }, this.flags, this.scrub),
        this.position,
        this.speed,
      );
    }

    /** Marks on the track: captions, questions, the violation, the first difference. */
    setTimeline() {
      const { timeline, stages, doc } = this.player;
      const flags = [];
      for (const stage of stages) {
        for (const event of stage.recording.marks.keys()) flags.push(["is-mark", stage.first[event]]);
        for (const rule of stage.recording.invariants)
          if (rule.broken >= 0 && rule.broken !== null) flags.push(["is-broken", stage.first[rule.broken]]);
      }
      if (stages.length > 1 && doc.diff) flags.push(["is-diff", this.player.diffStep()]);
      for (const asked of this.player.questions) flags.push(["is-question", asked.step]);
      this.scrub.max = timeline.count - 1;
      this.flags.replaceChildren(
        ...flags.map(([kind, step]) =>
          html("i", { class: kind, style: `--at:${timeline.count > 1 ? step / (timeline.count - 1) : 0}` }),
        ),
      );
    }

    show(step, text) {
      const { timeline } = this.player;
      this.scrub.value = step;
      this.scrub.style.setProperty("--at", timeline.count > 1 ? step / (timeline.count - 1) : 0);
      this.scrub.setAttribute("aria-valuetext", `${step} of ${timeline.count - 1}: ${text}`);
      setText(this.position, `${step} / ${timeline.count - 1}`);
    }

    setPlaying(playing) {
      this.play.replaceChildren(icon(playing ? "pause" : "play"));
      this.play.setAttribute("aria-label", playing ? "Pause" : "Play");
      this.play.title = playing ? "Pause" : "Play";
    }
  }

  // ---------------------------------------------------------------- questions

  /** Predict-then-reveal: one card, shown when playback comes to a question. */
  class Question {
    constructor(player) {
      this.player = player;
      this.el = html("div", { class: "lp-ask", hidden: true });
    }

    ask(asked, resume) {
      this.asked = asked;
      const name = `${this.player.uid}-q${asked.number}`;
      const options = asked.options.map((text, index) =>
        html("label", {}, html("input", { type: "radio", name, value: index }), html("span", {}, text)),
      );
      this.verdict = html("p", { class: "lp-verdict", role: "status" });
      this.accept = html("button", { type: "submit", class: "lp-solid" }, "Answer");
      this.leave = html(
        "button",
        { type: "button", class: "lp-quiet", onclick: () => this.close(true, resume) },
        "Skip",
      );
      this.form = html(
        "form",
        {},
        html("fieldset", {}, html("legend", {}, icon("ask"), html("span", {}, asked.question)), ...options),
        this.verdict,
        html("div", { class: "lp-ask-buttons" }, this.accept, this.leave),
      );
      this.form.addEventListener("submit", (event) => {
        event.preventDefault();
        if (this.answered) this.close(false, resume);
        else this.answer();
      });
      this.answered = false;
      this.el.replaceChildren(this.form);
      this.el.hidden = false;
    }

    /** Say whether the choice was right, and why; the next press goes on. */
    answer() {
      const chosen = this.form.querySelector("input:checked");
      if (!chosen) return setText(this.verdict, "Choose one of the answers first.");
      const right = Number(chosen.value) === this.asked.answer;
      const truth = this.asked.options[this.asked.answer];
      this.verdict.className = `lp-verdict ${right ? "is-right" : "is-wrong"}`;
      this.verdict.replaceChildren(
        icon(right ? "holds" : "broken"),
        html("span", {}, html("strong", {}, right ? "Right. " : `Not so: ${truth}. `), this.asked.why ?? ""),
      );
      this.form.querySelectorAll("input").forEach((input) => (input.disabled = true));
      this.answered = true;
      this.player.settled.add(this.asked.number);
      this.accept.textContent = "Go on";
      this.leave.hidden = true;
      this.player.refresh();
    }

    close(skipped, resume) {
      this.player.settled.add(this.asked.number);
      const { step } = this.asked;
      this.hide();
      this.player.go(step);
      if (resume) this.player.start();
      else if (skipped) this.player.say();
      this.player.root.focus({ preventScroll: true });
    }

    hide() {
      this.el.hidden = true;
      this.el.replaceChildren();
      this.asked = null;
    }

    get open() {
      return !this.el.hidden;
    }
  }

  // ---------------------------------------------------------------- saving

  /** Properties that a picture needs when it leaves the page and its style sheet. */
  const LOOKS = [
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linecap",
    "opacity",
    "font-family",
    "font-size",
    "font-weight",
    "text-anchor",
    "visibility",
    "display",
    "paint-order",
    "stroke-linejoin",
  ];

  /** A copy of a drawn picture that looks the same without style sheet. */
  function standalone(picture) {
    const copy = picture.cloneNode(true);
    copy.removeAttribute("class");
    const [from, to] = [picture.querySelectorAll("*"), copy.querySelectorAll("*")];
    from.forEach((element, index) => {
      const look = getComputedStyle(element);
      to[index].removeAttribute("class");
      to[index].setAttribute("style", LOOKS.map((name) => `${name}:${look.getPropertyValue(name)}`).join(";"));
    });
    return copy;
  }

  /** The pictures of all stages, one below the other, as the text of one SVG file. */
  function pictureText(player) {
    const sheet = svg("svg", { xmlns: SVG });
    let [top, widest] = [0, 0];
    for (const panel of player.stages
      .flatMap((stage) => stage.panels)
      .filter((panel) => panel.picture && panel.width)) {
      const view = panel.view ?? panel.el;
      const extra = panel.annotations?.();
      if (extra) panel.picture.append(extra);
      const [width, height] = [
        view.clientWidth,
        panel.view ? Math.min(view.clientHeight, view.scrollHeight) : panel.height,
      ];
      const left = (view.scrollLeft ?? 0) - (panel.margin ?? 0);
      const copy = standalone(panel.picture);
      extra?.remove();
      fill(
        copy,
        {
          x: 0,
          y: top,
          width,
          height,
          viewBox: `${left} ${view.scrollTop ?? 0} ${width} ${height}`,
          style: "overflow:hidden",
        },
        [],
      );
      sheet.append(copy);
      top += height + 16;
      widest = Math.max(widest, width);
    }
    const paper = getComputedStyle(player.root).backgroundColor;
    sheet.prepend(
      svg("title", {}, player.doc.title ?? player.doc.id),
      svg("rect", { width: widest, height: top, fill: paper }),
    );
    fill(sheet, { width: widest, height: top, viewBox: `0 0 ${widest} ${top}` }, []);
    return new XMLSerializer().serializeToString(sheet);
  }

  function download(name, text, type) {
    const address = URL.createObjectURL(new Blob([text], { type }));
    html("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  /** Copy text; pages opened from a file have no clipboard service, so fall back to a selection. */
  async function copyText(text, near) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const box = html("textarea", { class: "lp-unseen", readonly: true, "aria-hidden": "true" }, text);
      near.append(box);
      box.select();
      const done = document.execCommand("copy");
      box.remove();
      return done;
    }
  }

  // ---------------------------------------------------------------- player

  const KEY_HELP = [
    ["Space", "play"],
    ["← →", "step"],
    ["Shift ← →", "by ten"],
    ["Home End", "first, last"],
    ["Esc", "clear"],
  ];
  let players = 0;

  /** A player in the page: what is shown, where it stands, and how it moves. */
  class Player {
    constructor(doc) {
      checkDocument(doc);
      this.doc = doc;
      this.uid = `lesson${(players += 1)}`;
      this.recordings = doc.runs.map((run) => new Recording(run));
      this.settled = new Set(); // numbers of the questions answered or skipped
      this.stop = new AbortController();
      this.speed = 1;
      this.playing = false;
      this.onchange = null; // called when another moment or another choice is on show, and when it starts or stops
      this.visible = true;
      const motion = matchMedia("(prefers-reduced-motion: reduce)");
      this.calm = motion.matches;
      motion.addEventListener("change", () => (this.calm = motion.matches), { signal: this.stop.signal });
      this.frame = this.frame.bind(this);
      this.build();
      this.choose(doc.pair ? "ab" : 0);
    }

    // ---- building

    build() {
      const { doc } = this;
      this.controls = new Controls(this);
      this.question = new Question(this);
      this.voice = html("p", { class: "lp-unseen", "aria-live": "polite" });
      this.now = html("div", { class: "lp-now" });
      this.note = html("div", { class: "lp-notes" });
      this.stageBox = html("div", { class: "lp-stages" });
      this.root = html(
        "div",
        {
          class: "lp",
          role: "group",
          "aria-label": `Player: ${doc.title ?? doc.id}`,
          tabindex: -1,
          "data-lm-suppress-shortcuts": "true", // else keys reach JupyterLab first, where "x" cuts the cell
          onkeydown: (event) => this.key(event),
        },
        html("div", { class: "lp-head" }, html("p", { class: "lp-title" }, doc.title ?? doc.id), this.buildRuns()),
        this.stageBox,
        html("div", { class: "lp-dock" }, this.question.el, this.note, this.now, this.controls.el),
        this.buildFoot(),
        this.voice,
      );
      this.observe();
    }

    buildRuns() {
      const { runs, pair } = this.doc;
      const options = runs.map((run, index) => html("option", { value: index }, run.label));
      if (pair) options.unshift(html("option", { value: "ab" }, "A and B, side by side"));
      this.runs = html("select", { "aria-label": "Run", onchange: () => this.choose(this.runs.value) }, ...options);
      return options.length > 1 ? html("label", { class: "lp-runs" }, html("span", {}, "Run"), this.runs) : null;
    }

    buildFoot() {
      const tool = (name, label, act) => {
        const words = html("span", {}, label);
        return html(
          "button",
          {
            type: "button",
            class: "lp-tool",
            onclick: async () => {
              setText(words, (await act()) ?? label);
              setTimeout(() => setText(words, label), 1600);
            },
          },
          icon(name),
          words,
        );
      };
      const copied = async (text) => ((await copyText(text, this.root)) ? "Copied" : "Not allowed by the browser");
      const keys = KEY_HELP.map(([key, text]) => html("span", {}, html("kbd", {}, key), ` ${text}`));
      return html(
        "div",
        { class: "lp-foot" },
        html(
          "div",
          { class: "lp-tools" },
          tool("link", "Copy link", () => copied(this.link())),
          tool("copy", "Copy transcript", () => copied(this.transcript())),
          tool("save", "Save picture", () =>
            download(`${this.doc.id}-${this.at}.svg`, pictureText(this), "image/svg+xml"),
          ),
        ),
        html("p", { class: "lp-keys" }, ...keys),
      );
    }

    /** Lay out again when the width changes; move only while in sight. */
    observe() {
      this.sizes = new ResizeObserver(() => requestAnimationFrame(() => this.resize()));
      this.sizes.observe(this.stageBox);
      this.sight = new IntersectionObserver((entries) => {
        this.visible = entries[entries.length - 1].isIntersecting;
        this.wake();
      });
      this.sight.observe(this.root);
      window.addEventListener("hashchange", () => this.readLink(), { signal: this.stop.signal });
    }

    resize() {
      for (const stage of this.stages) stage.resize();
      this.draw();
    }

    dispose() {
      this.pause();
      this.stop.abort();
      this.sizes.disconnect();
      this.sight.disconnect();
      this.root.remove();
    }

    // ---- which runs

    /** Play another document in place of this one, from step `at` on; what is chosen, and whether it plays, stays. */
    become(doc, at) {
      checkDocument(doc);
      const { playing } = this;
      const chosen = this.stages.map((stage) => stage.selection);
      this.pause();
      this.doc = doc;
      this.recordings = doc.runs.map((run) => new Recording(run));
      this.choose(doc.pair ? "ab" : 0, at);
      this.stages.forEach((stage, which) => stage.chooseAgain(chosen[which]));
      if (chosen.some(Boolean)) this.refresh();
      if (playing) this.start();
    }

    /** Put a run on the stage, or with "ab" the pair; `at` is where to begin, if not at the opening. */
    choose(run, at) {
      this.pause();
      this.mode = run === "ab" ? "ab" : Number(run);
      const numbers = this.mode === "ab" ? this.doc.pair : [this.mode];
      this.timeline = new Timeline(
        numbers.map((number) => this.recordings[number]),
        this.doc.diff,
      );
      this.stages = numbers.map((number, which) => new Stage(this, number, which, this.timeline));
      this.questions = this.findQuestions(numbers);
      this.runs.value = String(this.mode);
      this.root.classList.toggle("is-pair", numbers.length > 1);
      this.stageBox.replaceChildren(...this.stages.map((stage) => stage.el));
      this.lines = this.stages.map((stage) => new NowLine(stage));
      this.now.replaceChildren(...this.lines.map((line) => line.el));
      this.question.hide();
      this.controls.setTimeline();
      this.at = 0;
      this.seconds = 0;
      this.resize();
      this.go(at ?? this.opening(), { quiet: true });
    }

    /** Where a reader starts: once the nodes that start together have done so. */
    opening() {
      const settingUp = ({ recording }, index) =>
        "bw".includes(recording.events[index][0]) && recording.times[index] === recording.times[0];
      const next = range(this.timeline.count).find(
        (step) => !this.stages.every((stage) => settingUp(stage, this.timeline.steps[step][stage.which])),
      );
      const asked = this.pendingIn(0, this.timeline.count);
      return Math.max(0, Math.min(next ?? this.timeline.count, asked?.step ?? Infinity) - 1);
    }

    findQuestions(numbers) {
      return (this.doc.predict ?? [])
        .map((asked, number) => ({ ...asked, number, which: numbers.indexOf(asked.run) }))
        .filter((asked) => asked.which >= 0)
        .map((asked) => ({ ...asked, step: this.timeline.first[asked.which][asked.event] }))
        .sort((a, b) => a.step - b.step);
    }

    diffStep() {
      return Math.min(...this.stages.map((stage) => stage.first[Math.min(stage.diff, stage.recording.count - 1)]));
    }

    // ---- moving

    /** Show step `wanted`; `quiet` says nothing to screen readers, `tween` lets the messages glide there. */
    go(wanted, { quiet = false, tween = false } = {}) {
      const step = clamp(wanted, 0, this.timeline.count - 1);
      const near = Math.abs(step - this.at) <= 1;
      if (this.tween) this.seconds = this.timeline.at[this.at]; // who steps fast does not see the glides queue up
      this.tween = tween && !this.calm ? { from: this.seconds, start: performance.now() } : null;
      this.at = step;
      if (!this.playing && !this.tween) this.seconds = this.timeline.at[step];
      if (this.question.open && this.question.asked.step <= step) this.question.hide();
      for (const stage of this.stages) stage.show(step, near);
      this.lines.forEach((line) => line.show());
      this.controls.show(step, this.lines.map((line) => line.text).join("; "));
      this.showNotes();
      if (!quiet) this.say();
      this.draw();
      this.wake();
      this.onchange?.();
    }

    /** Show the same step again after a change of selection or answer. */
    refresh() {
      this.go(this.at, { quiet: true });
    }

    step(by) {
      this.pause();
      const asked = by > 0 ? this.pendingIn(this.at, this.at + by) : null;
      if (asked && !(this.question.open && this.question.asked === asked)) return this.meet(asked, false);
      this.go(this.at + by, { tween: Math.abs(by) === 1 });
    }

    scrub(step) {
      this.pause();
      this.go(step);
    }

    /** The first open question whose event lies after step `from`, up to step `to`. */
    pendingIn(from, to) {
      return (
        this.questions.find((asked) => !this.settled.has(asked.number) && asked.step > from && asked.step <= to) ?? null
      );
    }

    /** Number of the first event of a stage that an open question ahead still hides. */
    horizon(stage) {
      const asked = this.pendingIn(this.at, Infinity);
      if (!asked) return Infinity;
      const { steps } = this.timeline;
      return asked.step ? steps[asked.step - 1][stage.which] + 1 : 0;
    }

    /** Stop in front of a question and ask it. */
    meet(asked, resume) {
      this.pause();
      this.go(asked.step - 1, { quiet: true });
      this.question.ask(asked, resume);
      setText(this.voice, `Question: ${asked.question}`);
    }

    toggle() {
      if (this.playing) this.pause();
      else this.start();
    }

    start() {
      if (this.question.open) return;
      if (this.at >= this.timeline.count - 1) this.go(0, { quiet: true });
      this.tween = null;
      this.seconds = this.timeline.at[this.at];
      this.playing = true;
      this.last = null;
      this.controls.setPlaying(true);
      this.wake();
      this.onchange?.();
    }

    pause() {
      if (!this.playing) return;
      this.playing = false;
      this.controls.setPlaying(false);
      this.refresh();
    }

    setSpeed(speed) {
      this.speed = speed;
    }

    /** Ask for a frame when something moves and can be seen. */
    wake() {
      if (this.request || !this.visible || !(this.playing || this.tween)) return;
      this.last = null;
      this.request = requestAnimationFrame(this.frame);
    }

    frame(time) {
      this.request = null;
      if (!this.visible) return;
      if (this.playing) this.advance(time);
      else if (this.tween) this.glide(time);
      if (!this.playing && !this.tween) return;
      this.request = requestAnimationFrame(this.frame);
    }

    advance(time) {
      const passed = this.last === null ? 0 : Math.min(0.1, (time - this.last) / 1000);
      this.last = time;
      this.seconds += passed * this.speed;
      const step = this.timeline.stepAt(this.seconds);
      const asked = step > this.at ? this.pendingIn(this.at, step) : null;
      if (asked) return this.meet(asked, true);
      if (step > this.at) this.go(step, { quiet: true });
      else this.draw();
      const last = this.timeline.count - 1;
      if (this.at === last && this.seconds > this.timeline.at[last] + 0.6) this.pause();
    }

    glide(time) {
      const part = clamp((time - this.tween.start) / STEP_TWEEN, 0, 1);
      this.seconds = mix(this.tween.from, this.timeline.at[this.at], part * (2 - part));
      if (part === 1) this.tween = null;
      this.draw();
    }

    draw() {
      const seconds = this.calm ? this.timeline.at[this.at] : this.seconds;
      for (const stage of this.stages) stage.draw(seconds);
    }

    // ---- telling

    /** Read the current line to screen readers. */
    say() {
      setText(this.voice, this.lines.map((line) => line.spoken).join(" "));
    }

    /** Offers beside the picture: the first difference, a question that was passed. */
    showNotes() {
      const offers = [];
      if (this.stages.length > 1 && this.doc.diff) {
        const step = this.diffStep();
        offers.push(
          this.at === step
            ? html("span", { class: "lp-tag" }, "First difference")
            : html(
                "button",
                { type: "button", class: "lp-quiet", onclick: () => this.go(step) },
                `First difference: #${step}`,
              ),
        );
      }
      const missed = this.questions.find((asked) => !this.settled.has(asked.number) && asked.step <= this.at);
      if (missed) {
        offers.push(
          html(
            "button",
            { type: "button", class: "lp-quiet", onclick: () => this.meet(missed, false) },
            icon("ask"),
            `Open question: #${missed.step}`,
          ),
        );
      }
      const key = offers.map((offer) => offer.textContent).join("|");
      if (key !== this.noteKey) this.note.replaceChildren(...offers);
      this.noteKey = key;
    }

    link() {
      return `${location.href.split("#")[0]}#${encodeURIComponent(this.doc.id)}:${this.mode}:${this.at}`;
    }

    /** Go where the page's address points, if it points here. Other anchors are left to the browser. */
    readLink() {
      const found = /^#(.+):(\d+|ab):(\d+)$/.exec(location.hash);
      if (found?.[1] !== encodeURIComponent(this.doc.id)) return;
      const [, , run, step] = found;
      if (run === "ab" ? !this.doc.pair : !this.doc.runs[Number(run)]) return;
      if (String(this.mode) !== run) this.choose(run);
      this.go(Number(step));
      this.root.scrollIntoView({ block: "start" });
    }

    transcript() {
      return this.stages
        .map((stage) => `${stage.recording.run.label}\n${stage.recording.run.lines.join("\n")}\n`)
        .join("\n");
    }

    key(event) {
      const { target } = event;
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (target.matches("select, textarea, input:not([type=range])")) return;
      if (event.key === " " && target.closest("button, summary, a")) return;
      const far = event.shiftKey ? 10 : 1;
      const acts = {
        " ": () => this.toggle(),
        ArrowLeft: () => this.step(-far),
        ArrowRight: () => this.step(far),
        Home: () => this.scrub(0),
        End: () => this.scrub(this.timeline.count - 1),
        Escape: () => this.clear(),
      };
      if (!acts[event.key]) return;
      event.preventDefault();
      event.stopPropagation(); // JupyterLab has shortcuts on the same keys
      acts[event.key]();
    }

    clear() {
      for (const stage of this.stages) stage.selection = null;
      this.refresh();
    }
  }

  /** The current transcript line of a stage, with the author's caption. */
  class NowLine {
    constructor(stage) {
      this.stage = stage;
      this.time = html("span", { class: "lp-time" });
      this.who = html("span", { class: "lp-who" });
      this.what = html("span", { class: "lp-what" });
      this.caption = html("p", { class: "lp-caption" });
      this.inspect = html(
        "button",
        {
          type: "button",
          class: "lp-quiet lp-inspect",
          onclick: () => stage.select(stage.selection?.event === stage.view.index ? null : { event: stage.view.index }),
        },
        "Inspect",
      );
      this.el = html(
        "div",
        { class: "lp-now-line" },
        html("p", { class: "lp-sentence" }, this.time, " ", this.who, " ", this.what),
        this.inspect,
        this.caption,
      );
    }

    show() {
      const { recording, view } = this.stage;
      const { time, node, text } = recording.parts(view.index);
      this.text = [node, text].filter(Boolean).join(" ");
      const caption = recording.marks.get(view.index) ?? "";
      this.spoken = [`${this.text}.`, this.stage.logsPanel?.news, caption].filter(Boolean).join(" ");
      setText(this.time, time);
      setText(this.who, node);
      setText(this.what, text);
      setText(this.caption, caption);
      this.caption.hidden = !caption;
      setText(this.inspect, this.stage.selection?.event === view.index ? "Clear" : "Inspect");
      this.el.classList.toggle("is-diff", view.index === this.stage.diff);
    }
  }

  // ---------------------------------------------------------------- start

  /** The document of a figure: its JSON, with the transcript lines that the page shows as text. */
  function readFigure(figure) {
    const script = figure.querySelector('script[type="application/json"]');
    demand(script, "its recording is missing");
    const doc = JSON.parse(script.textContent);
    for (const transcript of figure.querySelectorAll("pre.lesson-transcript")) {
      const run = doc.runs?.[Number(transcript.dataset.run)];
      if (run && !run.lines) run.lines = transcript.textContent.replace(/\n$/, "").split("\n");
    }
    return doc;
  }

  const mounted = new WeakMap(); // figure -> its player

  /** Turn a figure into a player. If its recording cannot be read, the picture stays and one line says why. */
  function mount(figure) {
    if (figure.dataset.lessonState) return null;
    const picture = figure.querySelector("img");
    let player = null;
    try {
      player = new Player(readFigure(figure));
      if (picture) picture.after(player.root);
      else figure.prepend(player.root);
      player.resize();
      player.refresh();
      if (picture) picture.hidden = true;
      figure.dataset.lessonState = "playing";
      mounted.set(figure, player);
    } catch (error) {
      player?.dispose();
      figure.dataset.lessonState = "still";
      figure.append(problem(error));
      return null;
    }
    player.readLink();
    return player;
  }

  function problem(error) {
    const reason = error instanceof SyntaxError ? "its recording is not JSON" : error.message;
    return html("p", { class: "lp-problem" }, `This figure cannot be played: ${reason}.`);
  }

  /** anywidget's entry: draw the model's document in `el`, follow its changes, return what cleans up. */
  function render({ model, el }) {
    let player = null;
    const show = () => {
      player?.dispose();
      player = null;
      try {
        player = new Player(structuredClone(model.get("document")));
        el.replaceChildren(player.root);
        if (player.doc.caption) player.root.append(html("p", { class: "lp-figcaption" }, player.doc.caption));
        player.refresh();
      } catch (error) {
        el.replaceChildren(problem(error));
      }
    };
    model.on("change:document", show);
    show();
    return () => {
      model.off("change:document", show);
      player?.dispose();
    };
  }

  globalThis.LessonPlayer = {
    render,
    mount,
    /** The player of a figure; undefined while it has none. */
    of: (figure) => mounted.get(figure),
    /** A player of a document, in its element `root`; call its `refresh` when that is in the page. */
    create: (doc) => new Player(doc),
    /** What makes elements, for scripts that draw beside the player. */
    elements: { html, svg, setText },
    version: VERSION,
  };

  const mountAll = () => document.querySelectorAll("figure[data-lesson]").forEach((figure) => mount(figure));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", mountAll);
  else mountAll();
})();
