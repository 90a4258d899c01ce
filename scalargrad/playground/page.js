"use strict";
// The page: it gives the worker what Python is made of, and the reader's programs; and shows what comes back.

const byId = (id) => document.getElementById(id);
const given = (id) => JSON.parse(byId(id).textContent);
const ASSETS = given("assets"); // [name, bytes when packed]
const EXAMPLES = given("examples");
const VIEWS = { steps: "Steps", diagram: "Diagram", matrices: "Matrices" };
const SECONDS = 20;

let assets = null; // a promise of {name: bytes}; kept, so that Stop costs no second download
let worker = null;
let ready = false;
let job = 0;
let running = null; // the program that runs, which may be ""
let timer = 0;
let views = [];
let favourite = "";

const say = (text) => { byId("status").textContent = text; };

// ---------------------------------------------------------------------------------------------------------------------
// Loading

async function packed(name, loaded) {
  const embedded = byId(`asset-${name}`);
  if (embedded) {
    const bytes = Uint8Array.from(atob(embedded.textContent.trim()), (character) => character.charCodeAt(0));
    embedded.remove();
    return bytes;
  }
  const response = await fetch(`${name}.bin`);
  if (!response.ok) throw new Error(`${name}.bin is not beside this page (${response.status})`);
  const chunks = [];
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    loaded(part.value.length);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

async function unpack(bytes) {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

async function load() {
  const total = ASSETS.reduce((sum, [, size]) => sum + size, 0);
  let done = 0;
  const loaded = (bytes) => {
    done += bytes;
    if (!ready) say(`Loading Python: ${(done / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`);
  };
  const all = await Promise.all(ASSETS.map(async ([name]) => [name, await unpack(await packed(name, loaded))]));
  return Object.fromEntries(all);
}

async function start() {
  ready = false;
  // A worker made of a blob is under the policy of this page; one from a file would be under none
  const url = URL.createObjectURL(new Blob([byId("worker").textContent], { type: "text/javascript" }));
  const mine = (worker = new Worker(url));
  worker.onmessage = ({ data }) => { if (mine === worker) hear(data); };
  worker.onerror = (event) => { if (mine === worker) broken(event.message || "the worker ended"); };
  try {
    assets ??= load();
    mine.postMessage({ kind: "start", files: await assets });
  } catch (error) {
    broken(error.message);
  }
}

function broken(message) {
  say("");
  complain({ line: null, text: `Python could not be started: ${message}` });
  idle();
}

// ---------------------------------------------------------------------------------------------------------------------
// Running

function run() {
  forget();
  running = byId("source").value;
  job += 1;
  byId("stop").disabled = false;
  if (ready) submit(); // else when Python is there
}

function submit() {
  say("Running …");
  worker.postMessage({ kind: "run", id: job, source: running, view: favourite });
  clearTimeout(timer);
  timer = setTimeout(() => stop(`Stopped after ${SECONDS} seconds.`), SECONDS * 1000);
}

function idle() {
  clearTimeout(timer);
  running = null;
  byId("stop").disabled = true;
}

function stop(why) {
  idle();
  worker.terminate();
  forget();
  complain({ line: null, text: why });
  say("Starting Python again …");
  start();
}

function hear(data) {
  if (data.kind === "ready") {
    ready = true;
    say("Ready.");
    if (running !== null) submit();
  } else if (data.kind === "broken") broken(data.text);
  else if (data.kind === "dead") {
    stop(`Python ended (${data.text}). It is started again; a smaller program may run.`);
  } else if (data.id === job) show(data);
}

// ---------------------------------------------------------------------------------------------------------------------
// Showing

function forget() {
  byId("error").textContent = byId("summary").textContent = byId("note").textContent = "";
  byId("to-line").hidden = byId("printed-box").hidden = byId("numbers").hidden = byId("views").hidden = true;
  byId("frame").replaceChildren();
}

function complain({ line, text }) {
  byId("error").textContent = line ? `Line ${line}: ${text}` : text;
  byId("to-line").hidden = !line;
  byId("to-line").textContent = `Go to line ${line}`;
  byId("to-line").onclick = () => choose(line);
}

function choose(line) {
  const field = byId("source");
  const lines = field.value.split("\n");
  const from = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  field.focus();
  field.setSelectionRange(from, from + (lines[line - 1] ?? "").length);
}

function show(data) {
  idle();
  if (data.kind === "view") return frame(data.page);
  byId("printed-box").hidden = !data.found.printed;
  byId("printed").textContent = data.found.printed;
  if (data.found.error) {
    say("");
    return complain(data.found.error);
  }
  byId("summary").textContent = data.found.summary;
  byId("note").textContent = data.found.note;
  const rows = data.found.table.map((cells) => {
    const row = document.createElement("tr");
    row.append(...cells.map((text) => Object.assign(document.createElement("td"), { textContent: text })));
    return row;
  });
  byId("table").replaceChildren(...rows);
  byId("rest").textContent = data.found.rest ? `and ${data.found.rest} more` : "";
  byId("numbers").hidden = !rows.length;
  views = data.found.views;
  byId("views").replaceChildren(...views.map(choice));
  byId("views").hidden = views.length < 2;
  if (data.page) frame(data.page);
  say(`Done in ${data.milliseconds} ms.`);
}

function choice(view) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: VIEWS[view] });
  button.dataset.view = view;
  button.addEventListener("click", () => {
    if (running !== null || !ready) return;
    favourite = view;
    job += 1;
    worker.postMessage({ kind: "view", id: job, view });
  });
  return button;
}

