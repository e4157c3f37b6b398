/**
 * The worker of a page: boots Pyodide from the site's own files, imports the book's Python, and answers requests one
 * at a time. It knows no lab and no cell: a request and its answer are JSON, made and read elsewhere.
 *
 * It hears {boot: {folder, pyodide, lock, packages, bytes}, buffer}, {number, request}, {number, packages} and
 * {stop: number}; it says {loaded},
 * {ready}, {failed}, {number, news} and {number, answer}. A module worker, loaded by python.js.
 */

let python = null;
let answer = null; // Python's function
const stopped = new Set(); // numbers of requests that the reader wants no answer to
let queue = Promise.resolve();

/** Say which part of the bytes has come, file by file. (To count inside a file would cost the compiled code its cache.) */
function follow(bytes) {
  let loaded = 0;
  const watch = new PerformanceObserver((list) => {
    for (const { decodedBodySize } of list.getEntries()) loaded += decodedBodySize;
    postMessage({ loaded: Math.min(1, loaded / bytes) });
  });
  watch.observe({ type: "resource", buffered: true });
}

async function boot({ folder, pyodide, lock, packages, bytes }, buffer) {
  follow(bytes);
  const home = new URL(folder, self.location.href);
  const core = new URL(`${pyodide}/`, home).href;
  const { loadPyodide } = await import(`${core}pyodide.mjs`);
  python = await loadPyodide({
    indexURL: core,
    lockFileURL: new URL(lock, home).href,
    packageBaseUrl: home.href,
    packages,
    env: { MPLBACKEND: "agg", PYTHONHASHSEED: "0" },
    stdout: () => {},
    stderr: () => {},
  });
  if (buffer) python.setInterruptBuffer(buffer);
  answer = python.pyimport("lessons.page.browser").serve();
}

/** Load packages that are not served with the book: the lock file says where they are, and their hashes. */
async function load(number, packages) {
  const troubles = [];
  await python.loadPackage(packages, { messageCallback: () => {}, errorCallback: (text) => troubles.push(text) });
  if (troubles.length) throw new Error(`${packages.join(", ")} could not be loaded: ${troubles.join("; ")}`);
  postMessage({ number, answer: JSON.stringify({ answer: packages }) });
}

/** One request: news on the way are sent on, each answered with whether to stop. */
async function serve(number, request) {
  if (stopped.has(number)) return postMessage({ number, stopped: true });
  const news = (text) => {
    postMessage({ number, news: text });
    return new Promise((resolve) => setTimeout(() => resolve(stopped.has(number))));
  };
  postMessage({ number, answer: await answer.callPromising(request, news) });
}

self.onmessage = ({ data }) => {
  if (data.boot) {
    boot(data.boot, data.buffer).then(
      () => postMessage({ ready: true }),
      (error) => postMessage({ failed: String(error?.message ?? error) }),
    );
  } else if (data.stop) stopped.add(data.stop);
  else {
    const failed = (error) => postMessage({ number: data.number, failed: String(error?.message ?? error) });
    const task = data.packages ? () => load(data.number, data.packages) : () => serve(data.number, data.request);
    queue = queue.then(task).catch(failed);
  }
};
