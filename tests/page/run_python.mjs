// Runs Python inside Pyodide under Node. Its argument is JSON: {"core": folder of Pyodide, "lock": its lock file,
// "packages": what it loads of it, "folders": {place there: folder here}, "code": Python whose last value is the exit code; it may await}.

const { core, lock, packages, folders, code } = JSON.parse(process.argv[2]);
const { loadPyodide } = await import(`${core}/pyodide.mjs`);
const python = await loadPyodide({ indexURL: core, lockFileURL: lock, packages, env: { PYTHONDONTWRITEBYTECODE: "1" } });
for (const [place, folder] of Object.entries(folders)) {
  python.FS.mkdir(place);
  python.mountNodeFS(place, folder);
}
try {
  process.exitCode = Number(await python.runPythonAsync(code));
} catch (error) {
  console.error(error.message); // Node itself would print the line, which is all of Pyodide
  process.exitCode = 1;
}