function frame(page) {
  for (const button of byId("views").children) button.setAttribute("aria-pressed", String(button.dataset.view === page.view));
  byId("frame").replaceChildren();
  byId("error").textContent = "";
  if (page.error) return complain(page.error);
  // Without an origin: its script can step, and can reach neither this page nor what the browser keeps for it
  const element = document.createElement("iframe");
  element.setAttribute("sandbox", page.view === "diagram" ? "" : "allow-scripts");
  element.title = page.title;
  element.srcdoc = page.html;
  byId("frame").append(element);
}

// ---------------------------------------------------------------------------------------------------------------------
// Links

function encoded(text) {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function decoded(text) {
  const bytes = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0)));
}

/** Show the program of the address, if it has one; it is run when the reader says so. */
function fromLink() {
  const found = /^#code=([\w-]+)$/.exec(location.hash);
  if (!found) return false;
  try {
    byId("source").value = decoded(found[1]);
    byId("note").textContent = "This program came with the link. Read it, then choose Run.";
  } catch {
    complain({ line: null, text: "The link's program can't be read: it may have been cut." });
  }
  return true;
}

async function copyLink() {
  history.replaceState(null, "", `#code=${encoded(byId("source").value)}`);
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link is copied.");
  } catch {
    say("The link is in the address bar.");
  }
}

// ---------------------------------------------------------------------------------------------------------------------

if (location.protocol === "file:" && !byId(`asset-${ASSETS[0][0]}`)) {
  location.replace(`../playground.html${location.hash}`); // which has all in it: a file may not load its neighbours
} else {
  for (const name of Object.keys(EXAMPLES)) byId("example").append(new Option(name, name));
  byId("example").addEventListener("change", () => {
    const name = byId("example").value;
    if (!name) return;
    byId("source").value = EXAMPLES[name];
    byId("source").rows = Math.max(8, EXAMPLES[name].split("\n").length);
    if (running === null) run();
  });
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (running === null) run();
  });
  byId("source").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (running === null) run();
    }
  });
  byId("stop").addEventListener("click", () => stop("Stopped."));
  byId("link").addEventListener("click", copyLink);
  addEventListener("hashchange", () => { forget(); fromLink(); });
  start();
  if (!fromLink()) {
    byId("source").value = Object.values(EXAMPLES)[0];
    run();
  }
}
