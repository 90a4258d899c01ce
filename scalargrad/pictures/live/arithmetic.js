"use strict";

// The engine's arithmetic, for a page that computes its numbers again: the rows of `engine/ops.py` on the three kinds of
// number that a page can hold. An int is a BigInt, a float a number, a Fraction an object {n, d} of BigInts in lowest
// terms. What `apply` does in a row of Python stands here once more; local partials don't: they are part of the program.
const Arithmetic = (() => {
  class Refused extends Error {}

  const isFloat = (x) => typeof x === "number";
  const isInt = (x) => typeof x === "bigint";
  const top = (x) => (isInt(x) ? x : x.n);
  const bottom = (x) => (isInt(x) ? 1n : x.d);
  const magnitude = (n) => (n < 0n ? -n : n);
  const bits = (n) => magnitude(n).toString(16).length * 4;

  function fraction(n, d) {
    if (d === 0n) throw new Refused("division by zero has no exact result");
    let [a, b] = [magnitude(n), magnitude(d)];
    while (b) [a, b] = [b, a % b];
    const common = d < 0n ? -a : a;
    return { n: n / common, d: d / common };
  }

  // n/d rounded once, to the nearest float and of two to the even one
  function quotient(n, d) {
    if (n === 0n) return 0;
    if (bits(n) <= 52 && bits(d) <= 52) return Number(n) / Number(d);
    const sign = n < 0n !== d < 0n ? -1 : 1;
    [n, d] = [magnitude(n), magnitude(d)];
    // As many bits as a float can need, at least 60 but never below the last place of the smallest float
    const shift = Math.min(64 - bits(n) + bits(d), 1074);
    let [a, b] = shift >= 0 ? [n << BigInt(shift), d] : [n, d << BigInt(-shift)];
    let whole = a / b;
    if (shift === 1074) {
      const rest = 2n * (a % b);
      if (rest > b || (rest === b && whole % 2n === 1n)) whole += 1n; // Number rounds only what is longer than a float
    } else if (a % b) whole |= 1n; // a sticky bit
    let value = Number(whole);
    for (let left = -shift; left !== 0; ) {
      const part = Math.max(Math.min(left, 1000), -1000);
      value *= 2 ** part;
      left -= part;
    }
    if (!isFinite(value)) throw new Refused("a number is too large for a float");
    return sign * value;
  }

  const asFloat = (x) => (isFloat(x) ? x : quotient(top(x), bottom(x)));
  const anyFloat = (...xs) => xs.some(isFloat);
  const exactly = (a, b, n, d) => (isInt(a) && isInt(b) ? n : fraction(n, d));
  const isZero = (x) => (isFloat(x) ? x === 0 : top(x) === 0n);
  const isNaN_ = (x) => isFloat(x) && x !== x;
  const unit = (x) => (isFloat(x) ? 1 : isInt(x) ? 1n : { n: 1n, d: 1n });
  const zero = (x) => (isFloat(x) ? 0 : isInt(x) ? 0n : { n: 0n, d: 1n });

  // ---------------------------------------------------------------------------------------------------------------------
  // Ring operations and order

  const add = (a, b) => (anyFloat(a, b) ? asFloat(a) + asFloat(b) : exactly(a, b, top(a) * bottom(b) + top(b) * bottom(a), bottom(a) * bottom(b)));
  const subtract = (a, b) => (anyFloat(a, b) ? asFloat(a) - asFloat(b) : exactly(a, b, top(a) * bottom(b) - top(b) * bottom(a), bottom(a) * bottom(b)));
  const multiply = (a, b) => (anyFloat(a, b) ? asFloat(a) * asFloat(b) : exactly(a, b, top(a) * top(b), bottom(a) * bottom(b)));
  const negate = (a) => (isFloat(a) ? -a : isInt(a) ? -a : { n: -a.n, d: a.d });

  function divide(a, b) {
    if (anyFloat(a, b)) return asFloat(a) / asFloat(b);
    if (isZero(b)) throw new Refused("division by zero has no exact result");
    if (!isInt(a) || !isInt(b)) return fraction(top(a) * bottom(b), bottom(a) * top(b));
    return a === 0n && b < 0n ? -0 : quotient(a, b); // as Python's 0 / -3
  }

  // -1, 0 or 1; NaN if either is. A float and a fraction are compared exactly.
  function compare(a, b) {
    if (isFloat(a) && isFloat(b)) return a < b ? -1 : a > b ? 1 : a === b ? 0 : NaN;
    if (isFloat(b)) return -compare(b, a);
    if (isFloat(a)) {
      if (!isFinite(a)) return a < 0 ? -1 : a > 0 ? 1 : NaN;
      const [n, d] = exactFloat(a);
      return compare(fraction(n, d), b);
    }
    const difference = top(a) * bottom(b) - top(b) * bottom(a);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  function exactFloat(x) {
    let power = 0;
    while (x !== Math.trunc(x)) [x, power] = [x * 2, power + 1];
    return [BigInt(x), 1n << BigInt(power)];
  }

  const equals = (a, b) => compare(a, b) === 0;
  const truth = (holds, a) => (holds ? unit(a) : zero(a));
  const maximum = (a, b) => (isNaN_(a) || compare(a, b) >= 0 ? a : b);
  const minimum = (a, b) => (isNaN_(a) || compare(a, b) <= 0 ? a : b);
  const absolute = (a) => (isFloat(a) ? Math.abs(a) : top(a) < 0n ? negate(a) : a);
  const step = (a) => (isNaN_(a) ? a : truth(compare(a, 0n) > 0, a));
  const relu = (a) => (isFloat(a) ? (a <= 0 ? 0 : a) : maximum(zero(a), a));
  const sign = (a) => (isNaN_(a) ? a : compare(a, 0n) > 0 ? unit(a) : compare(a, 0n) < 0 ? negate(unit(a)) : zero(a));
  const greater = (a, b) => (isNaN_(a) ? a : isNaN_(b) ? b : truth(compare(a, b) > 0, a));
  const where = (condition, a, b) => (isZero(condition) ? b : a);
  const kindOfBoth = (a, b) => add(a, b);

  // ---------------------------------------------------------------------------------------------------------------------
  // Whole numbers

  const floorDivided = (n, d) => n / d - (n % d !== 0n && n < 0n !== d < 0n ? 1n : 0n);

  function halfToEven(n, d) {
    const below = floorDivided(2n * n + d, 2n * d); // ⌊x + 1/2⌋
    return 2n * n + d === 2n * d * below && below % 2n !== 0n ? below - 1n : below;
  }

  const WHOLE = {
    floor: [Math.floor, floorDivided],
    ceil: [Math.ceil, (n, d) => -floorDivided(-n, d)],
    rint: [(x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)), halfToEven],
  };

  function rounded(name, x) {
    const [ofFloat, ofFraction] = WHOLE[name];
    if (isInt(x)) return x;
    if (!isFloat(x)) return { n: ofFraction(x.n, x.d), d: 1n };
    const whole = Math.abs(ofFloat(x)); // the zero keeps its sign
    return !isFinite(x) ? x : x < 0 || Object.is(x, -0) ? -whole : whole;
  }

  // The remainder with the sign of the divisor
  function modulo(a, b) {
    if (!anyFloat(a, b)) {
      if (isZero(b)) throw new Refused("a remainder by zero has no exact result");
      const [n, d] = [top(a) * bottom(b), top(b) * bottom(a)];
      return subtract(a, multiply(b, floorDivided(n, d)));
    }
    const divisor = asFloat(b);
    const rest = asFloat(a) % divisor;
    if (rest !== rest) return rest;
    if (rest === 0) return divisor < 0 || Object.is(divisor, -0) ? -0 : 0;
    return rest < 0 !== divisor < 0 ? rest + divisor : rest;
  }

  // ---------------------------------------------------------------------------------------------------------------------
  // Powers

  function power(a, n) {
    if (isFloat(a) && !isFloat(n) && bottom(n) === 1n) n = Number(top(n));
    if (isFloat(a) && n === 2) return a * a; // rounded once, as the engine has it
    if (anyFloat(a, n)) return floatPower(asFloat(a), asFloat(n));
    if (bottom(n) !== 1n) throw new Refused(`${full(a)} to the power ${full(n)} may be irrational, and no fraction can hold it`);
    const exponent = top(n);
    const [size, ofFractions] = [magnitude(exponent), !(isInt(a) && isInt(n))];
    if (size * BigInt(bits(top(a)) + bits(bottom(a))) > 100_000n && !isZero(a)) throw new Refused("a power has too many digits");
    if (exponent >= 0n) return isInt(a) ? a ** size : { n: a.n ** size, d: a.d ** size };
    if (isZero(a)) throw new Refused("zero has no negative powers");
    return ofFractions ? fraction(bottom(a) ** size, top(a) ** size) : floatPower(asFloat(a), Number(exponent));
  }

  const floatPower = (x, n) => (x === 1 || n === 0 || (x === -1 && Math.abs(n) === Infinity) ? 1 : x ** n);

  const xlogy = (x, y) => (isZero(x) && isZero(y) ? x : multiply(x, elementary("log", y)));

  // ---------------------------------------------------------------------------------------------------------------------
  // Elementary functions

  const INSIDE = {
    log: (x) => x > 0, log2: (x) => x > 0, log10: (x) => x > 0, log1p: (x) => x > -1, sqrt: (x) => x >= 0,
    arcsin: (x) => Math.abs(x) <= 1, arccos: (x) => Math.abs(x) <= 1, arccosh: (x) => x >= 1, arctanh: (x) => Math.abs(x) < 1,
  };
  const RATIONAL_AT = { exp: [0n, 1n], cos: [0n, 1n], cosh: [0n, 1n], log: [1n, 0n], arccos: [1n, 0n], arccosh: [1n, 0n] };
  const OTHER = { exp2: (x) => 2 ** x, erf };

  function elementary(name, x) {
    if (!isFloat(x) && INSIDE[name] && !INSIDE[name](approximately(x))) throw new Refused(`${name} of ${full(x)} is not a real number`);
    if (isFloat(x) || isInt(x)) return (OTHER[name] ?? Math[name.replace("arc", "a")])(isInt(x) ? approximately(x) : x);
    if (name === "sqrt" || name === "cbrt") {
      const k = name === "sqrt" ? 2n : 3n;
      const root = fraction((x.n < 0n ? -1n : 1n) * wholeRoot(magnitude(x.n), k), wholeRoot(x.d, k));
      if (equals(power(root, k), x)) return root;
    } else if (name === "exp2") {
      if (x.d === 1n) return power({ n: 2n, d: 1n }, x.n);
    } else if (name === "log2" || name === "log10") {
      const base = BigInt(name.slice(3));
      let exponent = 0n;
      for (let whole = x.n > x.d ? x.n : x.d; whole >= base; whole /= base) exponent += 1n;
      if (x.n < x.d) exponent = -exponent;
      if (equals(power({ n: base, d: 1n }, exponent), x)) return { n: exponent, d: 1n };
    } else {
      const [at, value] = RATIONAL_AT[name] ?? [0n, 0n];
      if (x.d === 1n && x.n === at) return { n: value, d: 1n };
    }
    throw new Refused(`${name}(${full(x)}) is irrational, and no fraction can hold it`);
  }

  // A float near an exact number, which may be too large for one
  function approximately(x) {
    try {
      return asFloat(x);
    } catch {
      return top(x) < 0n ? -Infinity : Infinity;
    }
  }

  function wholeRoot(n, k) {
    if (n < 2n) return n;
    let root = 1n << (BigInt(bits(n)) / k + 1n);
    for (;;) {
      const next = ((k - 1n) * root + n / root ** (k - 1n)) / k;
      if (next >= root) return root;
      root = next;
    }
  }

  // erf by its series of positive terms near 0, and farther out by the continued fraction of 1 - erf
  function erf(x) {
    const size = Math.abs(x);
    if (!(size < 6)) return Math.sign(x);
    const scale = Math.exp(-x * x) / Math.sqrt(Math.PI);
    if (size < 2) {
      let [term, total] = [2 * x, 2 * x];
      for (let k = 1; Math.abs(term) > 1e-18 * Math.abs(total); k++) total += term *= (2 * x * x) / (2 * k + 1);
      return scale * total;
    }
    let tail = size;
    for (let k = 60; k > 0; k--) tail = size + k / 2 / tail;
    return Math.sign(x) * (1 - scale / tail);
  }

  function sigmoid(x) {
    if (!anyFloat(x) && !isInt(x) && isZero(x)) return { n: 1n, d: 2n };
    if (compare(x, 0n) >= 0) return divide(1n, add(1n, elementary("exp", negate(x))));
    const e = elementary("exp", x);
    return divide(e, add(1n, e));
  }

  function logaddexp(a, b) {
    const both = kindOfBoth(a, b);
    if (!isFloat(both) && !isInt(both)) {
      const [large, distance] = [maximum(a, b), absolute(difference(a, b))];
      return add(large, elementary("log1p", elementary("exp", negate(distance))));
    }
    const [x, y] = [asFloat(a), asFloat(b)];
    if (x === y) return x + Math.LN2;
    const d = x - y;
    return d > 0 ? x + Math.log1p(Math.exp(-d)) : d < 0 ? y + Math.log1p(Math.exp(d)) : d;
  }

  function softplus(x) {
    if (!isFloat(x)) return logaddexp(x, zero(x));
    return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
  }

  function hypot(a, b) {
    if (isFloat(kindOfBoth(a, b))) return Math.hypot(asFloat(a), asFloat(b));
    return elementary("sqrt", add(multiply(a, a), multiply(b, b)));
  }

  function arctan2(y, x) {
    const both = kindOfBoth(y, x);
    if (isFloat(both) || isInt(both)) return Math.atan2(asFloat(y), asFloat(x));
    if (isZero(y) && compare(x, 0n) >= 0) return zero(both);
    throw new Refused(`arctan2(${full(y)}, ${full(x)}) is irrational, and no fraction can hold it`);
  }

  const difference = (a, b) => (equals(a, b) ? zero(kindOfBoth(a, b)) : subtract(a, b));

  const TABLE = {
    "+": add, "-": subtract, "*": multiply, "/": divide, neg: negate, "Σ": (...terms) => terms.reduce(add), difference,
    relu, abs: absolute, max: maximum, min: minimum,
    fmax: (a, b) => (isNaN_(b) ? a : isNaN_(a) ? b : maximum(a, b)),
    fmin: (a, b) => (isNaN_(b) ? a : isNaN_(a) ? b : minimum(a, b)),
    where, gate: (condition, x) => where(condition, x, negate(zero(x))), mod: modulo,
    step, sign, floor: (x) => rounded("floor", x), ceil: (x) => rounded("ceil", x), rint: (x) => rounded("rint", x),
    greater, less: (a, b) => truth(compare(a, b) < 0, a), less_equal: (a, b) => truth(compare(a, b) <= 0, a),
    equal: (a, b) => truth(equals(a, b), a), both_zero: (a, b) => truth(isZero(a) && isZero(b), a),
    sigmoid, softplus, log_sigmoid: (x) => negate(softplus(negate(x))), logaddexp, xlogy, hypot, arctan2,
    "**": power,
    power_slope: (a, b) => (isZero(b) ? multiply(b, unit(a)) : multiply(b, power(a, subtract(b, 1n)))),
    power_log: (a, b) => xlogy(power(a, b), a),
  };
  for (const name of [
    ...["exp", "log", "expm1", "log1p", "exp2", "log2", "log10", "erf", "sqrt", "cbrt", "sin", "cos", "tan", "arcsin"],
    ...["arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"],
  ]) TABLE[name] = (x) => elementary(name, x);

  // ---------------------------------------------------------------------------------------------------------------------
  // Numbers as text, as `display.py` writes them

  // The shortest digits that give the same float, as Python writes them
  function fullFloat(x) {
    if (!isFinite(x)) return x !== x ? "nan" : x > 0 ? "inf" : "-inf";
    if (x === 0) return Object.is(x, -0) ? "-0.0" : "0.0";
    const [mantissa, e] = x.toExponential().split("e");
    const exponent = Number(e);
    if (exponent < -4 || exponent >= 16) return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
    return placed(mantissa, exponent, true);
  }

  // Four significant digits, as f"{x:.4g}" has them
  function shortFloat(x) {
    if (!isFinite(x) || x === 0) return fullFloat(x).replace(".0", "");
    let [mantissa, e] = x.toExponential(3).split("e");
    const long = x.toExponential(60);
    const tie = /^(-?\d\.\d\d)(\d)50*e/.exec(long); // goes to the even digit in Python, and away from 0 here
    if (tie && Number(tie[2]) % 2 === 0) [mantissa, e] = [tie[1] + tie[2], long.split("e")[1]];
    const exponent = Number(e);
    const digits = mantissa.replace(/\.?0+$/, "");
    if (exponent < -4 || exponent >= 4) return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
    return placed(digits, exponent, false);
  }

  function placed(mantissa, exponent, point) {
    const minus = mantissa.startsWith("-") ? "-" : "";
    const digits = mantissa.replace(/[-.]/g, "");
    if (exponent < 0) return `${minus}0.${"0".repeat(-exponent - 1)}${digits}`;
    const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
    const rest = digits.slice(exponent + 1);
    return minus + whole + (rest ? `.${rest}` : point ? ".0" : "");
  }

  const full = (x) => (isFloat(x) ? fullFloat(x) : bottom(x) === 1n ? String(top(x)) : `${x.n}/${x.d}`);

  function brief(x) {
    if (isFloat(x)) return shortFloat(x);
    const text = full(x);
    if (text.length <= 24) return text;
    try {
      return `≈ ${shortFloat(asFloat(x))}`;
    } catch {
      return `≈ 10^${String(magnitude(top(x) / bottom(x))).length - 1}`;
    }
  }

  // A number that Python wrote: 3 is an int, 3/1 a Fraction, 3.0 a float; whatever else is a text, and its own full form
  function given(text) {
    if (typeof text !== "string") return null;
    if (/^-?\d+$/.test(text)) return BigInt(text);
    if (text.includes("/")) {
      const [n, d] = text.split("/").map(BigInt);
      return { n, d };
    }
    return { nan: NaN, inf: Infinity, "-inf": -Infinity }[text] ?? Number(text);
  }

  // A number that a reader wrote: exactly what it says
  function read(text) {
    const plain = text.trim().replace(/^[−–]/, "-").replace(/\s*\/\s*/, "/");
    const found = /^([+-]?\d+)\/(\d+)$/.exec(plain);
    if (found && BigInt(found[2]) !== 0n) return fraction(BigInt(found[1]), BigInt(found[2]));
    const decimal = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(plain.replace(/^([+-]?)\./, "$10."));
    if (!decimal || plain.length > 400) return null;
    const [, minus, whole, rest = "", exponent = "0"] = decimal;
    const power = BigInt(exponent) - BigInt(rest.length);
    const digits = BigInt(whole + rest) * (minus === "-" ? -1n : 1n);
    const number = power >= 0n ? fraction(digits * 10n ** power, 1n) : fraction(digits, 10n ** -power);
    return number.d === 1n ? number.n : number;
  }

  // The same number in the kind of another: what was a float stays one, and what was exact stays exact
  function likeKind(number, other) {
    if (isFloat(other)) return asFloat(number);
    return isInt(number) && !isInt(other) ? { n: number, d: 1n } : number;
  }

  return { Refused, TABLE, add, subtract, multiply, divide, negate, compare, isFloat, isZero, asFloat, approximately, unit, brief, full, given, read, likeKind };
})();
