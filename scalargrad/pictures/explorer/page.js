
// What is shown follows from the product, the entry and the step of the proof, and from the numbers in their registers.
(() => {
  const { make, bracketed } = Live;
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const numbers = Live.program(data.program);
  const { brief: shown, full } = numbers;
  const [N, D, M] = data.shape;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const MARKS = "abcdefghijklm";
  const TITLES = { x: "∂L/∂X", w: "∂L/∂W", b: "∂L/∂b", y: "Y" };

  let view = data.views[0];
  let entry = [0, Math.min(1, view.names.result[0].length - 1)]; // what was chosen
  let pointed = null; // what the mouse is over, shown until it leaves
  let stage = view.stages.length - 1;
  let timer = 0;
  let practising = false;
  let hidden = null; // the entry that is asked for: its number and its terms are not shown

  const tint = (k) => `k${k % 4} d${Math.floor(k / 4) % 3}`;

  // -------------------------------------------------------------------------------------------------------------------
  // One entry: its row, its column, its terms

  // Term k as the page needs it: what stands in the row and in the column, by name and number
  function termsOf([i, j]) {
    return view.terms[i][j].map(([path, partials, partial, product, formula, at], k) => {
      const inRow = k < view.names.left[0].length;
      const left = inRow && { name: view.names.left[i][k], number: view.numbers.left[i][k], id: `${view.key}-left-${i}-${k}` };
      const top = inRow && { name: view.names.top[k][j], number: view.numbers.top[k][j], id: `${view.key}-top-${k}-${j}` };
      const under = !inRow && { name: path[0], id: `${view.key}-under-0-${j}` };
      return { k, path, partials, partial, product, formula, at, left, top, under };
    });
  }

  const wrt = ([i, j]) => view.names.result[i][j].replace("∂L/∂", ""); // ∂L/∂x[0,1] is by x[0,1]

  // A term of (3), in names and in figures
  function chainTerm(at, partial, product) {
    const [alpha, beta] = at;
    const g = view.g[alpha][beta];
    return {
      names: `∂L/∂y[${alpha},${beta}] · ∂y[${alpha},${beta}]/∂${wrt(current())}`,
      figures: `${bracketed(shown(g))} · ${bracketed(partial)}`,
      outcome: product,
    };
  }

  // A term of the sum that Y's entry is, or of row · column
  function productTerm(term) {
    if (term.under) return { names: term.under.name, figures: "", outcome: shown(term.formula) };
    const one = view.key === "b";
    return {
      names: one ? term.top.name : `${term.left.name} · ${term.top.name}`,
      figures: one ? "" : `${bracketed(shown(term.left.number))} · ${bracketed(shown(term.top.number))}`,
      outcome: shown(term.formula),
    };
  }

  function written({ names, figures, outcome }, title) {
    const box = document.createDocumentFragment();
    const line = make("span", figures ? `${figures} = ` : "", { class: "figures", title });
    line.append(make("span", outcome, { class: "outcome" }));
    box.append(make("span", names, { class: "names" }), line);
    return box;
  }

  const current = () => pointed ?? entry;

  // -------------------------------------------------------------------------------------------------------------------
  // What is on the page

  function show(announce = true) {
    const [i, j] = current();
    const terms = termsOf([i, j]);
    const [mode, sentence] = view.stages[stage];
    light([i, j], terms, mode);
    byId("entry").textContent = `${view.names.result[i][j]} = ${hidden ? "?" : shown(view.numbers.result[i][j])}`;
    byId("entry").title = hidden ? "" : full(view.numbers.result[i][j]);
    byId("status").setAttribute("aria-live", announce ? "polite" : "off");
    const words = { e: view.names.result[i][j], i, j };
    byId("stage").textContent = hidden ? "Say the number before it is shown. Go on, and it is shown with its terms." : `Step ${stage + 1} of ${view.stages.length}. ` + sentence.replace(/\{([eij])\}/g, (_, key) => words[key]);
    byId("back").setAttribute("aria-disabled", String(stage === 0));
    byId("next").setAttribute("aria-disabled", String(stage === view.stages.length - 1));
    if (!pointed) reveal();
    byId("terms").hidden = byId("paths").hidden = hidden !== null;
    if (hidden) return;
    showTerms(terms, mode);
    showPaths(terms);
  }

  function light([i, j], terms, mode) {
    const grid = byId(`view-${view.key}`);
    for (const cell of grid.querySelectorAll("td")) {
      cell.className = "";
      delete cell.dataset.mark;
    }
    for (const cell of grid.querySelectorAll(".result td")) {
      const here = cell.id === `${view.key}-result-${i}-${j}`;
      cell.classList.toggle("chosen", here);
      cell.setAttribute("aria-selected", String(here));
    }
    for (const cell of grid.querySelectorAll(".result td")) cell.tabIndex = cell.id === `${view.key}-result-${entry.join("-")}` ? 0 : -1;
    if (mode !== "product" || hidden) return; // row and column are what the proof ends with
    for (const term of terms) {
      for (const place of [term.left, term.top, term.under]) {
        if (!place) continue;
        const cell = byId(place.id);
        cell.className = `lit ${tint(term.k)}`;
        cell.dataset.mark = MARKS[term.k];
      }
    }
  }

  function showTerms(terms, mode) {
    const panel = byId("terms");
    const before = new Map([...panel.querySelectorAll("[data-k]")].map((x) => [x.dataset.k, x.getBoundingClientRect()]));
    const was = panel.dataset.mode;
    const same = panel.dataset.entry === current().join();
    panel.dataset.mode = mode;
    panel.dataset.entry = current().join();
    if (mode === "all" || mode === "delta") {
      if (same && (was === "all" || was === "delta")) fade(mode);
      else {
        const box = tiles(terms, mode);
        panel.replaceChildren(box);
        box.classList.toggle("compact", box.offsetWidth > panel.clientWidth);
      }
      return;
    }
    panel.replaceChildren(list(terms, mode));
    if (still.matches || !same || pointed) return;
    if (was === "delta") {
      // Those that are left go from their places in Y to the list
      for (const row of panel.querySelectorAll("[data-k]")) {
        const from = before.get(row.dataset.k);
        const to = row.getBoundingClientRect();
        if (from) row.animate([{ transform: `translate(${from.x - to.x}px, ${from.y - to.y}px)` }, { transform: "none" }], { duration: 800, easing: "ease-in-out" });
      }
    } else if (was === "left" && mode === "product") {
      for (const term of terms) for (const place of [term.left, term.top, term.under]) if (place) fly(panel.querySelector(`[data-k="${term.k}"] td:nth-child(2)`), byId(place.id), term.k);
    }
  }

  // A term's factor slides into its place in the row or in the column
  function fly(from, to, k) {
    const [a, b] = [from.getBoundingClientRect(), to.getBoundingClientRect()];
    const ghost = make("span", to.textContent, { class: `flying ${tint(k)}`, "aria-hidden": "true" });
    document.body.append(ghost);
    ghost.style.left = `${b.x + 4}px`;
    ghost.style.top = `${b.y + 4}px`;
    const motion = ghost.animate([{ transform: `translate(${a.x - b.x}px, ${a.y - b.y}px)` }, { transform: "none" }], { duration: 900, delay: 120 * k, easing: "ease-in-out", fill: "backwards" });
    motion.onfinish = motion.oncancel = () => ghost.remove();
  }

  function tiles(terms, mode) {
    const box = make("div", "", { class: "tiles", role: "list", "aria-label": "Terms of (3), as their y lie in Y" });
    box.style.gridTemplateColumns = `repeat(${M}, max-content)`;
    const found = new Map(terms.map((term) => [term.at.join(), term]));
    for (let alpha = 0; alpha < N; alpha++) {
      for (let beta = 0; beta < M; beta++) {
        const term = found.get(`${alpha},${beta}`);
        const tile = make("div", "", { class: term ? `tile lit ${tint(term.k)}` : "tile", role: "listitem" });
        if (term) tile.dataset.k = term.k;
        tile.append(written(chainTerm([alpha, beta], term ? shown(term.partial) : "0", term ? shown(term.product) : "0"), term ? full(term.product) : "0"));
        box.append(tile);
      }
    }
    requestAnimationFrame(() => fade(mode));
    return box;
  }

  function fade(mode) {
    for (const tile of byId("terms").querySelectorAll(".tile:not(.lit)")) tile.classList.toggle("gone", mode === "delta");
  }

  function list(terms, mode) {
    const forward = view.key === "y";
    const table = make("table", "", { "aria-label": "Terms" });
    const head = table.createTHead().insertRow();
    head.append(make("th", "", { "aria-hidden": "true" }), make("th", forward ? "in the graph" : "term of (3)", { scope: "col" }));
    if (mode === "product") head.append(make("th", view.key === "b" ? "in the column" : "row · column", { scope: "col" }));
    const body = table.createTBody();
    for (const term of terms) {
      const row = body.insertRow();
      row.className = `term ${tint(term.k)}`;
      row.dataset.k = term.k;
      const mark = row.insertCell();
      mark.textContent = MARKS[term.k];
      mark.className = "mark";
      const first = forward ? { ...productTerm(term), outcome: shown(term.product) } : chainTerm(term.at, shown(term.partial), shown(term.product));
      row.insertCell().append(written(first, full(term.product)));
      if (mode === "product") row.insertCell().append(written(productTerm(term), full(term.formula)));
    }
    const [i, j] = current();
    const foot = table.createTFoot().insertRow();
    const sum = view.numbers.result[i][j];
    foot.insertCell();
    const total = foot.insertCell();
    total.colSpan = mode === "product" ? 2 : 1;
    total.className = "sum";
    total.textContent = `${terms.length > 1 ? `${terms.map((term) => bracketed(shown(term.product))).join(" + ")} = ` : "= "}${shown(sum)}`;
    total.title = full(sum);
    return table;
  }

  // -------------------------------------------------------------------------------------------------------------------
  // The paths through the graph of scalars

  const SPACE = 7.9; // a character of the drawing's font
  function drawn(tag, attributes, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function showPaths(terms) {
    const [i, j] = current();
    const forward = view.key === "y";
    const name = view.names.result[i][j];
    byId("graph-title").textContent = forward ? `The graph of ${name}: from X and W to it` : `The paths from ${wrt([i, j])} to L`;
    byId("legend").textContent = forward
      ? "On each arrow: its local partial. A product is made of its x and its w, and the sum of its products."
      : "On each arrow: its local partial; on the last, g = ∂L/∂y, over all that comes after. The product along a path is its term, and their sum is the gradient.";
    // Rows of nodes, one for each term; of a forward product two, x above w
    const rows = terms.map((term) => {
      const steps = term.path.map((text, depth) => ({ text: text === "*" ? "·" : text, partial: depth ? shown(term.partials[depth - 1]) : undefined }));
      if (!forward) steps.push({ text: "L", partial: `g[${term.at}] = ${shown(view.g[term.at[0]][term.at[1]])}` });
      return { term, steps };
    });
    const shares = (row, depth) =>
      forward ? depth > 1 || (depth === 1 && !row.term.left) : depth === 0 || depth === row.steps.length - 1;
    const fans = (row, depth) => forward ? depth < 3 : depth > 0 && shares(row, depth) !== shares(row, depth - 1);
    const columns = Math.max(...rows.map((row) => row.steps.length));
    const height = forward ? 74 : 46;
    const mid = (rows.length * height) / 2;
    const align = (row, depth) => columns - row.steps.length + depth; // the ends stand in one column
    const CURVE = Math.min(110, 26 + mid * 0.3); // a higher fan needs more room to turn
    // A column is as wide as its widest box, and the room before it as the widest label on an arrow into it
    const box = Array(columns).fill(0);
    const gap = Array(columns).fill(0);
    const other = (term) => term.left && { text: term.top.name, number: shown(term.top.number), partial: shown(term.left.number) };
    for (const row of rows) {
      row.steps.forEach((step, depth) => {
        const column = align(row, depth);
        box[column] = Math.max(box[column], step.text.length * SPACE + 18);
        gap[column] = Math.max(gap[column], ((step.partial ?? "").length + (depth === 1 ? 5 : 2)) * SPACE + (fans(row, depth) ? CURVE + 8 : 18));
        if (forward && depth === 1 && row.term.left) gap[column] = Math.max(gap[column], (shown(row.term.left.number).length + 2) * SPACE + CURVE + 8);
      });
    }
    const left = [];
    let x = 4;
    for (let column = 0; column < columns; column++) {
      x += column ? gap[column] : 0;
      left.push(x);
      x += box[column];
    }
    const width = x + 4;
    const svg = drawn("svg", { width, height: rows.length * height + 8, viewBox: `0 0 ${width} ${rows.length * height + 8}`, role: "img" });
    svg.setAttribute("aria-label", terms.map((term) => `path ${MARKS[term.k]}: ${term.path.join(", ")}${forward ? "" : ", L"}`).join("; "));
    const nodes = drawn("g", {});
    const put = (text, column, y, kind) => {
      const group = drawn("g", { class: `node ${kind}` });
      const w = text.length * SPACE + 14;
      const start = left[column] + (box[column] - w) / 2;
      group.append(drawn("rect", { class: `box ${kind.includes("end") ? "end" : kind.includes("start") ? "start" : ""}`, x: start, y: y - 14, width: w, height: 28, rx: text.length < 3 && text !== "L" ? 14 : 5 }));
      group.append(drawn("text", { x: start + w / 2, y: y + 4.5, "text-anchor": "middle" }, text));
      nodes.append(group);
      return [start, start + w];
    };
    // An arrow bends where the others of its fan meet it, and has its label where it runs alone: above it, so that
    // the line is not read as a minus
    const arrow = (parent, [, from], yFrom, [to], yTo, label, bendsFirst) => {
      const turn = yFrom === yTo ? 0 : CURVE;
      const [a, b] = bendsFirst ? [from, from + turn] : [to - 8 - turn, to - 8];
      const half = (a + b) / 2;
      parent.append(drawn("path", { class: "edge", d: `M ${from} ${yFrom} H ${a} C ${half} ${yFrom}, ${half} ${yTo}, ${b} ${yTo} H ${to - 8}` }));
      parent.append(drawn("path", { class: "tip", d: `M ${to - 9} ${yTo - 5} L ${to} ${yTo} L ${to - 9} ${yTo + 5} z` }));
      const middle = bendsFirst ? (b + to - 8) / 2 : (from + a) / 2;
      parent.append(drawn("text", { class: "label", x: middle, y: (bendsFirst ? yTo : yFrom) - 5, "text-anchor": "middle" }, label));
    };
    const shared = new Map();
    const once = (text, column, kind) => {
      if (!shared.has(column)) shared.set(column, put(text, column, mid + 4, kind));
      return shared.get(column);
    };
    const edges = [];
    const drawnOnce = new Set();
    const plainGroup = drawn("g", { class: "plain" });
    svg.append(plainGroup);
    rows.forEach((row, r) => {
      const group = drawn("g", { class: tint(row.term.k) });
      const y = r * height + height / 2 + 4;
      let last = null;
      let lastY = 0;
      row.steps.forEach((step, depth) => {
        const column = align(row, depth);
        const isStart = !forward && depth === 0;
        const isShared = shares(row, depth);
        const lifted = forward && depth === 0 && row.term.left ? y - 17 : isShared ? mid + 4 : y;
        const at = isShared ? once(step.text, column, isStart ? "start" : depth === row.steps.length - 1 ? "end" : "") : put(step.text, column, lifted, `lit ${tint(row.term.k)}`);
        // What is the same for all terms is drawn once, in no term's colour
        const common = forward && isShared && depth > 0 && shares(row, depth - 1);
        const mark = depth === 1 ? `${MARKS[row.term.k]}: ` : ""; // colours are not all that tells paths apart
        if (last && !(common && drawnOnce.has(column))) edges.push([common ? plainGroup : group, last, lastY, at, lifted, (common ? "" : mark) + step.partial, !forward && depth === 1]);
        if (forward && depth === 1 && row.term.left) {
          const beside = other(row.term);
          edges.push([group, put(beside.text, align(row, 0), y + 17, `lit ${tint(row.term.k)}`), y + 17, at, lifted, beside.partial, false]);
        }
        if (common) drawnOnce.add(column);
        last = at;
        lastY = lifted;
      });
      svg.append(group);
    });
    for (const [group, ...ends] of edges) arrow(group, ...ends);
    svg.append(nodes);
    byId("graph").replaceChildren(svg);
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Choosing

  function choose(chosen, announce = true) {
    pause();
    entry = chosen;
    pointed = null;
    ask();
    show(announce);
    remember();
  }

  function open(key) {
    pause();
    view = data.views.find((found) => found.key === key);
    entry = [0, Math.min(1, view.names.result[0].length - 1)];
    pointed = null;
    stage = view.stages.length - 1;
    present();
    ask();
    show(false);
    remember();
  }

  function present() {
    for (const button of document.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", String(button.dataset.view === view.key));
    for (const found of data.views) byId(`view-${found.key}`).classList.toggle("shown", found === view);
    byId("what").textContent = TITLES[view.key];
    arrange();
  }

  // Matrices that are too wide for half of the page get all of it, and the terms stand below; of still wider ones the
  // cells are smaller, and the frame scrolls
  function arrange() {
    const columns = document.querySelector(".columns");
    const frame = document.querySelector(".view.shown .scrolls");
    const layout = frame.querySelector(".layout");
    const tooWide = () => layout.offsetWidth > frame.clientWidth;
    columns.classList.remove("stacked");
    layout.classList.remove("dense");
    columns.classList.toggle("stacked", tooWide());
    layout.classList.toggle("dense", tooWide());
  }
  addEventListener("resize", arrange);

  // The chosen cell and its term in the row are kept in the frame's sight
  function reveal() {
    const frame = document.querySelector(".view.shown .scrolls");
    const outer = frame.getBoundingClientRect();
    const inner = frame.querySelector(".chosen").getBoundingClientRect();
    const shift = (low, high, from, to) => (low < from ? low - from : high > to ? high - to : 0);
    frame.scrollBy(shift(inner.left - 24, inner.right + 24, outer.left, outer.right), 0);
  }

  function go(to) {
    if (hidden) showIt(); // whoever goes on has it shown
    stage = Math.min(Math.max(to, 0), view.stages.length - 1);
    pointed = null;
    show();
  }

  function pause() {
    clearInterval(timer);
    timer = 0;
    byId("play").textContent = "Play the proof";
  }

  function play() {
    if (hidden) showIt();
    go(stage === view.stages.length - 1 ? 0 : stage);
    timer = setInterval(() => {
      go(stage + 1);
      if (stage === view.stages.length - 1) pause();
    }, 3200);
    byId("play").textContent = "Pause";
  }

  const indices = (cell) => cell.id.split("-").slice(2).map(Number);
  const resultCell = (target) => target.closest?.(".result td");

  // Columns of the result lie under those of the right factor: cells are as wide as the longest number in either
  function widen({ key, numbers: grids }) {
    const longest = (...rows) => Math.max(2, ...rows.flat(2).map((register) => shown(register).length));
    const side = longest(grids.left);
    const meeting = longest(grids.top, grids.result);
    for (const table of byId(`view-${key}`).querySelectorAll("table")) {
      const letters = table.id.endsWith("-left") ? side : meeting;
      table.style.setProperty("--cell", `${Math.min(14, Math.max(2.35, 1 + 0.55 * letters))}rem`);
    }
  }

  // The numbers of all matrices, when they are new
  function writeNumbers() {
    for (const found of data.views) {
      for (const [place, rows] of Object.entries(found.numbers)) {
        rows.forEach((row, i) =>
          row.forEach((register, j) => {
            const cell = byId(`${found.key}-${place}-${i}-${j}`);
            const asked = practising && place === "result";
            cell.textContent = asked && !answered.has(cell.id) ? "?" : shown(register);
            cell.title = cell.textContent === "?" ? found.names[place][i][j] : `${found.names[place][i][j]} = ${full(register)}`;
            if (place === "result") cell.setAttribute("aria-label", `${found.names.result[i][j]} = ${cell.textContent}`);
          }),
        );
      }
      widen(found);
    }
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Practice: an entry is asked for before it is shown

  const answered = new Set(); // cells whose number is known
  const quiz = Live.quiz(byId("quiz"), { right: (again) => (again ? onward() : showIt()), shown: () => showIt() });

  function ask() {
    hidden = null;
    quiz.close();
    const [i, j] = entry;
    if (!practising || answered.has(`${view.key}-result-${i}-${j}`)) return;
    hidden = entry;
    stage = view.stages.length - 1;
    quiz.ask(`${view.names.result[i][j]} =`, numbers.number(view.numbers.result[i][j]), mistakes(entry));
  }

  function showIt() {
    answered.add(`${view.key}-result-${entry.join("-")}`);
    hidden = null;
    writeNumbers();
    show();
  }

  // The next entry that is not known yet
  function onward() {
    const [rows, columns] = [view.names.result.length, view.names.result[0].length];
    for (let step = 1; step <= rows * columns; step++) {
      const place = (entry[0] * columns + entry[1] + step) % (rows * columns);
      const next = [Math.floor(place / columns), place % columns];
      if (!answered.has(`${view.key}-result-${next.join("-")}`)) return choose(next);
    }
    quiz.close();
  }

  // The numbers that usual mistakes lead to, and what to say to each; the first that fits is said
  function mistakes([i, j]) {
    const { add, subtract, multiply, negate } = Arithmetic;
    const { left, top, result } = view.names;
    const at = (grid, row, column) => numbers.number(view.numbers[grid][row][column]);
    const sum = (terms) => terms.reduce(add);
    const inner = left[0].length;
    const range = (size) => [...Array(size).keys()];
    const right = () => at("result", i, j);
    const terms = termsOf([i, j]);
    const value = (register) => numbers.number(register);
    const names = { x: ["G", "Wᵀ"], w: ["Xᵀ", "G"], b: ["1ᵀ", "G"], y: ["X", "W"] }[view.key];
    const [first, second] = names;
    const productOf = (row, column, of = at) => sum(range(inner).map((k) => multiply(of("left", row, k), of("top", k, column))));
    const found = [];
    const say = (number, sentence) => found.push(() => [number(), sentence]);

    // Row for column: the factor that is transposed, taken as it was before
    if (view.key === "x") say(() => sum(range(inner).map((k) => multiply(at("left", i, k), at("top", j, k)))), `Row for column: you took row ${j} of Wᵀ, which is column ${j} of W. It is column ${j} of Wᵀ, which is row ${j} of W.`);
    if (view.key === "w") say(() => sum(range(inner).map((k) => multiply(at("left", k, i), at("top", k, j)))), `Column for row: you took column ${i} of Xᵀ, which is row ${i} of X. It is row ${i} of Xᵀ, which is column ${i} of X.`);
    say(() => sum(range(inner).map((k) => multiply(at("left", i, k), at("top", j, k)))), `Row for column: it is column ${j} of ${second}, and you took row ${j}.`);
    say(() => sum(range(inner).map((k) => multiply(at("left", k, i), at("top", k, j)))), `Column for row: it is row ${i} of ${first}, and you took column ${i}.`);
    say(() => at("result", j, i), `That is ${result[j]?.[i]}: the indices are the other way round.`);
    // A term too many, or one missing
    terms.forEach((term) => {
      const name = term.under ? term.under.name : `${term.left.name} · ${term.top.name}`;
      const product = () => value(term.formula);
      say(() => subtract(right(), product()), term.under ? `The bias ${name} is missing.` : `A term is missing: ${name} = ${shown(term.formula)}.`);
      say(() => add(right(), product()), `A term too many: ${name} counts once.`);
      say(() => subtract(subtract(right(), product()), product()), `The sign of ${name} is wrong.`);
      say(product, `That is one term, ${name}: all ${terms.length} are added.`);
    });
    // A forgotten δ: terms of (3) that are 0, taken as if they were not
    if (view.key !== "y") {
      const factor = (alpha, beta) => (view.key === "x" ? at("top", beta, j) : view.key === "w" ? at("left", i, alpha) : 1n);
      const term = (alpha, beta) => multiply(factor(alpha, beta), value(view.g[alpha][beta]));
      const survives = (alpha, beta) => (view.key === "x" ? alpha === i : beta === j);
      const lost = range(N).flatMap((alpha) => range(M).map((beta) => [alpha, beta])).filter(([alpha, beta]) => !survives(alpha, beta));
      const delta = view.key === "x" ? `δ[α,${i}]: only row ${i} of Y is made of ${wrt([i, j])}` : `δ[β,${j}]: only column ${j} of Y is made of ${wrt([i, j])}`;
      say(() => sum([right(), ...lost.map((where) => term(...where))]), `You forgot ${delta}. All ${N * M} terms of (3) are in your sum.`);
      for (const [alpha, beta] of lost) say(() => add(right(), term(alpha, beta)), `A term too many: ∂y[${alpha},${beta}]/∂${wrt([i, j])} is 0, by ${delta}.`);
      const whose = view.key === "x" ? range(inner).map((k) => () => at("top", k, j)) : range(inner).map((k) => () => at("left", i, k));
      if (view.key !== "b") say(() => sum(whose.map((number) => number())), "That is the sum of the local partials: each is still to be multiplied by its ∂L/∂y, an entry of G.");
      const upstream = view.key === "x" ? range(inner).map((k) => () => at("left", i, k)) : range(inner).map((k) => () => at("top", k, j));
      if (view.key !== "b") say(() => sum(upstream.map((number) => number())), "That is a sum of entries of G: each is still to be multiplied by its local partial.");
    }
    result.forEach((row, other) => row.forEach((name, column) => say(() => at("result", other, column), `That is ${name}, another entry.`)));
    say(() => negate(right()), "The sign is wrong.");
    return found;
  }

  byId("practise").hidden = !numbers.known; // nothing to compute with
  byId("practise").addEventListener("click", () => {
    practising = !practising;
    document.body.classList.toggle("practising", practising);
    byId("practise").setAttribute("aria-pressed", String(practising));
    pause();
    answered.clear();
    pointed = null;
    writeNumbers();
    ask();
    show(false);
  });
  Live.editor(byId("numbers"), numbers, data.inputs, () => {
    answered.clear();
    writeNumbers();
    if (practising) ask();
    arrange();
    show(false);
  });

  data.views.forEach(widen);
  for (const { key, names } of data.views) {
    const grid = byId(`${key}-result`);
    grid.querySelectorAll("tbody").forEach((body) => body.setAttribute("role", "rowgroup"));
    grid.querySelectorAll("tr").forEach((row) => row.setAttribute("role", "row"));
    grid.querySelectorAll("td").forEach((cell) => {
      const [i, j] = indices(cell);
      cell.setAttribute("role", "gridcell");
      cell.setAttribute("aria-label", `${names.result[i][j]} = ${cell.textContent}`);
    });
    grid.addEventListener("click", (event) => {
      const cell = resultCell(event.target);
      if (!cell) return;
      choose(indices(cell));
      if (!hidden) cell.focus();
    });
    grid.addEventListener("pointerover", (event) => {
      const cell = resultCell(event.target);
      if (!cell || event.pointerType !== "mouse" || timer || practising) return;
      pointed = indices(cell);
      show(false);
    });
    grid.addEventListener("pointerleave", () => {
      if (!pointed) return;
      pointed = null;
      show(false);
    });
    grid.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
      const [rows, columns] = [names.result.length, names.result[0].length];
      const [i, j] = entry;
      const to = {
        ArrowLeft: [i, Math.max(j - 1, 0)],
        ArrowRight: [i, Math.min(j + 1, columns - 1)],
        ArrowUp: [Math.max(i - 1, 0), j],
        ArrowDown: [Math.min(i + 1, rows - 1), j],
        Home: [i, 0],
        End: [i, columns - 1],
      }[event.key];
      if (to) {
        event.preventDefault();
        choose(to, false); // the cell itself is read out
        if (!hidden) byId(`${key}-result-${to.join("-")}`).focus();
      } else if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        pause();
        go(stage === view.stages.length - 1 ? 0 : stage + 1);
      }
    });
  }
  for (const button of document.querySelectorAll("[data-view]")) button.addEventListener("click", () => open(button.dataset.view));
  byId("back").addEventListener("click", () => (pause(), go(stage - 1)));
  byId("next").addEventListener("click", () => (pause(), go(stage + 1)));
  byId("play").addEventListener("click", () => (timer ? pause() : play()));

  // `#w[0,1]` is a link to an entry. A page in a notebook's frame has no address of its own to change.
  function remember() {
    const index = view.key === "b" ? entry[1] : entry.join();
    try {
      history.replaceState(null, "", `#${view.key}[${index}]`);
    } catch {
      // nothing to do: all works without
    }
  }

  function followAddress() {
    const found = /^#([xwby])\[(?:(\d+),)?(\d+)\]$/.exec(decodeURIComponent(location.hash));
    const wanted = found && data.views.find(({ key }) => key === found[1]);
    const to = found && [Number(found[2] ?? 0), Number(found[3])];
    if (!wanted || wanted.names.result[to[0]]?.[to[1]] === undefined) return;
    view = wanted;
    entry = to;
    stage = view.stages.length - 1;
    present();
    show(false);
  }
  addEventListener("hashchange", followAddress);

  addEventListener("beforeprint", () => (byId("editing").open = false));
  document.body.classList.add("runs");
  present();
  show(false);
  followAddress();
})();
