// Python in a Web Worker: Pyodide, Graphviz, and our own files. Whatever it needs comes with the first message.

const LOCK = "NO PACKAGES"; // Pyodide's list of the packages that it could fetch: when the page is built, an empty one

let session = null;

async function start(files) {
  const address = (name) => URL.createObjectURL(new Blob([files[name]], { type: "text/javascript" }));
  // Nothing is fetched but what is here already, by whatever address it is asked for
  globalThis.fetch = async (asked) => {
    const name = String(asked.url ?? asked).split("/").pop();
    if (!(name in files)) throw new TypeError(`nothing is fetched here, and ${name} is not at hand`);
    const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
    return new Response(files[name], { headers: { "Content-Type": type } });
  };
  const [{ loadPyodide }, { default: createPyodideModule }, { instance }] = await Promise.all(
    ["pyodide.mjs", "pyodide.asm.mjs", "viz.js"].map((name) => import(address(name))),
  );
  const [python, viz] = await Promise.all([
    loadPyodide({ indexURL: "https://here.invalid/", createPyodideModule, lockFileContents: LOCK }),
    instance(),
  ]);
  python.FS.mkdir("/scalargrad");
  python.unpackArchive(files["engine.zip"], "zip", { extractDir: "/scalargrad" });
  python.registerJsModule("graphviz_in_wasm", {
    render: (source, format) => viz.renderString(source, { format, engine: "dot" }),
  });
  python.runPython(`
import json, sys
sys.path.insert(0, "/scalargrad")
import graphviz_in_wasm
from scalargrad.pictures.rendering import RENDERERS
from scalargrad.playground import Session
RENDERERS.append(lambda source, format: graphviz_in_wasm.render(source, format).encode())
session = Session()
run = lambda source: json.dumps(session.run(source))
show = lambda view: json.dumps(session.show(view))
`);
  session = { run: python.globals.get("run"), show: python.globals.get("show") };
}

function page(view) {
  return { view, ...JSON.parse(session.show(view)) };
}

/** The view that the reader chose last, if there is one, else the first; where it refuses, another. */
function best(views, chosen) {
  const order = [...new Set([...(views.includes(chosen) ? [chosen] : []), ...views])];
  const pages = [];
  for (const view of order) {
    pages.push(page(view));
    if (!pages.at(-1).error) return pages.at(-1);
  }
  return pages[0];
}

onmessage = async ({ data }) => {
  try {
    if (data.kind === "start") {
      await start(data.files);
      postMessage({ kind: "ready" });
    } else if (data.kind === "run") {
      const from = performance.now();
      const found = JSON.parse(session.run(data.source));
      const shown = found.views?.length ? best(found.views, data.view) : null;
      postMessage({ kind: "found", id: data.id, found, page: shown, milliseconds: Math.round(performance.now() - from) });
    } else {
      postMessage({ kind: "view", id: data.id, page: page(data.view) });
    }
  } catch (error) {
    // A program's own exceptions are in what was found: this one ended the interpreter, as a stack overflow does
    postMessage({ kind: session ? "dead" : "broken", id: data.id, text: String(error.message ?? error) });
  }
};
