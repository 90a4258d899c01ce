
// The state at step s follows from the story and the numbers alone, so any step can be shown at once, backwards too; only
// what differs from the page as it stands is written to it.
(() => {
  const { make, bracketed } = Live;
  const byId = (id) => document.getElementById(id);
  const { tracks, steps, seeded, program, inputs } = JSON.parse(byId("story").textContent);
  const numbers = Live.program(program);
  const { brief, full, operand } = numbers;
  const last = steps.length - 1;
  const end = tracks[tracks.length - 1].name;
  const svg = document.querySelector("#diagram > svg");
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  let current = -1;
  let asking = false; // whether the numbers of the step are asked for, and not shown yet
  let practising = false;
  let selected = null; // the box that a click chose; otherwise the terms follow the steps
  let timer = 0;

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
  svg.setAttribute("aria-label", `Graph of ${end}, ${tracks.length} boxes`);

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
    for (const cell of row.cells) cell.className = "name";
    const [dataCell, gradCell] = [row.insertCell(), row.insertCell()];
    dataCell.className = gradCell.className = "figure";
    return { group, title: titled(group), data: group.querySelector(".data"), grad: group.querySelector(".grad"), dataCell, gradCell };
  });

  // The table has its rows in the order of the steps
  const rows = boxes.map(({ gradCell }) => gradCell.parentElement);
  rows.forEach((row, k) => (row.dataset.box = k));
  byId("table").tBodies[0].append(...[...rows].sort((a, b) => tracks[a.dataset.box].appears - tracks[b.dataset.box].appears));

  const subscript = (position) => [...String(position + 1)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("");
  const edges = [];
  const entering = tracks.map(() => []); // the edges into each box, by position
  tracks.forEach((track, k) => {
    for (const [, user, position, partial] of track.terms) {
      const group = byId(`e${user}-${position}`);
      group.setAttribute("aria-hidden", "true"); // the terms say the same in words
      edges.push({ group, user, id: `e${user}-${position}`, input: k, title: titled(group), label: group.querySelector("text"), partial, position });
      entering[user][position] = { input: k, partial };
    }
  });

  const ROOM = 9; // characters for which there is room beside an edge

  // What stands in the diagram of numbers that never change with the steps: written when they are new
  function writeNumbers() {
    tracks.forEach((track, k) => fitted(boxes[k], boxes[k].data, `data ${brief(track.data)}`));
    for (const { title, label, partial, user, position } of edges) {
      write(title, `∂${subscript(position)}${tracks[user].name} = ${full(partial)}, the local partial`);
      write(label, brief(partial));
      label.style.fontSize = brief(partial).length > ROOM ? `${(ROOM * 100) / brief(partial).length}%` : "";
    }
  }

  // A number may become longer than its box: it is written smaller then, and never over the edge
  function fitted(box, element, text) {
    if (element.textContent === text) return;
    element.textContent = text;
    box.width ??= box.group.querySelector("polygon, ellipse").getBBox().width * (box.group.querySelector("ellipse") ? 0.75 : 0.92);
    box.letters ??= Number(element.getAttribute("font-size")) || 14;
    const wide = text.length * box.letters * 0.6 > box.width;
    const length = wide ? ((element.style.fontSize = ""), element.getComputedTextLength()) : 0;
    element.style.fontSize = length > box.width ? `${(box.letters * box.width) / length}px` : "";
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Showing a step

  // The register of what has been added up so far; null before the way back begins
  function gradientAt(track, step) {
    let sum = track.seed !== null && step >= seeded ? track.seed : null;
    for (const term of track.terms) if (term[0] <= step) sum = term[6];
    return sum;
  }

  function showBox(k, step, now, from) {
    const track = tracks[k];
    const box = boxes[k];
    const known = step >= track.appears;
    const gradient = gradientAt(track, step);
    const complete = gradient !== null && step >= track.complete;
    // What is not there yet is hidden by its class: to lay out the text of 300 boxes anew would be felt
    if (gradient !== null) fitted(box, box.grad, `grad ${brief(gradient)}`);
    const states = ["node", track.kind];
    if (!known) states.push("pending");
    if (gradient === null) states.push("slopeless");
    if (complete) states.push("complete");
    if (k === now) states.push("now");
    if (k === from) states.push("from");
    if (k === selected) states.push("selected");
    set(box.group, "class", states.join(" "));

    const value = known ? `data ${full(track.data)}` : "not computed yet";
    const slope = gradient !== null ? `, grad ${full(gradient)}${complete ? ", complete" : " so far"}` : "";
    const what = track.kind === "leaf" ? "leaf" : `${track.kind}${track.symbol ? ` ${track.symbol}` : ""}`;
    write(box.title, `${track.name}, ${what}: ${value}${slope}`);
    set(box.group, "aria-label", `${track.name}, ${what}: ${value}${slope}. Show its terms`);
    set(box.group, "aria-pressed", String(k === selected));

    write(box.dataCell, known ? brief(track.data) : "");
    set(box.dataCell, "title", known ? full(track.data) : "");
    write(box.gradCell, gradient !== null ? brief(gradient) + (complete ? "" : " so far") : "");
    set(box.gradCell, "title", gradient !== null ? full(gradient) : "");
  }

  const PHASES = { start: "Start", forward: "Forward", backward: "Backward", done: "Done" };

  function showStep(step) {
    const [phase, now, edge, lines, note] = steps[step];
    document.body.className = phase + (timer ? " playing" : "");
    const place =
      phase === "forward" ? ` ${step} of ${seeded - 1}` : phase === "backward" ? ` ${step - seeded + 1} of ${last - seeded}` : "";
    write(byId("phase"), PHASES[phase] + place);
    const told = asking ? question(step).lines : lines;
    byId("formula").replaceChildren(
      ...told.map((parts) => {
        const line = make("div");
        parts.forEach((part, position) => {
          if (position) line.append(" ");
          line.append(numbers.write(make("span", "", { class: "part" }), (position ? "= " : "") + part));
        });
        return line;
      }),
    );
    numbers.write(byId("note"), asking ? question(step).note : note);

    const known = asking ? step - 1 : step; // what is asked for is not shown
    const from = edge ? Number(edge.slice(1).split("-")[0]) : -1;
    const highlighted = phase === "forward" || phase === "backward" ? now : -1;
    tracks.forEach((_, k) => showBox(k, known, highlighted, from));
    for (const { group, user, id } of edges) {
      const states = ["edge"];
      if (known < tracks[user].appears) states.push("pending");
      if (phase === "forward" && user === now) states.push("into");
      if (id === edge) states.push("now");
      set(group, "class", states.join(" "));
    }
    showTerms(known);
    showTangents(known);
    follow(highlighted < 0 ? [] : [boxes[now].group, ...(edge ? [boxes[from].group, byId(edge)] : [])]);
  }

  // Scroll the diagram, and never the page, so that the box of the step and its whole edge are in sight. If they are too
  // far apart for that, the diagram is drawn smaller meanwhile.
  const natural = [svg.clientWidth, svg.clientHeight];
  let fitting = false;
  let zoom = 1;
  const MARGIN = 20;

  function follow(elements) {
    const frame = byId("diagram");
    const [wide, high] = [frame.clientWidth - 2 * MARGIN, frame.clientHeight - 2 * MARGIN];
    const whole = svg.getBoundingClientRect();
    const found = elements.map((element) => element.getBoundingClientRect());
    const [left, top] = [Math.min(...found.map((x) => x.left)) - whole.left, Math.min(...found.map((x) => x.top)) - whole.top];
    const [right, bottom] = [Math.max(...found.map((x) => x.right)) - whole.left, Math.max(...found.map((x) => x.bottom)) - whole.top];
    const near = found.length ? Math.min((wide * zoom) / (right - left), (high * zoom) / (bottom - top)) : 1;
    const wanted = Math.min(fitting ? (wide + 2 * MARGIN - 16) / natural[0] : 1, 1, near);
    const scale = wanted / zoom;
    if (Math.abs(scale - 1) > 0.01) {
      zoom = wanted;
      svg.style.width = `${natural[0] * zoom}px`;
      svg.style.height = `${natural[1] * zoom}px`;
    }
    if (!found.length || (frame.scrollWidth <= frame.clientWidth && frame.scrollHeight <= frame.clientHeight)) return;
    const [outer, inner] = [frame.getBoundingClientRect(), svg.getBoundingClientRect()];
    const shift = (low, high, from, size) =>
      low < from + MARGIN - 2 || high > from + size - MARGIN + 2 ? (low + high) / 2 - from - size / 2 : 0;
    const x = shift(inner.left + left * scale, inner.left + right * scale, outer.left, frame.clientWidth);
    const y = shift(inner.top + top * scale, inner.top + bottom * scale, outer.top, frame.clientHeight);
    if (x || y) frame.scrollBy({ left: x, top: y, behavior: still.matches ? "auto" : "smooth" });
  }

  // -------------------------------------------------------------------------------------------------------------------
  // The terms of one box

  function showTerms(step) {
    const panel = byId("terms");
    const [phase, now] = steps[current]; // of which the last numbers may be asked for
    const k = selected ?? (phase === "backward" ? now : null);
    if (k === null) {
      panel.replaceChildren(make("p", "Choose a box to see its terms; on the way back they follow the steps.", { class: "waiting" }));
      return;
    }
    const track = tracks[k];
    const gradient = gradientAt(track, step);
    if (!track.terms.length) {
      panel.replaceChildren(
        make("p", `∂${end}/∂${end} = ${gradient !== null ? brief(gradient) : "…"}: the seed. ${end} is the output, and no edge leaves it.`),
      );
      return;
    }
    const table = make("table", "", { "data-box": k });
    const caption = table.createCaption();
    caption.textContent = `∂${end}/∂${track.name}: one term for each edge that leaves ${track.name}`;
    heads(table, ["edge to", "partial · grad of that box", "term"]);
    const body = table.createTBody();
    for (const [at, user, position, partial, adjoint, product] of track.terms) {
      const row = body.insertRow();
      const repeated = track.terms.filter((term) => term[1] === user).length > 1;
      cell(row, tracks[user].name + (repeated ? `, input ${position + 1}` : ""), "name");
      if (at > step) {
        cell(row, "not yet", "waiting");
        cell(row, "", "term figure");
      } else {
        factors(row, operand(partial), operand(adjoint), `${full(partial)} · ${full(adjoint)}`);
        cell(row, brief(product), "term figure", full(product));
        if (at === step) row.className = "now";
      }
    }
    const complete = step >= track.complete;
    summed(table, gradient !== null && !complete ? "sum so far" : "sum", gradient !== null ? brief(gradient) : "", gradient !== null ? full(gradient) : "");
    const mark = make("p", complete ? "✓ complete" : "", { class: "mark" });
    panel.replaceChildren(table, mark);
    narrow(table);
    const row = table.querySelector("tr.now");
    if (row && panel.parentElement.scrollHeight > panel.parentElement.clientHeight) {
      const frame = panel.parentElement;
      frame.scrollTop += row.getBoundingClientRect().top - frame.getBoundingClientRect().top - frame.clientHeight / 2;
    }
  }

  function heads(table, texts) {
    const head = table.createTHead().insertRow();
    for (const text of texts) head.append(make("th", text, { scope: "col" }));
  }

  function cell(row, text, kind, title = "") {
    const found = row.insertCell();
    found.textContent = text;
    found.className = kind;
    if (title) found.title = title;
  }

  // A product, which may break between its factors and not within one
  function factors(row, one, other, title) {
    cell(row, "", "factors", title);
    row.lastChild.append(make("span", one, { class: "value" }), " · ", make("span", other, { class: "value" }));
  }

  // A table that is too wide for its frame has its cells below one another
  function narrow(table) {
    table.classList.toggle("stacked", table.scrollWidth > table.parentElement.clientWidth);
  }

  function summed(table, name, text, title) {
    const foot = table.createTFoot().insertRow();
    foot.append(make("th", name, { scope: "row" }));
    foot.insertCell();
    cell(foot, text, "sum figure", title);
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Forward mode, beside the reverse one: how each box changes with one input

  const leaves = tracks.flatMap((track, k) => (track.kind === "leaf" && isAsked(track) ? [k] : []));
  leaves.sort((a, b) => tracks[a].appears - tracks[b].appears);
  let forwardFrom = leaves[0] ?? -1;
  let tangents = null; // by box; undefined where the input has no part in it

  // A constant has no step of its own, and nobody asks for the gradient by it
  function isAsked(track) {
    return steps.some(([phase, box]) => phase === "forward" && tracks[box] === track);
  }

  function computeTangents() {
    tangents = [];
    tracks.forEach((track, k) => {
      if (k === forwardFrom) tangents[k] = Arithmetic.unit(numbers.number(track.data));
      const terms = tangentTerms(k).map(([, , product]) => product);
      if (terms.length) tangents[k] = terms.reduce(Arithmetic.add);
    });
  }

  const tangentTerms = (k) =>
    entering[k].flatMap(({ input, partial }) =>
      tangents[input] === undefined ? [] : [[input, partial, Arithmetic.multiply(numbers.number(partial), tangents[input])]],
    );

  // One multiplication for each edge: those that a sweep goes along
  function multiplications() {
    const along = leaves.map((leaf) => {
      const reached = new Set([leaf]);
      let number = 0;
      entering.forEach((into, k) => {
        for (const { input } of into) if (reached.has(input)) (number += 1), reached.add(k);
      });
      return number;
    });
    return [edges.length, along[leaves.indexOf(forwardFrom)], along.reduce((a, b) => a + b, 0)];
  }

  function showTangents(step) {
    const panel = byId("forward-mode");
    if (panel.hidden || forwardFrom < 0) return;
    if (!tangents) computeTangents();
    const by = tracks[forwardFrom].name;
    const k = selected ?? steps[step][1];
    const name = tracks[k].name;
    const children = [];
    if (step < tracks[k].appears || steps[step][0] === "start") children.push(make("p", "Forward mode goes along with the values: go forward.", { class: "waiting" }));
    else if (k === forwardFrom) children.push(make("p", `∂${by}/∂${by} = ${Arithmetic.brief(tangents[k])}: where forward mode by ${by} starts.`));
    else if (tangents[k] === undefined) children.push(make("p", `∂${name}/∂${by} = 0: ${name} is not made of ${by}.`));
    else {
      const table = make("table", "", { "data-tangent": k });
      table.createCaption().textContent = `∂${name}/∂${by}, forward: one term for each edge into ${name} from what is made of ${by}`;
      heads(table, ["edge from", `partial · ∂/∂${by} of that box`, "term"]);
      const body = table.createTBody();
      for (const [input, partial, product] of tangentTerms(k)) {
        const row = body.insertRow();
        cell(row, tracks[input].name, "name");
        factors(row, operand(partial), bracketed(Arithmetic.brief(tangents[input])), "");
        cell(row, Arithmetic.brief(product), "figure", Arithmetic.full(product));
      }
      summed(table, "sum", Arithmetic.brief(tangents[k]), Arithmetic.full(tangents[k]));
      children.push(table);
    }
    byId("tangent").replaceChildren(...children);
    byId("tangent").querySelectorAll("table").forEach(narrow);
    const [reverse, once, all] = multiplications();
    const inputsCount = leaves.length === 1 ? "the one input" : `all ${leaves.length} inputs`;
    byId("counts").textContent =
      `Multiplications, one for each edge: reverse mode ${reverse}, in one sweep for ${inputsCount}. ` +
      `Forward mode ${once} by ${by}; for ${inputsCount}, in ${leaves.length} sweep${leaves.length === 1 ? "" : "s"}, ${all}.`;
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Practice: the next number is asked for before it is shown

  const n = (register) => () => numbers.number(register);
  const mistake = (number, sentence) => () => [number(), sentence];

  // What is asked at a step: the lines without the number, and the numbers that usual mistakes lead to. Null at steps
  // that compute nothing, or more than one would by hand.
  function question(step) {
    const [phase, box, edge, lines] = steps[step];
    const track = tracks[box];
    if (phase === "forward" && lines[0].length === 4) {
      // y, in names, in numbers, and what it comes to
      return { lines: [lines[0].slice(0, -1).concat("?")], ask: `${track.name} =`, number: track.data, note: "What is its value?", mistakes: operationMistakes(track, entering[box].map(({ input }) => n(tracks[input].data))) };
    }
    if (phase === "backward" && step === seeded) {
      return {
        lines: [[`${track.name}.grad`, `∂${end}/∂${end}`, "?"]],
        ask: `${track.name}.grad =`,
        number: track.seed,
        note: "Where the sweep starts: how does the output change with itself?",
        mistakes: [mistake(n(track.data), `That is the value of ${end}, not how it changes.`), mistake(() => 0n, `0 would say that ${end} does not change with itself.`)],
      };
    }
    if (phase === "backward" && edge) {
      const term = track.terms.find(([at]) => at === step);
      return { lines: [lines[0].slice(0, 1), [`${track.name}.grad`, "?"]], ask: `${track.name}.grad =`, number: term[6], note: `Which number is ${track.name}.grad after this step, with what was there before?`, mistakes: termMistakes(track, term) };
    }
    return null;
  }

  function operationMistakes(track, operands) {
    const { TABLE, subtract } = Arithmetic;
    const values = () => operands.map((operand) => operand());
    const others = { "+": "a sum", "*": "a product", "-": "a difference", "/": "a quotient" };
    const found = [];
    if (operands.length > 1) {
      for (const [symbol, name] of Object.entries(others)) {
        if (symbol === (track.symbol === "Σ" ? "+" : track.symbol)) continue;
        found.push(mistake(() => values().reduce(TABLE[symbol]), `That is ${name} of the operands; the operation is ${track.symbol}.`));
      }
      found.push(mistake(() => values().reverse().reduce(TABLE["-"]), "The operands are the other way round."));
      found.push(mistake(() => values().reverse().reduce(TABLE["/"]), "The operands are the other way round."));
      if (track.symbol === "Σ") {
        operands.forEach((operand, k) => {
          found.push(mistake(() => subtract(n(track.data)(), operand()), `A term is missing: ${tracks[entering[tracks.indexOf(track)][k].input].name}.`));
          found.push(mistake(() => Arithmetic.add(n(track.data)(), operand()), `A term too many: ${tracks[entering[tracks.indexOf(track)][k].input].name} counts once.`));
        });
      }
    }
    const exponent = /^\*\*(-?\d+)$/.exec(track.symbol);
    if (exponent) found.push(mistake(() => Arithmetic.multiply(BigInt(exponent[1]), operands[0]()), `That is ${exponent[1]} times the operand; it is to be raised to the power ${exponent[1]}.`));
    found.push(mistake(() => Arithmetic.negate(n(track.data)()), "The sign is wrong."));
    operands.forEach((operand, k) => found.push(mistake(operand, `That is an operand, ${tracks[entering[tracks.indexOf(track)][k].input].name}.`)));
    return found;
  }

  function termMistakes(track, [at, user, position, partial, adjoint, product, sum]) {
    const { add, subtract, multiply, negate } = Arithmetic;
    const before = gradientAt(track, at - 1);
    const name = track.name;
    const y = tracks[user].name;
    const withBefore = (number) => () => (before === null ? number() : add(n(before)(), number()));
    const others = entering[user].filter((_, other) => other !== position).map((other) => other.partial);
    const found = [];
    if (before !== null) {
      found.push(mistake(n(product), `That is this term alone: it is added to the ${brief(before)} that was there.`));
      found.push(mistake(n(before), "That was there before: this term is still to be added."));
    }
    for (const other of others) {
      const sentence = `You took the partial by the other input: ∂${subscript(position)}${y} is ${brief(partial)}.`;
      found.push(mistake(withBefore(() => multiply(n(other)(), n(adjoint)())), sentence), mistake(() => multiply(n(other)(), n(adjoint)()), sentence));
    }
    const forgot = [
      [n(partial), `That is the local partial: it is still to be multiplied by ${y}.grad = ${brief(adjoint)}.`],
      [n(adjoint), `That is ${y}.grad: it is still to be multiplied by the local partial ∂${subscript(position)}${y} = ${brief(partial)}.`],
      [() => add(n(partial)(), n(adjoint)()), "You added the local partial and the gradient: the chain rule multiplies them."],
      [() => negate(n(product)()), "The sign of this term is wrong."],
      [() => multiply(n(tracks[user].data)(), n(partial)()), `You multiplied by the value of ${y}: by its gradient ${brief(adjoint)} it is.`],
    ];
    for (const [number, sentence] of forgot) found.push(mistake(withBefore(number), sentence), mistake(number, sentence));
    found.push(mistake(() => add(n(sum)(), n(product)()), "A term too many: this one is added once."));
    if (before !== null) found.push(mistake(() => subtract(n(before)(), n(product)()), "Terms are added, and you subtracted this one."));
    const whole = track.terms[track.terms.length - 1][6];
    found.push(mistake(n(whole), `That is ∂${end}/∂${name}, the sum of all terms: here it is the sum of the first ${track.terms.filter((term) => term[0] <= at).length}.`));
    found.push(mistake(n(track.data), `That is the value of ${name}, not its gradient.`));
    return found;
  }

  const quiz = Live.quiz(byId("quiz"), {
    right: (again) => (again ? jump(current + 1) : reveal()),
    shown: () => reveal(),
  });

  function reveal() {
    asking = false;
    showStep(current);
  }

  function ask() {
    const asked = question(current);
    quiz.ask(asked.ask, numbers.number(asked.number), asked.mistakes);
  }

  function select(k) {
    selected = selected === k ? null : k;
    showStep(current);
    if (selected !== null) {
      const step = asking ? current - 1 : current;
      const gradient = gradientAt(tracks[k], step);
      const number = tracks[k].terms.filter((term) => term[0] <= step).length;
      const sum = gradient !== null ? `, sum ${brief(gradient)}` : "";
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
    asking = practising && !timer && target === current + 1 && question(target) !== null;
    if (!asking) quiz.close();
    current = target;
    const slider = byId("slider");
    slider.value = current;
    set(slider, "aria-valuetext", `step ${current} of ${last}, ${PHASES[steps[current][0]].toLowerCase()}`);
    write(byId("counter"), `${current} / ${last}`);
    for (const id of ["first", "back"]) set(byId(id), "aria-disabled", String(current === 0));
    for (const id of ["forward", "last"]) set(byId(id), "aria-disabled", String(current === last));
    if (asking) ask();
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
    if (asking && step === current + 1) {
      quiz.close(); // whoever goes on has it shown
      reveal();
    } else go(step);
  };

  byId("first").addEventListener("click", () => jump(0));
  byId("back").addEventListener("click", () => jump(current - 1));
  byId("play").addEventListener("click", toggle);
  byId("forward").addEventListener("click", () => jump(current + 1));
  byId("last").addEventListener("click", () => jump(last));
  byId("slider").addEventListener("input", (event) => jump(Number(event.target.value)));
  byId("speed").addEventListener("change", () => timer && play());
  function fit(wanted) {
    fitting = wanted;
    set(byId("fit"), "aria-pressed", String(wanted));
    showStep(current);
  }
  byId("fit").addEventListener("click", () => fit(!fitting));
  byId("practise").addEventListener("click", () => {
    practising = !practising;
    set(byId("practise"), "aria-pressed", String(practising));
    pause();
    quiz.close();
    if (asking) reveal();
    write(byId("announce"), practising ? "Practice: go forward, and say each number before it is shown." : "");
    if (practising && current === last) go(0);
  });
  byId("tangents").addEventListener("click", () => {
    const panel = byId("forward-mode");
    panel.hidden = !panel.hidden;
    set(byId("tangents"), "aria-pressed", String(!panel.hidden));
    showStep(current);
  });
  for (const id of ["practise", "tangents"]) byId(id).hidden = !numbers.known; // nothing to compute with
  if (numbers.known && leaves.length) {
    const choice = make("select", "", { id: "by", "aria-label": "Input of forward mode" });
    for (const leaf of leaves) choice.append(make("option", tracks[leaf].name, { value: leaf }));
    choice.addEventListener("change", () => {
      forwardFrom = Number(choice.value);
      tangents = null;
      showStep(current);
    });
    const label = make("label", "Forward mode by ");
    label.append(choice);
    byId("forward-mode").append(label, make("div", "", { id: "tangent" }), make("p", "", { id: "counts", class: "about" }));
  }

  Live.editor(byId("numbers"), numbers, inputs, () => {
    tangents = null;
    if (asking) ask();
    writeNumbers();
    showStep(current);
  });
  addEventListener("beforeprint", () => (byId("all").open = true));
  addEventListener("resize", () => current >= 0 && showStep(current));

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
    if (event.target.closest("select, input:not([type=range])")) return;
    const frame = event.target.closest("#diagram, .terms");
    if (event.target === frame && event.key.startsWith("Arrow") && frame.scrollWidth > frame.clientWidth) return; // scrolls it
    if (event.key === " " && event.target.closest("button, summary, a")) return;
    event.preventDefault();
    KEYS[event.key]();
  });

  writeNumbers();
  fitting = natural[0] < 1.4 * byId("diagram").clientWidth; // a little smaller is still legible
  set(byId("fit"), "aria-pressed", String(fitting));
  byId("all").open = tracks.length <= 40;
  byId("editing").open = false;
  go(fromAddress() ?? 0);
})();
