
// The numbers of a page: the program that makes them, the form in which a reader changes an input, and the questions of
// the practice mode. Text goes into the page by textContent alone, so nothing in it is ever markup.
const Live = (() => {
  const { TABLE, Refused, given, read, likeKind } = Arithmetic;

  function make(tag, text = "", attributes = {}) {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  const plain = (text) => /^([\d.]+(e[+-]?\d+)?|[\p{L}\p{N}_]+)$/u.test(text);
  const bracketed = (text) => (plain(text) ? text : `(${text})`);

  // -------------------------------------------------------------------------------------------------------------------
  // The program

  // Rows as `live/registers.py` writes them: a number that is given, or an operation, its operands and what it gave
  function program({ rows, symbols, reason }) {
    const isList = (row) => typeof row === "object" && typeof row[0] === "string";
    const initial = run(() => undefined);
    let numbers = initial;

    function run(change, before = null) {
      const found = [];
      rows.forEach((row, k) => {
        if (typeof row === "string") found.push(change(k) ?? (before ? before[k] : given(row)));
        else if (isList(row)) found.push({ texts: row });
        else {
          const pinned = typeof row[row.length - 1] === "string";
          const operands = pinned ? row.slice(1, -1) : row.slice(1);
          if (before && operands.every((operand) => Object.is(found[operand], before[operand]))) found.push(before[k]);
          else if (pinned && !before) found.push(given(row[row.length - 1]));
          else found.push(TABLE[symbols[row[0]]](...operands.map((operand) => found[operand])));
        }
      });
      return found;
    }

    const number = (register) => numbers[register];
    let written = [new Map(), new Map()]; // what is shown of a number is written once
    const text = (kept, place, write) => (register) => {
      const known = written[kept];
      if (!known.has(register)) known.set(register, numbers[register].texts?.at(place) ?? write(numbers[register]));
      return known.get(register);
    };
    const brief = text(0, 0, Arithmetic.brief);
    const full = text(1, -1, Arithmetic.full);
    return {
      reason,
      number,
      brief,
      full,
      known: rows.every((row) => !isList(row)),
      operand: (register) => bracketed(brief(register)),
      // Other numbers for some inputs; those that are not in the map are as Python gave them
      change(inputs) {
        numbers = inputs.size ? run((register) => inputs.get(register), initial) : initial;
        written = [new Map(), new Map()];
      },
      initial: (register) => initial[register],
      // A text with marks in place of numbers: as text, and as elements in which no number breaks
      text: (marked) => marked.replace(/\ue000(\d+)(o?)\ue001/g, (_, register, inFormula) => (inFormula ? bracketed(brief(register)) : brief(register))),
      write(element, marked) {
        const parts = marked.split(/(\ue000\d+o?\ue001)/);
        element.replaceChildren(
          ...parts.map((part, k) => {
            if (k % 2 === 0) return part;
            const register = Number(/\d+/.exec(part)[0]);
            return make("span", part.includes("o") ? bracketed(brief(register)) : brief(register), { class: "value", title: full(register) });
          }),
        );
        return element;
      },
    };
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Changing inputs

  // A place of the inputs [register, name], entries of matrices as grids; `changed` is called when all numbers are new.
  // It is not a form: a notebook's frame sends none.
  function editor(place, numbers, inputs, changed) {
    const status = make("p", "", { role: "status", class: "refused" });
    if (numbers.reason || !inputs.length) {
      place.append(make("p", numbers.reason || "There is no input to change."));
      return;
    }
    const fields = new Map();
    const now = new Map();

    function field([register, name]) {
      const input = make("input", "", { type: "text", autocomplete: "off", spellcheck: "false", "aria-label": name });
      put(register, input);
      input.addEventListener("change", () => take(register, input));
      fields.set(register, input);
      return input;
    }

    function put(register, input) {
      input.value = numbers.full(register);
      input.size = Math.max(4, Math.min(16, input.value.length));
      input.removeAttribute("aria-invalid");
    }

    function take(register, input) {
      const number = read(input.value);
      const wanted = new Map(now);
      try {
        if (number === null) throw new Refused(`${input.value || "nothing"} is not a number: write 2, -0.5, 1e-3 or 2/3`);
        wanted.set(register, likeKind(number, numbers.initial(register)));
        numbers.change(wanted);
      } catch (error) {
        if (!(error instanceof Refused) && !(error instanceof RangeError)) throw error;
        input.setAttribute("aria-invalid", "true");
        status.textContent = `The numbers stay as they were: ${error.message}.`;
        return;
      }
      now.set(register, wanted.get(register));
      put(register, input);
      status.textContent = "";
      changed();
    }

    const matrices = new Map();
    const singles = make("div", "", { class: "singles" });
    for (const entry of inputs) {
      const found = /^(.+)\[(\d+)(?:,(\d+))?\]$/.exec(entry[1]);
      if (!found) {
        const label = make("label", `${entry[1]} `);
        label.append(field(entry));
        singles.append(label);
        continue;
      }
      if (!matrices.has(found[1])) matrices.set(found[1], []);
      const [i, j] = found[3] === undefined ? [0, Number(found[2])] : [Number(found[2]), Number(found[3])];
      ((matrices.get(found[1])[i] ??= [])[j] ??= []).push(entry);
    }
    const grids = make("div", "", { class: "grids" });
    for (const [name, rows] of matrices) {
      const table = make("table");
      table.createCaption().textContent = name.length === 1 && rows.length > 1 ? name.toUpperCase() : name;
      for (const row of rows) {
        const cells = table.insertRow();
        for (const entries of row ?? []) cells.insertCell().append(...(entries ?? []).map(field));
      }
      grids.append(table);
    }
    const reset = make("button", "As they were", { type: "button" });
    reset.addEventListener("click", () => {
      now.clear();
      numbers.change(now);
      for (const [register, input] of fields) put(register, input);
      status.textContent = "";
      changed();
    });
    place.append(grids, singles, status, reset);
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Practice

  const near = (a, b) => {
    const [x, y] = [Arithmetic.approximately(a), Arithmetic.approximately(b)];
    return Object.is(x, y) || Math.abs(x - y) <= 1e-3 * Math.abs(y);
  };
  const same = (a, b) => (Arithmetic.isFloat(a) || Arithmetic.isFloat(b) ? near(a, b) : Arithmetic.compare(a, b) === 0);

  // What to say to an answer: whether it is right, and if not, what it is instead, of several [number, sentence]
  function judge(text, right, mistakes) {
    const special = { nan: NaN, inf: Infinity, "-inf": -Infinity }[text.trim().toLowerCase()];
    const answer = special ?? read(text);
    if (answer === null) return [false, "That is not a number: write 2, -0.5, 1e-3 or 2/3."];
    if (same(answer, right)) return [true, "Right."];
    for (const mistake of mistakes) {
      let number, sentence;
      try {
        [number, sentence] = mistake();
      } catch {
        continue; // there is no such number, as where one would divide by 0
      }
      if (!same(number, right) && same(answer, number)) return [false, sentence];
    }
    if (near(answer, right)) return [false, "That is rounded. The numbers here are exact: write a fraction, such as 2/3."];
    return [false, "Not yet. Try again, or have it shown."];
  }

  // A place that asks for a number. `right` is called when the answer is right, `shown` when it is to be shown.
  function quiz(place, { right, shown }) {
    const question = make("label", "", { for: "answer" });
    const input = make("input", "", { id: "answer", type: "text", autocomplete: "off", spellcheck: "false", size: "8" });
    const verdict = make("p", "", { role: "status", id: "verdict" });
    const check = make("button", "Check", { type: "button", class: "main" });
    const show = make("button", "Show it", { type: "button" });
    let asked = null;
    place.append(question, input, check, show, verdict);
    check.addEventListener("click", answer);
    input.addEventListener("keydown", (event) => event.key === "Enter" && answer());

    function answer() {
      if (!asked) return right(true);
      const [isRight, sentence] = judge(input.value, asked.number, asked.mistakes);
      verdict.textContent = sentence;
      verdict.className = isRight ? "right" : "wrong";
      if (!isRight) return input.select();
      settle();
      right(false);
    }

    show.addEventListener("click", () => {
      verdict.textContent = "";
      settle();
      shown();
    });

    function settle() {
      asked = null;
      check.textContent = "Next";
      show.hidden = true;
    }

    return {
      ask(text, number, mistakes) {
        asked = { number, mistakes };
        question.textContent = text;
        input.value = "";
        verdict.textContent = "";
        check.textContent = "Check";
        show.hidden = false;
        place.hidden = false;
        input.focus({ preventScroll: true });
      },
      open: () => asked !== null,
      close() {
        asked = null;
        place.hidden = true;
      },
    };
  }

  return { make, program, editor, quiz, judge, bracketed };
})();
