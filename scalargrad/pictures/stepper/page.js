"use strict";

// Every number was computed in Python. The state at step s follows from the data alone, so any step can be shown at
// once, backwards too; only what differs from the page as it stands is written to it.
(() => {
  const byId = (id) => document.getElementById(id);
  const { tracks, steps, seeded } = JSON.parse(byId("story").textContent);
  const last = steps.length - 1;
  const svg = document.querySelector("#diagram > svg");
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  let current = -1;
  let selected = null; // the box that a click chose; otherwise the terms follow the steps
  let timer = 0;

  const shown = (number) => number[0];
  const full = (number) => number[number.length - 1];

  // Text goes in by textContent alone, so nothing in it is ever markup.
  function make(tag, text = "", attributes = {}) {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function set(element, name, value) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }

  // -------------------------------------------------------------------------------------------------------------------
  // The parts of the diagram, found once

  function titled(element) {
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    element.prepend(title);
    return title;
  }

  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", `Graph of ${tracks[tracks.length - 1].name}, ${tracks.length} boxes`);

  const boxes = tracks.map((track, k) => {
    const group = byId(`n${k}`);
    group.setAttribute("role", "button");
    group.setAttribute("tabindex", "0");
    group.addEventListener("click", () => select(k));
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      select(k);
    });
    const row = byId("table").tBodies[0].insertRow();
    const button = make("button", track.name, { type: "button", "aria-label": `Terms of ${track.name}` });
    button.addEventListener("click", () => select(k));
    row.insertCell().append(button);
    row.insertCell().textContent = track.symbol || "leaf";
    return {
      group,
      title: titled(group),
      grad: group.querySelector(".grad"),
      dataCell: row.insertCell(),
      gradCell: row.insertCell(),
    };
  });

  // The table has its rows in the order of the steps
  const rows = boxes.map(({ gradCell }) => gradCell.parentElement);
  rows.forEach((row, k) => (row.dataset.box = k));
  byId("table").tBodies[0].append(...[...rows].sort((a, b) => tracks[a.dataset.box].appears - tracks[b.dataset.box].appears));

  const edges = [];
  tracks.forEach((track, k) => {
    for (const [, user, position, partial] of track.terms) {
      const group = byId(`e${user}-${position}`);
      group.setAttribute("aria-hidden", "true"); // the terms say the same in words
      titled(group).textContent = `∂${[...String(position + 1)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("")}${tracks[user].name} = ${full(partial)}, the local partial`;
      edges.push({ group, user, id: `e${user}-${position}`, input: k });
    }
  });

  // -------------------------------------------------------------------------------------------------------------------
  // Showing a step

  function gradientAt(track, step) {
    let sum = track.seed !== null && step >= seeded ? track.seed : null;
    for (const term of track.terms) if (term[0] <= step) sum = term[6];
    return sum;
  }

  function showBox(k, step, phase, now, from) {
    const track = tracks[k];
    const box = boxes[k];
    const known = step >= track.appears;
    const gradient = gradientAt(track, step);
    const complete = gradient !== null && step >= track.complete;
    // What is not there yet is hidden by its class: to lay out the text of 300 boxes anew would be felt
    if (gradient) write(box.grad, `grad ${shown(gradient)}`);
    const states = ["node", track.kind];
    if (!known) states.push("pending");
    if (!gradient) states.push("slopeless");
    if (complete) states.push("complete");
    if (k === now) states.push("now");
    if (k === from) states.push("from");
    if (k === selected) states.push("selected");
    set(box.group, "class", states.join(" "));

    const value = known ? `data ${full(track.data)}` : "not computed yet";
    const slope = gradient ? `, grad ${full(gradient)}${complete ? ", complete" : " so far"}` : "";
    const what = track.kind === "leaf" ? "leaf" : `${track.kind}${track.symbol ? ` ${track.symbol}` : ""}`;
    write(box.title, `${track.name}, ${what}: ${value}${slope}`);
    set(box.group, "aria-label", `${track.name}, ${what}: ${value}${slope}. Show its terms`);
    set(box.group, "aria-pressed", String(k === selected));

    write(box.dataCell, known ? shown(track.data) : "");
    set(box.dataCell, "title", known ? full(track.data) : "");
    write(box.gradCell, gradient ? shown(gradient) + (complete ? "" : " so far") : "");
    set(box.gradCell, "title", gradient ? full(gradient) : "");
  }

  const PHASES = { start: "Start", forward: "Forward", backward: "Backward", done: "Done" };

  function showStep(step) {
    const [phase, now, edge, lines, note] = steps[step];
    document.body.className = phase + (timer ? " playing" : "");
    const place =
      phase === "forward" ? ` ${step} of ${seeded - 1}` : phase === "backward" ? ` ${step - seeded + 1} of ${last - seeded}` : "";
    write(byId("phase"), PHASES[phase] + place);
    byId("formula").replaceChildren(
      ...lines.map((parts) => {
        const line = make("div");
        parts.forEach((part, position) => {
          if (position) line.append(" ");
          line.append(make("span", (position ? "= " : "") + part));
        });
        return line;
      }),
    );
    write(byId("note"), note);

    const from = edge ? Number(edge.slice(1).split("-")[0]) : -1;
    const highlighted = phase === "forward" || phase === "backward" ? now : -1;
    tracks.forEach((_, k) => showBox(k, step, phase, highlighted, from));
    for (const { group, user, id } of edges) {
      const states = ["edge"];
      if (step < tracks[user].appears) states.push("pending");
      if (phase === "forward" && user === now) states.push("into");
      if (id === edge) states.push("now");
      set(group, "class", states.join(" "));
    }
    showTerms(step);
    if (highlighted >= 0) follow(boxes[now].group);
  }

  // Scroll the diagram, and never the page, so that the box of the step is in sight.
  function follow(element) {
    const frame = byId("diagram");
    if (frame.scrollWidth <= frame.clientWidth && frame.scrollHeight <= frame.clientHeight) return;
    const outer = frame.getBoundingClientRect();
    const inner = element.getBoundingClientRect();
    const margin = 24;
    const shift = (low, high, from, to) =>
      low < from + margin || high > to - margin ? (low + high) / 2 - (from + to) / 2 : 0;
    const left = shift(inner.left, inner.right, outer.left, outer.right);
    const top = shift(inner.top, inner.bottom, outer.top, outer.bottom);
    if (left || top) frame.scrollBy({ left, top, behavior: still.matches ? "auto" : "smooth" });
  }

  // -------------------------------------------------------------------------------------------------------------------
  // The terms of one box

  function showTerms(step) {
    const panel = byId("terms");
    const [phase, now] = steps[step];
    const k = selected ?? (phase === "backward" ? now : null);
    if (k === null) {
      panel.replaceChildren(make("p", "Choose a box to see its terms; on the way back they follow the steps.", { class: "waiting" }));
      return;
    }
    const track = tracks[k];
    const end = tracks[tracks.length - 1].name;
    const gradient = gradientAt(track, step);
    if (!track.terms.length) {
      panel.replaceChildren(
        make("p", `∂${end}/∂${end} = ${gradient ? shown(gradient) : "…"}: the seed. ${end} is the output, and no edge leaves it.`),
      );
      return;
    }
    const table = make("table", "", { "data-box": k });
    const caption = table.createCaption();
    caption.textContent = `∂${end}/∂${track.name}: one term for each edge that leaves ${track.name}`;
    const head = table.createTHead().insertRow();
    for (const text of ["edge to", "partial · grad of that box", "term"]) head.append(make("th", text, { scope: "col" }));
    const body = table.createTBody();
    for (const [at, user, position, partial, adjoint, product] of track.terms) {
      const row = body.insertRow();
      const repeated = track.terms.filter((term) => term[1] === user).length > 1;
      row.insertCell().textContent = tracks[user].name + (repeated ? `, input ${position + 1}` : "");
      const factors = row.insertCell();
      const term = row.insertCell();
      term.className = "term";
      if (at > step) {
        factors.textContent = "not yet";
        factors.className = "waiting";
      } else {
        factors.textContent = `${bracketed(shown(partial))} · ${bracketed(shown(adjoint))}`;
        factors.title = `${full(partial)} · ${full(adjoint)}`;
        term.textContent = shown(product);
        term.title = full(product);
        if (at === step) row.className = "now";
      }
    }
    const foot = table.createTFoot().insertRow();
    const complete = step >= track.complete;
    foot.append(make("th", gradient && !complete ? "sum so far" : "sum", { scope: "row" }));
    foot.insertCell();
    const sum = foot.insertCell();
    sum.className = "sum";
    sum.textContent = gradient ? shown(gradient) : "";
    sum.title = gradient ? full(gradient) : "";
    const mark = make("p", complete ? "✓ complete" : "", { class: "mark" });
    panel.replaceChildren(table, mark);
  }

  function bracketed(text) {
    return /^([\d.]+(e[+-]?\d+)?|\w+)$/.test(text) ? text : `(${text})`;
  }

  function select(k) {
    selected = selected === k ? null : k;
    showStep(current);
    if (selected !== null) {
      const gradient = gradientAt(tracks[k], current);
      const number = tracks[k].terms.filter((term) => term[0] <= current).length;
      const sum = gradient ? `, sum ${shown(gradient)}` : "";
      write(byId("announce"), `Terms of ${tracks[k].name}: ${number} of ${tracks[k].terms.length}${sum}`);
    } else {
      write(byId("announce"), "The terms follow the steps.");
    }
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Going from step to step

  function go(step) {
    const target = Math.min(Math.max(step, 0), last);
    if (target === current) return;
    current = target;
    const slider = byId("slider");
    slider.value = current;
    set(slider, "aria-valuetext", `step ${current} of ${last}, ${PHASES[steps[current][0]].toLowerCase()}`);
    write(byId("counter"), `${current} / ${last}`);
    for (const id of ["first", "back"]) set(byId(id), "aria-disabled", String(current === 0));
    for (const id of ["forward", "last"]) set(byId(id), "aria-disabled", String(current === last));
    showStep(current);
    remember();
  }

  // The step goes into the address once the reader rests on it: browsers refuse an address that changes too often. A
  // page in a notebook's frame has no address of its own to change.
  let resting = 0;
  function remember() {
    clearTimeout(resting);
    resting = setTimeout(() => {
      try {
        history.replaceState(null, "", `#step=${current}`);
      } catch {
        // nothing to do: the steps work without
      }
    }, 150);
  }

  function fromAddress() {
    const found = /^#step=(\d+)$/.exec(location.hash);
    return found ? Number(found[1]) : null;
  }

  function pause() {
    clearInterval(timer);
    timer = 0;
    document.body.classList.remove("playing");
    set(byId("play"), "aria-label", "Play");
  }

  function play() {
    clearInterval(timer);
    if (current === last) go(0);
    timer = setInterval(() => {
      go(current + 1);
      if (current === last) pause();
    }, Number(byId("speed").value));
    document.body.classList.add("playing");
    set(byId("play"), "aria-label", "Pause");
  }

  const toggle = () => (timer ? pause() : play());
  const jump = (step) => {
    pause();
    go(step);
  };

  byId("first").addEventListener("click", () => jump(0));
  byId("back").addEventListener("click", () => jump(current - 1));
  byId("play").addEventListener("click", toggle);
  byId("forward").addEventListener("click", () => jump(current + 1));
  byId("last").addEventListener("click", () => jump(last));
  byId("slider").addEventListener("input", (event) => jump(Number(event.target.value)));
  byId("speed").addEventListener("change", () => timer && play());
  function fit(fitted) {
    byId("diagram").classList.toggle("fitted", fitted);
    set(byId("fit"), "aria-pressed", String(fitted));
  }
  byId("fit").addEventListener("click", () => fit(!byId("diagram").classList.contains("fitted")));
  addEventListener("hashchange", () => {
    const step = fromAddress();
    if (step !== null) jump(step);
  });

  const KEYS = {
    ArrowLeft: () => jump(current - 1),
    ArrowRight: () => jump(current + 1),
    Home: () => jump(0),
    End: () => jump(last),
    " ": toggle,
    Escape: () => selected !== null && select(selected),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || !(event.key in KEYS)) return;
    // A focused control keeps the keys that it has a use for; on the slider they are the same steps.
    if (event.target.closest("select")) return;
    if (event.key === " " && event.target.closest("button, summary, a")) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  fit(svg.clientWidth < 1.4 * byId("diagram").clientWidth); // a little smaller is still legible
  byId("all").open = tracks.length <= 40;
  go(fromAddress() ?? 0);
})();
