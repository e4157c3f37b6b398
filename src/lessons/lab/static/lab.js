/**
 * The lab: controls around a player, by which a reader breaks a world by hand. It knows no protocol and no simulator:
 * what can be done, set and said comes from Python (lessons.lab.answer), and so does every run.
 *
 * A classic script that comes after player.js, and stands on it. It sets `globalThis.LessonLab` and, in a page, puts a button
 * over the player of every `.lesson-lab`; Python starts when the reader presses it (`LessonPython`), or runs in the
 * kernel of a notebook (`render`, anywidget's entry). Texts from Python, from links and from files enter the page as
 * text only; the one piece of HTML is a verdict, which Python makes and escapes.
 *
 * In this file, in this order: elements, fields, offers, menu, lasso, history, faces (of a player, of a board), lab,
 * page, notebook. The form is Prettier's, at 120 columns.
 */
(() => {
  "use strict";

  const MOST_PAST = 100; // states that can be undone
  const MOST_FILE = 65536; // bytes of a file with a state
  const NEAR_END = 25; // events before the end at which a run that plays goes on by itself
  const SETTLE = 120; // milliseconds that the reader stands still before Python is asked what can be done there
  const PATIENCE = 350; // milliseconds after which a wait is shown
  const [NARROW, LOW] = [560, 640]; // pixels; in less room a lab begins folded, so that the picture can be seen
  const LASSO_STEP = 4; // pixels between two points of a lasso
  const STAY = "stay"; // at the event where the reader is when the answer comes
  const NETWORK = "network";
  const MESSAGES = "messages";
  const PARTITION = "Partition"; // the id of the offer that a lasso takes up

  // ---------------------------------------------------------------- elements

  const ICONS = {
    undo: "M8 4 3 9l5 5v-3.5h6.5a3.5 3.5 0 0 1 0 7H8V20h6.5a6 6 0 0 0 0-12H8z",
    redo: "M16 4l5 5-5 5v-3.5H9.5a3.5 3.5 0 0 0 0 7H16V20H9.5a6 6 0 0 1 0-12H16z",
    fork: "M7 3a2.5 2.5 0 0 1 1.2 4.7v8.6a2.5 2.5 0 1 1-2.4 0V7.7A2.5 2.5 0 0 1 7 3zm10 0a2.5 2.5 0 0 1 1.2 4.7c0 4-3 5.6-8 6.2v-2.4c3.6-.5 5.5-1.5 5.6-3.8A2.5 2.5 0 0 1 17 3z",
    again: "M12 5V1.5L6.5 6 12 10.5V7.4a5.3 5.3 0 1 1-5.3 5.3H4.3A7.7 7.7 0 1 0 12 5z",
    on: "M4 5v14l8-7zM12 5v14l8-7z",
    link: "M10.6 13.4a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1.2 1.2 1.4 1.4 1.2-1.2a2 2 0 0 1 2.9 2.9l-3 3a2 2 0 0 1-2.9 0zM13.4 10.6a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1.2-1.2-1.4-1.4-1.2 1.2a2 2 0 0 1-2.9-2.9l3-3a2 2 0 0 1 2.9 0z",
    save: "M11 3h2v9.2l3.1-3.1 1.4 1.4L12 16l-5.5-5.5 1.4-1.4 3.1 3.1zM4 18h16v2.5H4z",
    open: "M11 16h2V6.8l3.1 3.1 1.4-1.4L12 3 6.5 8.5l1.4 1.4L11 6.8zM4 18h16v2.5H4z",
    code: "M8.5 6 3 12l5.5 6 1.5-1.4L5.8 12 10 7.4zM15.5 6 21 12l-5.5 6-1.5-1.4 4.2-4.6L14 7.4z",
    lasso:
      "M12 4c5 0 9 2.5 9 5.8S17 15.5 12 15.5c-.8 0-1.6-.1-2.3-.2-.2 1.9-1.5 3.7-4 4.7l-.8-1.8c1.7-.7 2.6-2 2.8-3.4C4.9 13.9 3 12 3 9.8 3 6.5 7 4 12 4zm0 2c-4 0-7 1.8-7 3.8s3 3.7 7 3.7 7-1.7 7-3.7S16 6 12 6z",
  };

  const { html, svg, setText } = globalThis.LessonPlayer.elements;
  const icon = (name) =>
    svg(
      "svg",
      { class: "lp-icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
      svg("path", { d: ICONS[name], "fill-rule": "evenodd" }),
    );
  const words = (name) => name.replaceAll("_", " ");
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
  let ids = 0;
  const freshId = () => `ll${(ids += 1)}`;

  function button(name, label, onclick, look = "lp-quiet") {
    return html("button", { type: "button", class: look, onclick }, name && icon(name), html("span", {}, label));
  }

  function download(name, text) {
    const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    html("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  // ---------------------------------------------------------------- fields

  /**
   * The inputs for one field: `el`, and `read()`, the value as plain data. What is wrong with it is Python's to say.
   * Every kind of field in lessons.lab.fields has its function here.
   */
  const INPUTS = {
    number(field, value) {
      const input = numberInput(field, value);
      return { el: html("span", { class: "ll-number" }, input, unit(field)), input, read: () => number(input) };
    },
    span(field, value) {
      const [low, high] = [value?.[0], value?.[1]].map((edge) => numberInput(field, edge));
      high.setAttribute("aria-label", "to");
      const el = html("span", { class: "ll-number" }, low, html("span", {}, "to"), high, unit(field));
      return { el, input: low, read: () => [number(low), number(high)] };
    },
    switch(field, value) {
      const input = html("input", { type: "checkbox", checked: Boolean(value) });
      return { el: input, input, read: () => input.checked };
    },
    choice(field, value) {
      const options = field.options.map((each) => html("option", { value: each, selected: each === value }, each));
      const input = html("select", {}, ...options);
      return { el: input, input, read: () => input.value };
    },
    text(field, value) {
      const input = html("input", { type: "text", maxlength: field.most, value: value ?? "", autocomplete: "off" });
      const el = html("span", { class: "ll-text" }, input, proposals(field, input));
      return { el, input, read: () => (field.optional && input.value === "" ? null : input.value) };
    },
    texts(field, value) {
      if (field.proposals.length) return boxes(field.proposals, value ?? []);
      const start = (value ?? []).join(", ");
      const input = html("input", { type: "text", value: start, placeholder: "with commas between" });
      const items = () => input.value.split(",").map((item) => item.trim());
      return { el: input, input, read: () => items().filter(Boolean) };
    },
    groups(field) {
      const rows = field.nodes.map((node) => {
        const options = ["no group", "group 1", "group 2", "group 3"].map((text, at) =>
          html("option", { value: at }, text),
        );
        const input = html("select", { "aria-label": `Group of ${node}` }, ...options);
        return { node, input, el: html("label", { class: "ll-group" }, html("span", {}, node), input) };
      });
      const group = (at) => rows.filter((row) => Number(row.input.value) === at).map((row) => row.node);
      const read = () => [1, 2, 3].map(group).filter((members) => members.length);
      return { el: html("span", { class: "ll-groups" }, ...rows.map((row) => row.el)), input: rows[0].input, read };
    },
  };

  const number = (input) => (input.value === "" ? null : Number(input.value));
  const unit = (field) => field.unit && html("span", { class: "ll-unit" }, field.unit);

  function numberInput({ low, high, step }, value) {
    return html("input", { type: "number", min: low, max: high, step: "any", "data-step": step, value });
  }

  function proposals(field, input) {
    if (!field.proposals.length) return null;
    const id = freshId();
    input.setAttribute("list", id);
    return html("datalist", { id }, ...field.proposals.map((value) => html("option", { value })));
  }

  function boxes(names, chosen) {
    const box = (name) => ({ type: "checkbox", value: name, "aria-label": name, checked: chosen.includes(name) });
    const all = names.map((name) => html("input", box(name)));
    const labels = all.map((box) => html("label", { class: "ll-box" }, box, box.value));
    const read = () => all.filter((box) => box.checked).map((box) => box.value);
    return { el: html("span", { class: "ll-boxes" }, ...labels), input: all[0], read };
  }

  /** Labelled inputs for fields by name; `read()` gives their values. */
  class Fields {
    constructor(fields, values = {}) {
      this.inputs = Object.entries(fields).map(([name, field]) => {
        const made = INPUTS[field.kind](field, name in values ? values[name] : field.start);
        return { name, field, ...made };
      });
      this.el = html("div", { class: "ll-fields" }, ...this.inputs.map((each) => this.row(each)));
    }

    /** A label around one input, a group of a label and several; what helps is no part of the name. */
    row({ name, field, el, input }) {
      const label = html("span", { class: "ll-name", id: freshId() }, words(name));
      const help = field.help ? html("span", { class: "ll-help", id: freshId() }, field.help) : null;
      if (help) input.setAttribute("aria-describedby", help.id);
      if (!input.hasAttribute("aria-label")) input.setAttribute("aria-labelledby", label.id);
      const single = ["number", "choice", "text", "switch"].includes(field.kind);
      const group = single ? {} : { role: "group", "aria-labelledby": label.id };
      return html(single ? "label" : "div", { class: `ll-field is-${field.kind}`, ...group }, label, el, help);
    }

    read() {
      return Object.fromEntries(this.inputs.map(({ name, read }) => [name, read()]));
    }
  }

  // ---------------------------------------------------------------- offers

  /** To whom an offer belongs: the name of a node, the messages, or the network. */
  const subjectOf = (offer) => offer.on.node ?? (offer.on.send === undefined ? NETWORK : MESSAGES);

  /** What can be done at the reader's moment, by whom it is done to: a row of names, and what the chosen one offers. */
  class Offers {
    constructor(lab) {
      this.lab = lab;
      this.subject = null;
      this.all = [];
      this.nodes = [];
      this.names = html("div", { class: "ll-subjects", role: "radiogroup", "aria-label": "What is acted on" });
      this.list = html("div", { class: "ll-offers" });
      this.el = html("div", { class: "ll-acts" }, this.names, this.list);
    }

    /** Show what can be done; a form that is open stays, so that nobody loses what was filled in. */
    show({ offers, nodes }) {
      const key = JSON.stringify([offers, nodes]);
      if (key === this.key) return;
      this.key = key;
      [this.all, this.nodes] = [offers, nodes];
      const subjects = [...nodes.map((node) => node.name), NETWORK, MESSAGES].filter((subject) =>
        offers.some((offer) => subjectOf(offer) === subject),
      );
      if (!subjects.includes(this.subject)) this.subject = this.opening(subjects);
      this.drawNames(subjects);
      if (!offers.some((offer) => offer.id === this.form?.offer.id)) this.drawList();
    }

    /** A user first: what it is asked for is what the system is for. */
    opening(subjects) {
      const user = this.nodes.find((node) => node.user && subjects.includes(node.name));
      return user?.name ?? subjects[0];
    }

    drawNames(subjects) {
      const focused = this.names.contains(document.activeElement);
      this.group ??= freshId();
      const labels = subjects.map((subject) => {
        const node = this.nodes.find((each) => each.name === subject);
        const input = html("input", {
          type: "radio",
          name: this.group,
          value: subject,
          checked: subject === this.subject,
          onchange: () => this.choose(subject, true),
        });
        const state = node && node.is !== "up" ? html("em", {}, node.is) : null;
        const count = subject === MESSAGES ? html("em", {}, String(this.messages().length)) : null;
        const look = node?.user ? " is-client" : node ? "" : " is-other";
        return html("label", { class: `ll-subject${look}` }, input, html("span", {}, subject, state ?? count));
      });
      this.names.replaceChildren(...labels);
      this.names.hidden = subjects.length < 2;
      if (focused) this.names.querySelector("input:checked")?.focus();
    }

    /** Act on another subject; the player shows which one, unless it was chosen there. */
    choose(subject, tell = false) {
      this.subject = subject;
      for (const input of this.names.querySelectorAll("input")) input.checked = input.value === subject;
      this.drawList();
      if (tell) this.lab.select(subject);
    }

    of(subject) {
      return this.all.filter((offer) => subjectOf(offer) === subject);
    }

    messages() {
      return [...new Set(this.of(MESSAGES).map((offer) => offer.on.send))];
    }

    /** Bring a reader whose button is gone back to what is acted on. */
    focus() {
      this.names.querySelector("input:checked")?.focus({ preventScroll: true });
    }

    drawList() {
      const focused = this.list.contains(document.activeElement);
      this.form = null;
      if (this.subject === MESSAGES) this.drawMessages();
      else this.drawButtons();
      if (focused) this.focus();
    }

    drawButtons() {
      const buttons = this.of(this.subject).map((offer) => this.button(offer));
      const lasso =
        this.all.some((offer) => offer.id === PARTITION) && this.subject === NETWORK && this.lab.lasso.button;
      this.list.replaceChildren(html("div", { class: "ll-buttons" }, ...buttons, lasso));
    }

    /** A row for each message under way, that of the player's choice first. */
    drawMessages() {
      const chosen = this.lab.face.chosen.event;
      const sends = this.messages().sort((a, b) => (b === chosen) - (a === chosen));
      const rows = sends.map((send) => {
        const offers = this.of(MESSAGES).filter((offer) => offer.on.send === send);
        const text = html("button", {
          type: "button",
          class: "ll-message",
          onclick: () => this.lab.face.choose({ event: send }),
        });
        text.append(offers[0].on.text);
        return html(
          "li",
          { class: send === chosen ? "is-chosen" : "" },
          text,
          ...offers.map((each) => this.button(each)),
        );
      });
      this.list.replaceChildren(html("ul", { class: "ll-messages" }, ...rows));
    }

    button(offer) {
      const fields = Object.keys(offer.fields).length > 0;
      const made = button(null, fields ? `${offer.label}…` : offer.label, () => this.press(offer, made));
      if (offer.help) made.title = offer.help;
      if (offer.on.text) made.setAttribute("aria-label", `${offer.label} ${offer.on.text}`);
      if (fields) made.setAttribute("aria-expanded", "false");
      return made;
    }

    /** Do it, or let the reader fill in what it needs. */
    press(offer, pressed) {
      if (!Object.keys(offer.fields).length) return this.lab.act(offer, {});
      const open = this.form?.offer.id === offer.id;
      this.close();
      if (open) return;
      const fields = new Fields(offer.fields);
      const cancel = () => (this.close(), pressed.focus());
      const el = html(
        "form",
        { class: "ll-form", "aria-label": `${offer.label} ${offer.on.node ?? ""}`.trim() },
        offer.help && html("p", { class: "ll-help" }, offer.help),
        fields.el,
        html(
          "div",
          { class: "ll-form-buttons" },
          html("button", { type: "submit", class: "lp-solid" }, offer.label),
          button(null, "Cancel", cancel),
        ),
      );
      el.addEventListener("submit", (event) => {
        event.preventDefault();
        this.lab.act(offer, fields.read());
      });
      el.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), cancel()));
      this.form = { offer, el, pressed };
      pressed.setAttribute("aria-expanded", "true");
      pressed.closest("li, .ll-buttons").after(el);
      fields.inputs[0].input.focus();
    }

    close() {
      this.form?.pressed.setAttribute("aria-expanded", "false");
      this.form?.el.remove();
      this.form = null;
    }
  }

  // ---------------------------------------------------------------- menu

  /** What can be done to a node or a message, where it is: by the second mouse button, a long press, the menu key. */
  class Menu {
    constructor(lab) {
      this.lab = lab;
      this.el = html("div", { class: "ll-menu", role: "menu", hidden: true });
      this.el.addEventListener("keydown", (event) => this.key(event));
      this.el.addEventListener("focusout", (event) => this.el.contains(event.relatedTarget) || this.close(false));
    }

    async open(subject, send, x, y, opener) {
      await this.lab.refresh();
      const { offers } = this.lab;
      const wanted = offers.of(subject).filter((offer) => send === undefined || offer.on.send === send);
      if (!wanted.length) return;
      this.opener = opener;
      const items = wanted.map((offer) => {
        const more = Object.keys(offer.fields).length > 0;
        const act = () => (this.close(), more ? this.fill(subject, offer) : this.lab.act(offer, {}));
        return html(
          "button",
          { type: "button", role: "menuitem", tabindex: -1, onclick: act },
          offer.label,
          more && "…",
        );
      });
      const title = wanted[0].on.text ?? subject;
      this.el.replaceChildren(html("p", { "aria-hidden": "true" }, title), ...items);
      this.el.setAttribute("aria-label", title);
      this.el.hidden = false;
      this.place(x, y);
      items[0].focus();
    }

    /** At the pointer, but inside the lab. */
    place(x, y) {
      const box = this.lab.face.root.getBoundingClientRect();
      const left = Math.max(4, Math.min(x - box.left, box.width - this.el.offsetWidth - 4));
      const top = Math.max(4, Math.min(y - box.top, box.height - this.el.offsetHeight - 4));
      Object.assign(this.el.style, { left: `${left}px`, top: `${top}px` });
    }

    fill(subject, offer) {
      const { offers } = this.lab;
      offers.choose(subject);
      const pressed = [...offers.list.querySelectorAll("button")].find((each) =>
        each.textContent.startsWith(offer.label),
      );
      offers.press(offer, pressed);
    }

    key(event) {
      const items = [...this.el.querySelectorAll("button")];
      const here = items.indexOf(document.activeElement);
      const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: items.length - 1 }[event.key];
      event.stopPropagation();
      if (event.key === "Escape" || event.key === "Tab") this.close();
      else if (to !== undefined) items[(to + items.length) % items.length].focus();
      else return;
      event.preventDefault();
    }

    close(back = true) {
      if (this.el.hidden) return;
      this.el.hidden = true;
      if (back) this.opener?.focus?.({ preventScroll: true });
    }
  }

  // ---------------------------------------------------------------- lasso

  /** A line drawn around nodes cuts them off from the others. The mouse draws at once, a finger after the button. */
  class Lasso {
    constructor(lab) {
      this.lab = lab;
      this.button = button("lasso", "Draw around nodes", () => this.arm(!this.armed));
      this.button.setAttribute("aria-pressed", "false");
      this.button.classList.add("ll-draw");
      const { stage } = lab.face;
      const { signal } = lab.stop;
      stage.addEventListener("pointerdown", (event) => this.begin(event), { signal });
      stage.addEventListener("pointermove", (event) => this.move(event), { signal });
      for (const name of ["pointerup", "pointercancel"])
        stage.addEventListener(name, (event) => this.end(event), { signal });
      stage.addEventListener("click", (event) => this.swallow(event), { signal, capture: true });
    }

    arm(armed) {
      this.armed = armed;
      this.button.setAttribute("aria-pressed", armed);
      this.lab.face.root.classList.toggle("ll-drawing", armed);
    }

    begin(event) {
      this.drew = false;
      const picture = event.target.closest?.(".lp-cluster-svg");
      const free = event.button === 0 && !event.target.closest?.("[data-node], [data-send]");
      if (!picture || !free || !this.lab.live || (event.pointerType === "touch" && !this.armed)) return;
      this.picture = picture;
      this.points = [this.pointOf(event)];
      this.line = null;
      if (this.armed) event.preventDefault();
    }

    pointOf(event) {
      const box = this.picture.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    }

    move(event) {
      if (!this.points) return;
      const [x, y] = this.pointOf(event);
      const [a, b] = this.points[this.points.length - 1];
      if (Math.hypot(x - a, y - b) < LASSO_STEP) return;
      this.points.push([x, y]);
      if (!this.line) {
        this.line = svg("path", { class: "ll-lasso" });
        this.picture.append(this.line);
        this.picture.setPointerCapture?.(event.pointerId);
      }
      this.line.setAttribute("d", `M${this.points.map((point) => point.map(Math.round).join(" ")).join("L")}Z`);
      const inside = this.inside();
      for (const node of this.picture.querySelectorAll(".lp-node"))
        node.classList.toggle("ll-inside", inside.includes(Number(node.dataset.node)));
    }

    end(event) {
      if (!this.points) return;
      const inside = this.line && event.type === "pointerup" ? this.inside() : [];
      this.drew = Boolean(this.line);
      this.line?.remove();
      this.points = this.line = null;
      for (const node of this.picture.querySelectorAll(".ll-inside")) node.classList.remove("ll-inside");
      this.arm(false);
      if (inside.length) this.lab.cutOff(inside);
    }

    /** A lasso is no click into the void, which would clear the choice. */
    swallow(event) {
      if (this.drew) event.stopPropagation();
      this.drew = false;
    }

    /** The numbers of the nodes whose middle lies inside the line: an odd number of its edges is on the right. */
    inside() {
      const box = this.picture.getBoundingClientRect();
      const middle = (node) => {
        const body = node.querySelector(".lp-body").getBoundingClientRect();
        return [body.left + body.width / 2 - box.left, body.top + body.height / 2 - box.top];
      };
      const nodes = [...this.picture.querySelectorAll(".lp-node")].filter((node) =>
        surrounds(this.points, middle(node)),
      );
      return nodes.map((node) => Number(node.dataset.node));
    }
  }

  function surrounds(points, [x, y]) {
    let odd = false;
    points.forEach(([x1, y1], at) => {
      const [x2, y2] = points[(at + 1) % points.length];
      if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) odd = !odd;
    });
    return odd;
  }

  // ---------------------------------------------------------------- history

  /** States that can be had again, each with the event at which the reader stood when it was left. */
  class History {
    constructor() {
      this.past = [];
      this.future = [];
    }

    leave(state, at) {
      this.past = [...this.past, { state, at }].slice(-MOST_PAST);
      this.future = [];
    }

    undo(state, at) {
      const back = this.past.pop();
      this.future.push({ state, at });
      return back;
    }

    redo(state, at) {
      const on = this.future.pop();
      this.past.push({ state, at });
      return on;
    }
  }

  // ---------------------------------------------------------------- faces

  /** What the lab needs of a player. */
  class PlayerFace {
    goesOn = true;

    constructor(player) {
      this.player = player;
      this.root = player.root;
      this.stage = player.stageBox;
      this.dock = player.root.querySelector(".lp-dock");
    }

    set onchange(listener) {
      this.player.onchange = listener;
    }

    get run() {
      return this.player.stages[0];
    }

    get index() {
      return this.run.view.index;
    }

    get count() {
      return this.run.recording.count;
    }

    get playing() {
      return this.player.playing;
    }

    get names() {
      return this.run.recording.run.nodes;
    }

    /** What is chosen: the name of a node, the number of an event, or neither. */
    get chosen() {
      const { node, event } = this.run.selection ?? {};
      return { node: this.names[node], event };
    }

    choose({ node, event }) {
      this.run.select(event === undefined ? { node: this.names.indexOf(node) } : { event });
    }

    where() {
      return `At ${this.run.recording.clock(this.index)}, after event #${this.index}`;
    }

    time() {
      return this.run.recording.seconds(this.run.recording.times[this.index]);
    }

    clock(seconds) {
      return `${seconds.toFixed(3)} s`;
    }

    /** Show another run from event `at` on, or from its opening. */
    show(document, at) {
      this.player.become(structuredClone(document), at === undefined ? undefined : Math.min(at, lastOf(document)));
    }

    /** A run of which only what has changed was sent. */
    merge(before, { keep, document }) {
      if (!keep) return document;
      const [old, run] = [before.runs[0], document.runs[0]];
      const [events, lines] = ["events", "lines"].map((name) => [...old[name].slice(0, keep), ...run[name]]);
      return { ...document, runs: [{ ...run, events, lines }] };
    }

    go(index) {
      this.player.scrub(index);
    }

    pause() {
      this.player.pause();
    }

    start() {
      this.player.start();
    }
  }

  const lastOf = (document) => document.runs[0].events.length - 1;

  /** A board: Python draws it after every action, and the reader stands behind the last one. */
  class BoardFace {
    goesOn = false;
    playing = false;
    names = [];
    chosen = {};
    count = 1;

    constructor(document, figure) {
      this.stage = html("div", { class: "ll-board" });
      this.dock = html("div", { class: "lp-dock" });
      this.root = html(
        "div",
        { class: "lp", role: "group", "aria-label": `Board: ${document.title}`, tabindex: -1 },
        html("div", { class: "lp-head" }, html("p", { class: "lp-title" }, document.title)),
        this.stage,
        this.dock,
      );
      this.root.dataset.lmSuppressShortcuts = "true"; // JupyterLab's keys
      if (figure) this.stage.append(...figure.querySelector(".lesson-board").childNodes);
      else this.show(document);
    }

    get index() {
      return this.count - 1;
    }

    where() {
      return this.index === 1 ? "After 1 action" : `After ${this.index} actions`;
    }

    time() {
      return this.index;
    }

    clock() {
      return "";
    }

    /** Python has made this HTML, and escaped every name in it. */
    show(document) {
      this.stage.innerHTML = document.html;
      this.count = document.length;
    }

    merge(before, { document }) {
      return document;
    }

    choose() {}
    go() {}
    pause() {}
    start() {}
  }

  // ---------------------------------------------------------------- lab

  /** A lab in a page: a player, what can be done to its run, and the state that Python makes the run from. */
  class Lab {
    /** `ask(request, {onProgress, signal})` is a promise of what lessons.lab.answer says. */
    constructor(face, ask) {
      this.face = face;
      this.ask = ask;
      this.stop = new AbortController();
      this.history = new History();
      this.lasso = new Lasso(this);
      this.offers = new Offers(this);
      this.menu = new Menu(this);
      this.live = false;
      this.waiting = 0;
      this.build();
      face.onchange = () => this.changed();
      this.listen();
    }

    // ---- building

    build() {
      this.where = html("span", { class: "ll-where" });
      this.tools = {
        undo: button("undo", "Undo", () => this.undo()),
        redo: button("redo", "Redo", () => this.redo()),
        fork: button("fork", "Fork here", () => this.fork()),
        again: button("again", "Start again", () => this.startAgain()),
        on: button("on", "Go on", () => this.goOn()),
      };
      for (const tool of Object.values(this.tools)) tool.title = tool.textContent; // where its word has no room
      this.tools.fork.title = "Fork here: forget what was done after this moment";
      this.problem = html("p", { class: "ll-problem", role: "alert" });
      this.ends = html("p", { class: "ll-ends", hidden: true });
      this.verdict = html("div", { class: "ll-verdict", hidden: true });
      this.voice = html("p", { class: "lp-unseen", role: "status" });
      this.setup = html("details", { class: "ll-fold ll-setup" });
      this.done = html("ol", { class: "ll-done" });
      this.doneCount = html("span", {});
      this.doneFold = html("details", { class: "ll-fold", open: true }, html("summary", {}, this.doneCount), this.done);
      this.code = html("pre", { class: "ll-code", tabindex: 0, "aria-label": "The Python that makes this run" });
      this.codeBox = html("div", { class: "ll-code-box", hidden: true }, this.code);
      this.wait = this.buildWait();
      this.fold = html("button", {
        type: "button",
        class: "ll-unfold",
        "aria-expanded": "true",
        onclick: () => this.unfold(),
      });
      this.fold.append(this.where);
      this.acting = html(
        "section",
        { class: "ll ll-acting", "aria-label": "Act at this moment" },
        html("div", { class: "ll-head" }, this.fold, html("div", { class: "ll-tools" }, ...Object.values(this.tools))),
        this.problem,
        this.ends,
        this.offers.el,
        this.wait,
        this.voice,
      );
      this.el = html(
        "section",
        { class: "ll", "aria-label": "Lab" },
        this.verdict,
        html("div", { class: "ll-folds" }, this.doneFold, this.setup),
        this.buildShare(),
        this.codeBox,
      );
      this.face.dock.prepend(this.acting);
      const width = this.face.root.clientWidth; // 0 while it is not in the page
      if ((width && width < NARROW) || window.innerHeight < LOW) this.unfold();
      this.face.dock.after(this.el);
      this.face.root.append(this.menu.el);
      this.face.root.classList.add("has-lab");
    }

    /** Fold what can be done away, or show it again: it takes room from the picture. */
    unfold() {
      const open = this.acting.classList.toggle("is-folded") === false;
      this.fold.setAttribute("aria-expanded", open);
    }

    buildShare() {
      this.file = html("input", { type: "file", accept: ".json,application/json", hidden: true });
      this.file.addEventListener("change", () => this.load());
      const link = button("link", "Copy link to this run", () => this.copyLink(), "lp-tool");
      return html(
        "div",
        { class: "ll-share" },
        link,
        button("save", "Save", () => this.save(), "lp-tool"),
        button("open", "Open", () => this.file.click(), "lp-tool"),
        button("code", "Show the Python", () => this.showCode(), "lp-tool"),
        this.file,
      );
    }

    buildWait() {
      this.bar = html("progress", { max: 1, "aria-label": "Python runs" });
      const stop = button(null, "Stop", () => this.abort?.abort());
      return html("div", { class: "ll-wait", hidden: true }, html("span", {}, "Python runs"), this.bar, stop);
    }

    listen() {
      const { root, stage } = this.face;
      const { signal } = this.stop;
      stage.addEventListener("contextmenu", (event) => this.menuAt(event), { signal });
      // Whoever fills in a form looks at a moment: the run waits.
      this.offers.el.addEventListener("focusin", () => this.hold(), { signal });
      this.offers.el.addEventListener("pointerdown", () => ((this.pressed = true), this.hold()), { signal });
      window.addEventListener("pointerup", () => (this.pressed = false), { signal });
      root.addEventListener("keydown", (event) => this.key(event), { signal });
    }

    dispose() {
      this.stop.abort();
      this.abort?.abort();
      this.face.onchange = null;
      this.face.root.classList.remove("has-lab");
      for (const el of [this.acting, this.el, this.menu.el]) el.remove();
    }

    // ---- asking Python

    /**
     * Ask for a run and show it from event `at` on; what is refused is said, and nothing has changed. Requests wait for
     * each other: `make()` makes one when its turn has come, from the state as it then is, and `note()` is called before
     * an answer is taken up. Answers whether it was done.
     */
    run(make, { at, note = () => this.history.leave(this.state, this.index) } = {}) {
      const turn = async () => {
        const reply = await this.patiently({ ...make(), have: this.serial });
        if (!reply) return false;
        if (this.state) note();
        this.adopt(reply, at);
        return true;
      };
      this.turns = (this.turns ?? Promise.resolve()).then(turn);
      return this.turns;
    }

    /** Ask, with a bar and a way to stop when it takes long; null for what was refused or stopped. */
    async patiently(request) {
      if (!this.waiting) this.abort = new AbortController(); // one stop for all that wait
      this.waiting += 1;
      const slow = setTimeout(() => ((this.wait.hidden = false), this.bar.removeAttribute("value")), PATIENCE);
      const onProgress = ({ done }) => (this.bar.value = done);
      try {
        const reply = await this.ask(request, { onProgress, signal: this.abort.signal });
        setText(this.problem, reply.refused ?? "");
        return reply.refused === undefined ? reply : null;
      } catch (error) {
        if (!this.stop.signal.aborted) setText(this.problem, error.message);
        return null;
      } finally {
        clearTimeout(slow);
        this.waiting -= 1;
        if (!this.waiting) this.wait.hidden = true;
      }
    }

    /** Show a run: from event `at` on, or from where the answer says, or from its opening. */
    adopt(reply, at) {
      this.document = reply.document ?? this.face.merge(this.document, reply.change);
      [this.state, this.serial, this.live] = [reply.state, reply.serial, true];
      if (reply.lab) this.form = reply.lab;
      this.ended = this.halted = Boolean(reply.ends); // what is halted does not go on by itself
      const where = at === STAY ? this.index : (at ?? reply.index);
      this.face.show(this.document, where);
      this.showDone(reply.done);
      this.showVerdict(reply.verdict);
      setText(this.ends, reply.ends);
      this.ends.hidden = !reply.ends;
      if (reply.says) setText(this.voice, `${reply.says} ${reply.ends}`.trim());
      this.codeBox.hidden = true;
      this.offers.close();
      this.offers.key = null;
      this.onstate?.(this.state);
      this.changed();
    }

    // ---- what the reader sees

    get index() {
      return this.face.index;
    }

    get playing() {
      return this.face.playing;
    }

    /** The player shows another moment, or another choice. */
    changed() {
      if (!this.live) return;
      this.showWhere();
      if (this.playing && this.face.count - this.index < NEAR_END && !this.halted && !this.waiting) this.goOn();
      clearTimeout(this.timer);
      if (!this.playing) this.timer = setTimeout(() => this.refresh(), SETTLE);
      this.follow();
    }

    showWhere() {
      setText(this.where, this.face.where());
      const last = this.index >= this.face.count - 1;
      this.tools.undo.disabled = !this.history.past.length;
      this.tools.redo.disabled = !this.history.future.length;
      const later = this.face.time() + 1e-6; // the player counts in whole microseconds
      this.tools.fork.disabled = !this.state.actions.some((action) => action.at > later);
      this.tools.on.hidden = !last || this.ended || !this.face.goesOn;
    }

    /** The panel acts on what is chosen in the player. */
    follow() {
      const { node, event } = this.face.chosen;
      const key = JSON.stringify([node, event]);
      if (key === this.chosen) return;
      this.chosen = key;
      if (node !== undefined) this.offers.choose(node);
      else if (this.offers.messages().includes(event)) this.offers.choose(MESSAGES);
    }

    /** Ask what can be done at this moment, and let Python get ready for it. */
    refresh() {
      if (!this.live || this.stop.signal.aborted) return null;
      if (this.pressed) return this.changed(); // a button under a finger must not be drawn anew
      const key = `${this.serial} ${this.index}`;
      if (this.asked !== key) [this.asked, this.looking] = [key, this.look(key)];
      return this.looking;
    }

    async look(key) {
      const request = { state: this.state, index: this.index };
      const reply = await this.quietly({ do: "offers", ...request });
      if (reply?.offers && key === `${this.serial} ${this.index}`) {
        this.offers.show(reply);
        this.quietly({ do: "prepare", ...request });
      } else if (this.asked === key) this.asked = null;
    }

    /** Ask for what a reader does not wait for; a problem is not worth a word. */
    async quietly(request) {
      try {
        return await this.ask(request, {});
      } catch {
        return null;
      }
    }

    select(subject) {
      if (this.face.names.includes(subject)) this.face.choose({ node: subject });
    }

    hold() {
      if (!this.playing) return;
      this.resume = true;
      this.face.pause();
    }

    menuAt(event) {
      if (!this.live) return;
      const flight = event.target.closest("[data-send]");
      const node = event.target.closest("[data-node]");
      const { names } = this.face;
      const name = node ? names[Number(node.dataset.node)] : event.target.closest(".lp-name")?.textContent;
      if (!flight && !names.includes(name)) return;
      event.preventDefault();
      this.hold();
      const box = event.target.getBoundingClientRect();
      const [x, y] = event.clientX || event.clientY ? [event.clientX, event.clientY] : [box.left, box.bottom];
      const back = event.target.closest("button") ?? this.face.root;
      if (flight) this.menu.open(MESSAGES, Number(flight.dataset.send), x, y, back);
      else this.menu.open(name, undefined, x, y, back);
    }

    showDone(done) {
      const rows = done.map(({ at, text, index }) => {
        const time = html("span", { class: "lp-time" }, this.face.clock(at));
        if (index === null) return html("li", { class: "is-ahead" }, time, ` ${text} (the run ends before)`);
        const go = html("button", { type: "button", class: "ll-deed", onclick: () => this.face.go(index) });
        go.append(time, ` ${text}`);
        return html("li", {}, go);
      });
      this.done.replaceChildren(...rows);
      setText(this.doneCount, rows.length ? `What was done (${rows.length})` : "Nothing was done yet");
    }

    showVerdict(verdict) {
      this.verdict.hidden = !verdict;
      if (verdict?.html) this.verdict.innerHTML = verdict.html;
      else setText(this.verdict, verdict?.text ?? "");
    }

    drawSetup() {
      const seed = html("input", { type: "text", value: this.state.seed, maxlength: 40, autocomplete: "off" });
      const other = button(null, "Another", () => {
        seed.value = 1 + Math.floor(Math.random() * 1e6);
        run();
      });
      const fields = new Fields(this.form.fields, this.state.parameters);
      const keep = html("input", { type: "checkbox", checked: true });
      const run = () => this.setUp(seed.value, fields.read(), keep.checked);
      const row = html(
        "div",
        { class: "ll-field is-seed" },
        html("label", {}, html("span", { class: "ll-name" }, "seed"), seed),
        other,
        html("span", { class: "ll-help" }, "One seed fixes the whole run."),
      );
      const el = html(
        "form",
        { class: "ll-form" },
        row,
        fields.el,
        html("label", { class: "ll-box" }, keep, "with what was done so far"),
        html("div", { class: "ll-form-buttons" }, html("button", { type: "submit", class: "lp-solid" }, "Run it so")),
      );
      el.addEventListener("submit", (event) => (event.preventDefault(), run()));
      this.setup.replaceChildren(html("summary", {}, "Seed and parameters"), el);
    }

    // ---- what the reader does

    /** Begin, or take up the run of a link or a file. */
    async open(request, at) {
      const done = await this.run(() => ({ do: "open", ...request }), { at });
      if (done) this.drawSetup();
      return done;
    }

    async act(offer, values) {
      const going = this.playing || this.resume;
      const focus = document.activeElement;
      const index = this.index;
      this.resume = false;
      const done = await this.run(() => ({ do: "act", state: this.state, index, offer: offer.id, values }), {
        note: () => this.history.leave(this.state, index),
      });
      if (done && !focus?.isConnected) this.offers.focus();
      if (done && going) this.face.start();
      return done;
    }

    /** Cut nodes, by their numbers, off from the others. */
    cutOff(numbers) {
      const names = numbers.map((number) => this.face.names[number]);
      return this.act({ id: PARTITION }, { groups: [names] });
    }

    undo() {
      const [back] = this.history.past.slice(-1);
      return back && this.again(back, () => this.history.undo(this.state, this.index), "Undone.");
    }

    redo() {
      const [on] = this.history.future.slice(-1);
      return on && this.again(on, () => this.history.redo(this.state, this.index), "Done again.");
    }

    /** Show a state that was left, at the event where the reader stood then. */
    async again({ state, at }, note, says) {
      if (!(await this.run(() => ({ do: "show", state }), { at, note }))) return;
      setText(this.voice, says);
      this.drawSetup();
    }

    async fork() {
      const { index } = this;
      if (await this.run(() => ({ do: "fork", state: this.state, index })))
        setText(this.voice, "What was done later is forgotten.");
    }

    /** Let the run go on; what is no act of the reader's need not be undone. */
    async goOn() {
      const done = await this.run(() => ({ do: "on", state: this.state }), { at: STAY, note: () => {} });
      if (!done) this.halted = true;
    }

    async startAgain() {
      if (!(await this.run(() => ({ do: "show", state: this.form.begin })))) return;
      setText(this.voice, "The lab begins anew.");
      this.drawSetup();
    }

    async setUp(seed, values, keep) {
      const { actions, until } = keep ? this.state : this.form.begin;
      const state = { ...this.state, ...this.settled(seed, values), actions, until };
      if (await this.run(() => ({ do: "show", state }))) setText(this.voice, "The lab runs as it was set up.");
    }

    /** A seed and values for all parameters, as a state has them: only what differs from the lab's own. */
    settled(seed, values) {
      const differs = ([name, value]) => JSON.stringify(value) !== JSON.stringify(this.form.fields[name].start);
      const whole = /^-?\d{1,15}$/.test(seed);
      return {
        seed: whole ? Number(seed) : seed,
        parameters: Object.fromEntries(Object.entries(values).filter(differs)),
      };
    }

    /** The seed and all parameters of the run on show. */
    get settings() {
      const starts = Object.entries(this.form.fields).map(([name, field]) => [name, field.start]);
      return { seed: this.state.seed, ...Object.fromEntries(starts), ...this.state.parameters };
    }

    // ---- sharing

    async copyLink() {
      const reply = await this.patiently({ do: "link", state: this.state });
      if (!reply) return;
      const address = `${location.href.split("#")[0]}#lab=${reply.text}`;
      const copied = await navigator.clipboard?.writeText(address).then(
        () => true,
        () => false,
      );
      if (copied) this.tell("The link is copied.");
      else this.showText(address);
    }

    async showCode() {
      if (!this.codeBox.hidden) return (this.codeBox.hidden = true);
      const reply = await this.patiently({ do: "program", state: this.state });
      if (reply) this.showText(reply.text);
    }

    showText(text) {
      setText(this.code, text);
      this.codeBox.hidden = false;
      this.code.focus();
    }

    tell(text) {
      setText(this.voice, text);
      setText(this.ends, text);
      this.ends.hidden = false;
    }

    save() {
      download(`${this.state.lab.replace("/", "-")}-seed-${this.state.seed}.json`, JSON.stringify(this.state, null, 1));
    }

    async load() {
      const [file] = this.file.files;
      this.file.value = "";
      if (!file) return;
      if (file.size > MOST_FILE) return setText(this.problem, "The file is too large to be a run of a lab.");
      if (await this.open({ lab: this.state.lab, file: await file.text() })) setText(this.voice, "The run is open.");
    }

    key(event) {
      const way = { z: "undo", y: "redo", Z: "redo" }[event.key];
      if (
        !way ||
        !(event.ctrlKey || event.metaKey) ||
        event.target.matches("[type=text], [type=number], [type=search]")
      )
        return;
      event.preventDefault();
      event.stopPropagation();
      this[way]();
    }
  }

  // ---------------------------------------------------------------- page

  /** The button under a stored run, which starts Python and makes the lab of it. */
  function invite(place) {
    const python = globalThis.LessonPython;
    const face = python && !place.dataset.labState && faceOf(place.querySelector("figure"));
    if (!face) return;
    place.dataset.labState = "asleep";
    const name = place.dataset.lab;
    const start = html("button", { type: "button", class: "ll-start" }, html("strong", {}, "Break it yourself"));
    const size = html("span", { class: "ll-size" }, sizeOf(python));
    const problem = html("p", { class: "ll-problem", role: "alert" });
    const bar = html("progress", { max: 1, value: 0, hidden: true, "aria-label": "Python loads" });
    const el = html("div", { class: "ll-invite" }, start, size, bar, problem);
    face.root.querySelector(".lp-head").after(el);

    const open = async (request) => {
      start.disabled = true;
      bar.hidden = false;
      setText(problem, "");
      const follow = () => (bar.value = python.progress);
      python.addEventListener?.("progress", follow);
      try {
        await python.start();
        const lab = new Lab(face, (asked, options) => python.request("lab", asked, options));
        el.hidden = true;
        if (await lab.open({ lab: name, ...request }, request.link ? undefined : STAY))
          return (place.dataset.labState = "live");
        setText(problem, lab.problem.textContent);
        lab.dispose();
        el.hidden = false;
      } catch (error) {
        setText(problem, error.message);
      } finally {
        python.removeEventListener?.("progress", follow);
        start.disabled = false;
        bar.hidden = true;
      }
    };
    start.addEventListener("click", () => open({}));
    fromLink(place, name, (link) => {
      setText(start.firstChild, "Open the run in this link");
      start.addEventListener("click", (event) => (event.stopImmediatePropagation(), open({ link })), { capture: true });
    });
  }

  /** The face of a stored run: its player, or the board in it; null when it could not be drawn. */
  function faceOf(figure) {
    if (figure.querySelector(".lesson-board")) {
      const face = new BoardFace({ title: figure.dataset.title }, figure);
      figure.prepend(face.root);
      return face;
    }
    const player = globalThis.LessonPlayer.of(figure);
    return player ? new PlayerFace(player) : null;
  }

  function sizeOf({ size, state }) {
    if (state === "ready" || state === "busy") return "Python runs in this page already.";
    return size ? `Loads Python into your browser: ${megabytes(size)}, once. Nothing leaves your computer.` : "";
  }

  /** Tell of a run in the page's address, if it is one of this lab. */
  function fromLink(place, name, tell) {
    const found = /^#lab=([a-z0-9_/]+:[A-Za-z0-9_-]+)$/.exec(location.hash);
    if (found?.[1].split(":")[0] !== name) return;
    tell(found[1]);
    place.scrollIntoView({ block: "start" });
  }

  // ---------------------------------------------------------------- notebook

  /** anywidget's entry: the lab of a kernel, which answers by messages; returns what cleans up. */
  function render({ model, el }) {
    const document = model.get("document");
    const player = document.runs ? globalThis.LessonPlayer.create(structuredClone(document)) : null;
    const face = player ? new PlayerFace(player) : new BoardFace(document);
    el.replaceChildren(face.root);
    player?.refresh();
    const waiting = new Map();
    let number = 0;
    const ask = (request, { onProgress, signal } = {}) =>
      new Promise((resolve, reject) => {
        waiting.set((number += 1), { resolve, onProgress });
        signal?.addEventListener("abort", () => reject(new Error("Stopped waiting: interrupt the kernel to stop it.")));
        model.send({ id: number, request });
      });
    const lab = new Lab(face, ask);
    const hear = ({ id, done, reply }) => {
      if (done !== undefined) return waiting.get(id)?.onProgress?.({ done });
      waiting.get(id)?.resolve(reply);
      waiting.delete(id);
    };
    // What ipywidgets in the notebook have set, and what the reader sets here: each follows the other.
    const agree = () => same(model.get("settings"), lab.settings);
    const tell = (state) => {
      if (agree() && same(model.get("state"), state)) return;
      model.set("state", state);
      model.set("settings", lab.settings);
      model.save_changes();
    };
    const follow = async () => {
      if (!lab.live || agree()) return;
      const { seed, ...values } = model.get("settings");
      await lab.setUp(String(seed), values, true);
      lab.drawSetup();
      tell(lab.state); // what was refused is as it was
    };
    model.on("msg:custom", hear);
    model.on("change:settings", follow);
    lab.open({ lab: model.get("lab") }, STAY).then(() => {
      lab.onstate = tell;
      follow();
    });
    return () => {
      model.off("msg:custom", hear);
      model.off("change:settings", follow);
      lab.dispose();
      player?.dispose();
    };
  }

  /** Whether two pieces of plain data are equal, whatever the order of their keys. */
  function same(one, other) {
    const inOrder = (_, value) =>
      value && typeof value === "object" && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort())
        : value;
    return JSON.stringify(one, inOrder) === JSON.stringify(other, inOrder);
  }

  globalThis.LessonLab = { render, invite };

  const inviteAll = () => document.querySelectorAll(".lesson-lab").forEach((place) => invite(place));
  // After player.js, whose listener was there first: the players are mounted.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", inviteAll);
  else inviteAll();
})();
