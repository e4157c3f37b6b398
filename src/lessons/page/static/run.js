/**
 * Run this page: makes the code of a chapter's page editable and runs it in the page's own Python (python.js).
 *
 * A classic script. Until the reader asks for it, a page gets one bar and nothing is loaded; then comes the editor
 * (vendor/codemirror.js). The output that is stored in the page stays until the cell has run, and comes back with the
 * cell's own code. Edits are kept in this browser. The form is Prettier's, at 120 columns.
 *
 * In this file, in this order: elements, edits, outputs, editor, cell, bar, start.
 */
(() => {
  "use strict";

  const here = document.currentScript.src;
  const root = document.documentElement.dataset.content_root || "./";
  const python = globalThis.LessonPython;
  const MOST_KEPT = 40_000; // characters of one edited cell that this browser keeps
  const KEPT = `lesson-edits:${location.pathname}`;

  // ---------------------------------------------------------------- elements

  /** An element with attributes ("on..." adds a listener; null and false leave one out) and children. */
  function html(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) {
      if (value === null || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? "" : String(value));
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  const button = (text, onclick, more) => html("button", { type: "button", onclick, ...more }, text);
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

  // ---------------------------------------------------------------- edits

  /** What the reader has changed on this page: the key of a cell (the book's code of it) -> the reader's code. */
  const edits = {
    all: {},

    read() {
      try {
        const kept = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
        const texts = Object.entries(kept).filter(([, text]) => typeof text === "string");
        edits.all = Object.fromEntries(texts);
      } catch {
        edits.all = {}; // nothing is kept where the browser forbids it, or where something else wrote
      }
    },

    /** Keep one, or forget it (null); say whether it could be kept. */
    keep(key, text) {
      this.read(); // another tab may have kept others
      if (text === null) delete edits.all[key];
      else edits.all[key] = text;
      const kept = Object.entries(edits.all).filter(([, each]) => each.length <= MOST_KEPT);
      try {
        if (kept.length) localStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(kept)));
        else localStorage.removeItem(KEPT);
        return text === null || text.length <= MOST_KEPT;
      } catch {
        return false;
      }
    },
  };

  // ---------------------------------------------------------------- outputs

  const PICTURES = { "image/png": "base64,", "image/jpeg": "base64,", "image/svg+xml": "charset=utf-8," };
  // What makes a figure of an output live, if its script is on the page.
  const KITS = [
    ["figure[data-lesson]", (figure) => globalThis.LessonPlayer?.mount(figure)],
    ["figure[data-lesson-ring]", (figure) => globalThis.LessonRing?.mount(figure)],
    [".lesson-lab", (place) => globalThis.LessonLab?.invite(place)],
  ];

  const pre = (text, css) =>
    html("div", { class: `output ${css} notranslate` }, html("div", { class: "highlight" }, html("pre", null, text)));

  /** One output of nbformat as the book's pages show it. */
  function shown(output, alt) {
    if (output.output_type === "stream") return pre(output.text, `stream ${output.name}`);
    if (output.output_type === "error") return pre(output.traceback.join("\n"), "traceback");
    const data = output.data;
    if (data["text/html"]) {
      const box = html("div", { class: "output text_html" });
      box.innerHTML = data["text/html"]; // made by the reader's own cell; scripts in it do not run
      return box;
    }
    const kind = Object.keys(PICTURES).find((each) => data[each]);
    if (!kind) return pre(data["text/plain"], "text_plain");
    const content = kind === "image/svg+xml" ? encodeURIComponent(data[kind]) : data[kind];
    return html(
      "div",
      { class: "output image_png" },
      html("img", { alt, src: `data:${kind};${PICTURES[kind]}${content}` }),
    );
  }

  function bringToLife(box) {
    for (const [figures, mount] of KITS) box.querySelectorAll(figures).forEach((figure) => mount(figure));
    for (const code of box.querySelectorAll("pre")) code.tabIndex = 0; // wide lines scroll by keyboard too
  }

  // ---------------------------------------------------------------- editor

  /** The classes of the book's colours (Pygments) for what CodeMirror finds. */
  function colours({ tagHighlighter, tags }) {
    const { definition, special } = tags;
    const classes = [
      [[tags.keyword, tags.controlKeyword, tags.definitionKeyword], "k"],
      [tags.moduleKeyword, "kn"],
      [tags.operatorKeyword, "ow"],
      [[tags.bool, tags.null], "kc"],
      [tags.self, "bp"],
      [[tags.string, special(tags.string)], "s2"],
      [tags.comment, "c1"],
      [tags.number, "mi"],
      [tags.operator, "o"],
      [[tags.definition(tags.function(tags.variableName))], "nf"],
      [definition(tags.className), "nc"],
      [tags.meta, "nd"],
    ];
    return tagHighlighter(classes.map(([tag, css]) => ({ tag, class: css })));
  }

  function editorOf(code, { text, label, onChange, keys }) {
    const { EditorView, EditorState } = code;
    const extensions = [
      code.history(),
      code.drawSelection(),
      code.highlightSpecialChars(),
      code.indentOnInput(),
      code.bracketMatching(),
      code.closeBrackets(),
      code.python(),
      code.indentUnit.of("    "),
      EditorState.tabSize.of(4),
      code.syntaxHighlighting(colours(code)),
      code.Prec.highest(code.keymap.of(keys)),
      code.keymap.of([...code.closeBracketsKeymap, ...code.defaultKeymap, ...code.historyKeymap, code.indentWithTab]),
      EditorView.contentAttributes.of({
        "aria-label": label,
        tabindex: "0", // what scrolls is reached by keyboard, as axe-core understands it
        "aria-description": "Shift Enter runs the cell. Escape, then Tab, leaves it.",
      }),
      EditorView.updateListener.of((update) => update.docChanged && onChange(update.state.doc.toString())),
    ];
    return new EditorView({ doc: text, extensions });
  }

  // ---------------------------------------------------------------- cell

  // What a cell may need and no page can give it.
  const NEVER_HERE = {
    threads: "it needs threads, and a browser’s Python has none",
    processes: "it starts other programs, and a browser’s Python can’t",
    servers: "it talks to a real server, which a browser can’t start",
  };

  class Cell {
    ran = false;
    failed = false;
    lacking = false; // it needs what Python in a page does not have

    constructor(element, page, before) {
      Object.assign(this, { element, page, number: before.length + 1 });
      this.input = element.querySelector(".cell_input");
      this.printed = this.input.querySelector(".highlight pre");
      this.coloured = [...this.printed.childNodes];
      this.original = this.printed.textContent.trimEnd();
      const same = before.filter((cell) => cell.original === this.original).length;
      this.key = same ? `${this.original}\n# ${same + 1}` : this.original;
      this.stored = element.querySelector(".cell_output");
      this.output = this.stored;
      this.alt = this.stored?.querySelector("img")?.alt || `Picture of cell ${this.number}`;
      this.status = html("span", { class: "lesson-cell-status" });
      this.reset = button("Undo edit", () => this.discard(), { hidden: true });
    }

    /** Put an editor in the place of the code. */
    open(code) {
      const text = edits.all[this.key] ?? this.original;
      const keys = [
        { key: "Shift-Enter", run: () => (this.page.runOne(this, true), true) },
        { key: "Mod-Enter", run: () => (this.page.runOne(this, false), true) },
      ];
      const label = `Code of cell ${this.number}`;
      this.editor = editorOf(code, { text, label, keys, onChange: (changed) => this.edited(changed) });
      const run = button("Run", () => this.page.runOne(this, false), {
        class: "lesson-cell-run",
        "aria-label": `Run cell ${this.number}`,
      });
      const tools = html("div", { class: "lesson-cell-tools" }, run, this.status, this.reset);
      this.input.append(html("div", { class: "lesson-editor highlight" }, this.editor.dom), tools);
      this.element.classList.add("lesson-live-cell");
      this.edited(text);
    }

    get text() {
      return this.editor.state.doc.toString();
    }

    edited(text) {
      const changed = text !== this.original;
      const kept = edits.keep(this.key, changed ? text : null);
      this.reset.hidden = !changed;
      this.element.classList.toggle("lesson-edited", changed);
      this.printed.replaceChildren(...(changed ? [text] : this.coloured)); // what paper gets
      if (!kept) this.say("Edited. This browser does not keep the edit.");
      else if (changed) this.say("Edited");
      else if (!this.ran) this.say("");
      this.page.count();
    }

    say(text) {
      this.status.textContent = text;
    }

    focus() {
      for (let fold = this.element.closest("details"); fold; fold = fold.parentElement.closest("details"))
        fold.open = true;
      this.element.querySelectorAll("details.hide").forEach((fold) => (fold.open = true));
      this.editor.focus();
      this.element.scrollIntoView({ block: "nearest" });
    }

    /** The book's code and the book's output. */
    discard() {
      const { state } = this.editor;
      this.editor.dispatch({ changes: { from: 0, to: state.doc.length, insert: this.original } });
      this.ran = this.failed = false;
      this.show(this.stored);
      this.say("");
    }

    show(output) {
      if (this.output && output) this.output.replaceWith(output);
      else if (output) this.element.append(output);
      else this.output?.remove();
      this.output = output;
    }

    /** Run it; what went wrong is in `failed`, and is no error of this function. */
    async run() {
      this.failed = this.lacking = false;
      this.say("Running …");
      this.element.setAttribute("aria-busy", "true");
      const begin = performance.now();
      try {
        const news = ({ printed }) =>
          printed && this.say(`Running … ${printed.trimEnd().split("\n").at(-1).slice(-60)}`);
        const { outputs } = await python.request("run", { cell: this.number, source: this.text }, { onProgress: news });
        this.ran = true;
        this.finish(outputs, (performance.now() - begin) / 1000);
      } catch (error) {
        this.failed = error;
        this.say(error.message);
      } finally {
        this.element.removeAttribute("aria-busy");
      }
    }

    finish(outputs, seconds) {
      const wrong = outputs.find((output) => output.output_type === "error");
      this.lacking = Boolean(wrong?.lacks.length);
      if (this.lacking) return this.lack(wrong.lacks);
      const above = this.page.cells.slice(0, this.number - 1).find((cell) => cell.lacking);
      if (wrong?.ename === "NameError" && above) {
        this.show(this.stored);
        return this.say(
          `Not run: cell ${above.number}, which has not run, defines what it needs. The output is the book’s.`,
        );
      }
      this.failed = wrong ?? false;
      const box = html(
        "div",
        { class: "cell_output lesson-live-output" },
        ...outputs.map((output) => shown(output, this.alt)),
      );
      this.show(outputs.length ? box : null);
      bringToLife(box);
      const time = seconds < 0.1 ? "" : ` ${wrong ? "after" : "in"} ${seconds.toFixed(1)} s`;
      this.say(`${wrong?.ename ?? "Done"}${time}`);
      if (wrong?.ename === "NameError" && this.number > 1)
        box.append(
          html(
            "p",
            { class: "lesson-hint" },
            button("Run the cells above, then this one", () => this.page.runTo(this)),
          ),
        );
    }

    /** A cell needs what Python in a page does not have: the book's output stays, with a word about it. */
    lack(names) {
      this.show(this.stored);
      const thing = names.join(" and ");
      const packages = !(names[0] in NEVER_HERE);
      const why = NEVER_HERE[names[0]] ?? `it needs ${thing}, which does not come with this site`;
      this.say(`Not run: ${why}. The output is the book’s.`);
      if (packages)
        this.status.append(
          " ",
          button(`Load ${thing} from Pyodide’s server`, () => this.page.load(names, this)),
        );
    }
  }

  // ---------------------------------------------------------------- bar

  class Page {
    constructor(cells) {
      this.cells = [];
      for (const element of cells) this.cells.push(new Cell(element, this, this.cells));
      this.status = html("span", { class: "lesson-run-status", role: "status" });
      this.meter = html("progress", { max: 1, value: 0, hidden: true, "aria-label": "Loading Python" });
      this.first = button("Run this page", () => this.open(), { class: "lesson-run-main" });
      this.all = button("Run all", () => this.runTo(this.cells.at(-1)), { class: "lesson-run-main", hidden: true });
      this.stop = button("Stop", () => this.interrupt(), { hidden: true, disabled: true });
      this.again = button("Restart", () => this.restart(), { hidden: true });
      this.discard = button("Discard edits", () => this.discardAll(), { hidden: true });
      const notebook = document.querySelector('meta[name="lesson-notebook"]')?.content;
      const link = notebook
        ? html("a", { href: root + notebook, target: "_blank", rel: "noopener" }, "Open as a notebook")
        : null;
      const buttons = [this.first, this.all, this.stop, this.again, this.discard];
      const row = html("div", { class: "lesson-run-row" }, ...buttons, this.status, link);
      this.bar = html("section", { class: "lesson-run", "aria-label": "Run this page" }, row, this.meter);
      python.addEventListener("state", () => this.follow());
      python.addEventListener("progress", () => (this.meter.value = python.progress));
      this.introduce();
      this.showOrphans();
    }

    introduce() {
      const size = python.size ? `: ${megabytes(python.size)} once, then from your browser’s cache` : "";
      const mine = this.cells.filter((cell) => cell.key in edits.all).length;
      this.say(`Python runs in your browser${size}.${mine ? ` You have edited ${plural(mine, "cell")}.` : ""}`);
    }

    /** Edits of cells that the book has changed since: the reader's code is shown, and goes when the reader says so. */
    showOrphans() {
      const keys = new Set(this.cells.map((cell) => cell.key));
      const orphans = Object.keys(edits.all).filter((key) => !keys.has(key));
      if (!orphans.length) return;
      const forget = () => {
        for (const key of orphans) edits.keep(key, null);
        fold.remove();
        this.first.focus();
      };
      const fold = html(
        "details",
        { class: "lesson-orphans" },
        html("summary", null, `${plural(orphans.length, "edit")} of yours to code that the book has changed since`),
        ...orphans.map((key) => html("pre", { tabindex: 0 }, edits.all[key])),
        button("Forget them", forget),
      );
      this.bar.append(fold);
    }

    say(text) {
      this.status.textContent = text;
    }

    /** Make the page live: the editor and Python are loaded side by side. */
    async open() {
      this.first.disabled = true;
      try {
        const starting = python.start();
        starting.catch(() => {}); // said below, when the editor is there
        if (python.state !== "failed") this.edit(await import(new URL("vendor/codemirror.js", here).href));
        await starting;
        this.say("Ready. Change the code; Shift + Enter runs a cell.");
      } catch (error) {
        this.first.disabled = false;
        this.say(error.message);
      }
    }

    edit(code) {
      if (this.live) return;
      this.live = true;
      edits.read();
      for (const cell of this.cells) cell.open(code);
      this.first.hidden = true;
      for (const each of [this.all, this.stop, this.again]) each.hidden = false;
      this.bar.classList.add("lesson-run-live");
      this.all.focus({ preventScroll: true });
    }

    /** Follow what Python does. */
    follow() {
      const { state } = python;
      this.meter.hidden = state !== "starting";
      if (state === "starting") this.say("Starting Python. You can read and edit meanwhile.");
      else if (!this.live && !this.first.disabled) this.introduce(); // a lab has started it
      this.stop.disabled = state !== "busy" && state !== "starting";
      this.bar.dataset.state = state;
    }

    count() {
      const edited = this.cells.filter((cell) => cell.editor && cell.text !== cell.original).length;
      this.discard.hidden = edited === 0;
      this.discard.textContent = `Discard ${plural(edited, "edit")}`;
    }

    async runOne(cell, goOn) {
      const next = this.cells[cell.number];
      if (goOn && next) next.focus();
      await cell.run();
      if (cell.failed instanceof Error) this.say(cell.failed.message);
      else this.say(cell.failed ? `Cell ${cell.number}: ${cell.failed.ename}.` : `Cell ${cell.number} has run.`);
    }

    /** Run all cells down to this one; an error ends it. */
    async runTo(last) {
      if (this.running) return;
      this.running = true;
      await this.runDown(last).finally(() => (this.running = false));
    }

    async runDown(last) {
      const chosen = this.cells.slice(0, last.number);
      for (const cell of chosen) {
        this.say(`Running cell ${cell.number} of ${chosen.length}.`);
        await cell.run();
        if (cell.failed) {
          const word =
            cell.failed instanceof Error ? cell.failed.message : `${cell.failed.ename}. The cells below have not run.`;
          this.say(`Cell ${cell.number}: ${word}`);
          return;
        }
      }
      this.say(`${plural(chosen.length, "cell")} ran.`);
    }

    /** Stop what runs. A cell that ends by it says so itself, before or after the answer is here. */
    async interrupt() {
      const starting = python.state === "starting";
      const words = "Stopping.";
      this.say(words);
      try {
        const forgot = await python.interrupt();
        if (starting) this.say("Python was not started.");
        else if (forgot) this.say("Stopped. Python starts anew: what the cells had defined is gone.");
        else if (this.status.textContent === words) this.say("Stopped.");
      } catch (error) {
        this.say(error.message);
      }
    }

    async restart() {
      try {
        await python.restart();
        this.say("Python is as new: no cell has run.");
      } catch (error) {
        this.say(error.message);
      }
    }

    discardAll() {
      for (const cell of this.cells.filter((each) => each.text !== each.original)) cell.discard();
      this.say("The code is the book’s again.");
      this.all.focus();
    }

    async load(names, cell) {
      this.say(`Loading ${names.join(", ")} …`);
      try {
        await python.load(names);
        await this.runOne(cell, false);
      } catch (error) {
        this.say(error.message);
      }
    }
  }

  // ---------------------------------------------------------------- start

  document.addEventListener("DOMContentLoaded", () => {
    const cells = [...document.querySelectorAll(".bd-article div.cell")].filter((cell) =>
      cell.querySelector(".cell_input"),
    );
    if (!cells.length) return;
    edits.read();
    const page = new Page(cells);
    const title = document.querySelector(".bd-article h1");
    const first = title.parentElement.querySelector("section");
    if (first) first.before(page.bar);
    else title.after(page.bar);
  });
})();
