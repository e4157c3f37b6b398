/**
 * Python in the page: one worker for all that asks, started by the first request and not before.
 *
 * A classic script without dependencies. It sets `globalThis.LessonPython`:
 *   size                 what the first start loads, in bytes (0: this copy of the book has no Python)
 *   state                "asleep", "starting", "ready", "busy", or "failed"; an event "state" tells of each change
 *   progress             how much of the files is there, 0 to 1, while "starting"; an event "progress" tells
 *   patience             how many milliseconds a request may take to stop by itself, before Python starts anew
 *   start()              a promise that Python is ready
 *   request(kind, payload, {onProgress, signal})   a promise of the answer; answers come in the order of requests
 *   load(names)          packages that do not come with the site, from Pyodide's server: only when the reader has asked
 *   interrupt()          stop what runs; a promise of whether Python had to start anew and forgot what was defined
 *   restart()            start anew; requests that wait are refused
 * A promise is refused with an Error whose text a reader can use; its `name` is that of Python's error, or "Stopped".
 */
(() => {
  "use strict";

  const described = document.querySelector('meta[name="lesson-python"]')?.content;
  const files = described ? JSON.parse(described) : null;
  const root = new URL(document.documentElement.dataset.content_root || "./", document.baseURI);
  const script = new URL("_static/python-worker.js", root);

  class Stopped extends Error {
    name = "Stopped";
  }

  /** Why Python can't start here, in words; null when it can. */
  function obstacle() {
    if (!files) return "This copy of the book was built without Python in the page. Its notebooks run in JupyterLab.";
    if (location.protocol === "file:")
      return (
        "A page that is opened as a file may not start Python. Open the book from a server: " +
        "“python -m http.server” in its folder is enough."
      );
    if (typeof Worker === "undefined" || typeof WebAssembly === "undefined")
      return "This browser can't run Python: it has no WebAssembly, or it is switched off.";
    return null;
  }

  class Python extends EventTarget {
    size = files?.bytes ?? 0;
    version = files?.python ?? "";
    state = "asleep";
    patience = 2000;
    progress = 0;
    #worker = null;
    #started = null; // promise of the running start
    #buffer = null; // shared with the worker where the page may share memory
    #waiting = new Map(); // number of a request -> {resolve, reject, onProgress}
    #number = 0;

    start() {
      this.#started ??= this.#boot();
      return this.#started;
    }

    request(kind, payload, options) {
      return this.#ask({ request: JSON.stringify({ kind, payload }) }, options);
    }

    load(names) {
      return this.#ask({ packages: names });
    }

    async #ask(message, { onProgress, signal } = {}) {
      await this.start();
      if (signal?.aborted) throw new Stopped("Stopped before it began.");
      const number = (this.#number += 1);
      const answer = new Promise((resolve, reject) => this.#waiting.set(number, { resolve, reject, onProgress }));
      this.#worker.postMessage({ number, ...message });
      this.#become("busy");
      const stop = () => this.#stop(number);
      signal?.addEventListener("abort", stop, { once: true });
      try {
        return await answer;
      } finally {
        signal?.removeEventListener("abort", stop);
        this.#waiting.delete(number);
        if (this.state === "busy" && this.#waiting.size === 0) this.#become("ready");
      }
    }

    async interrupt() {
      if (this.state === "starting") return (this.#end(new Stopped("Python was not started.")), true);
      if (this.state !== "busy") return false;
      const running = this.#waiting.keys().next().value;
      if (this.#buffer) {
        this.#buffer[0] = 2; // SIGINT
        await this.#settled(running);
        this.#buffer[0] = 0; // what had ended already was not interrupted, and neither must be what comes next
        if (!this.#waiting.has(running)) return false;
      }
      await this.restart();
      return true;
    }

    restart() {
      this.#end(new Stopped("Stopped. Python starts anew: what the cells had defined is gone."));
      return this.start();
    }

    #end(reason) {
      this.#worker?.terminate();
      this.#worker = this.#started = null;
      for (const { reject } of this.#waiting.values()) reject(reason);
      this.#waiting.clear();
      this.#become("asleep");
    }

    #become(state) {
      this.state = state;
      this.dispatchEvent(new Event("state"));
    }

    #boot() {
      const reason = obstacle();
      if (reason) return this.#fail(new Error(reason));
      this.progress = 0;
      this.#become("starting");
      this.#buffer = globalThis.crossOriginIsolated ? new Uint8Array(new SharedArrayBuffer(1)) : null;
      const worker = new Worker(script, { type: "module" });
      this.#worker = worker;
      const boot = {};
      const ready = new Promise((resolve, reject) => Object.assign(boot, { resolve, reject }));
      this.#waiting.set(0, boot);
      worker.onmessage = ({ data }) => this.#hear(data);
      worker.onerror = ({ message }) => {
        if (this.state === "starting") boot.reject(new Error(message || `${script} could not be loaded`));
        else this.#end(new Error(`Python has ended: ${message}. The next cell starts it anew.`));
      };
      worker.postMessage({ boot: { ...files, folder: new URL(files.folder, root).href }, buffer: this.#buffer });
      return ready
        .then(
          () => this.#become("ready"),
          (error) => {
            if (error instanceof Stopped) throw error;
            worker.terminate();
            return this.#fail(new Error(`Python could not be started: ${error.message}`));
          },
        )
        .finally(() => this.#waiting.get(0) === boot && this.#waiting.delete(0)); // or another start has begun
    }

    #fail(error) {
      this.#started = null; // the next request tries again
      this.#become("failed");
      return Promise.reject(error);
    }

    #hear({ loaded, ready, number = 0, news, answer, stopped, failed }) {
      const waiting = this.#waiting.get(number);
      if (loaded !== undefined) {
        this.progress = loaded;
        this.dispatchEvent(new Event("progress"));
      } else if (news) waiting?.onProgress?.(JSON.parse(news));
      else if (ready) waiting?.resolve();
      else if (stopped) waiting?.reject(new Stopped("Stopped before it began."));
      else if (failed) waiting?.reject(new Error(failed));
      else settle(waiting, JSON.parse(answer));
    }

    async #stop(number) {
      this.#worker?.postMessage({ stop: number });
      await this.#settled(number);
      const running = this.#waiting.keys().next().value;
      if (running === number) await this.interrupt();
    }

    /** Wait until a request has its answer, but not longer than is bearable. */
    async #settled(number) {
      const end = performance.now() + this.patience;
      while (this.#waiting.has(number) && performance.now() < end) await new Promise((go) => setTimeout(go, 20));
    }
  }

  function settle(waiting, { answer, problem }) {
    if (!problem) return waiting?.resolve(answer);
    waiting?.reject(Object.assign(new Error(problem.text), { name: problem.name }));
  }

  globalThis.LessonPython = new Python();
})();
