"use strict";
// The specification explorer: every choice narrows the next, and the last leaves one estimate.
// All figures are the run's own; nothing is computed here but ranks.
(() => {
  const { columns, rows: packed, labels } = JSON.parse(document.getElementById("data").textContent);
  const rows = packed.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
  const steps = ["outcome", "population", "estimator", "window", "inference", "specification"];
  const selects = steps.map((step) => document.getElementById(step));
  const called = Object.fromEntries(steps.map((step) => [step, new Map(labels[step] || [])]));
  const named = (step, value) => called[step].get(value) || value || "–";
  const shown = (value, digits) => (value === null ? "–" : value.toFixed(digits).replace("-", "−"));

  // Options of each choice under those before it; a choice is kept while it exists.
  const narrow = () => {
    let left = rows;
    steps.forEach((step, i) => {
      const select = selects[i];
      const before = select.value;
      const values = [...new Set(left.map((row) => row[step]))];
      select.replaceChildren(...values.map((value) => {
        const option = document.createElement("option");
        option.value = value;
        option.textContent = named(step, value);
        return option;
      }));
      select.value = values.includes(before) ? before : values[0];
      left = left.filter((row) => row[step] === select.value);
    });
    return left[0];
  };

  const interval = (row) => {
    if (row.low === "unbounded") return "not bounded: too few schools are treated";
    if (row.low === null) return "none is made for this row";
    return `${shown(row.low, 2)} to ${shown(row.high, 2)} (${row.level} %)`;
  };

  const put = (id, text) => { document.getElementById(id).textContent = text; };

  const show = () => {
    const row = narrow();
    put("estimate", row.estimate === null ? `cannot be determined: ${row.note}`
      : `${shown(row.estimate, 2)} ${row.unit}`);
    put("interval", interval(row));
    put("p", row.p === null ? "–"
      : `${shown(row.p, 3)}${row.p_min === null ? "" : `; the smallest this design can give is ${shown(row.p_min, 3)}`}`);
    put("schools", row.schools === null ? "–" : `${row.treated ?? "–"} pilot schools of ${row.schools}`);
    place(row);
  };

  // Where the choice stands: among the specification curve where there is one, else among all
  // estimates of the same effect. A term by itself, a test or a placebo has no place among these.
  const place = (row) => {
    const same = rows.filter((other) => other.outcome === row.outcome
      && other.population === row.population && other.unit === row.unit && other.effect
      && other.estimate !== null);
    const curve = same.filter((other) => other.curve);
    const all = (curve.length ? curve : same).slice().sort((a, b) => a.estimate - b.estimate);
    const what = curve.length ? "specifications of the curve" : "estimates of this effect";
    if (row.estimate === null || !row.effect || all.length < 2) {
      put("place", row.effect ? "There is nothing to place it among."
        : "It is no estimate of the effect itself, so it has no place among these.");
      draw([], null, "");
      return;
    }
    const below = all.filter((other) => other.estimate < row.estimate).length;
    const text = `${below} of ${all.length} ${what} lie below it. They run from `
      + `${shown(all[0].estimate, 2)} to ${shown(all[all.length - 1].estimate, 2)} ${row.unit}, `
      + `half of them below ${shown(all[Math.floor(all.length / 2)].estimate, 2)}.`;
    put("place", text);
    draw(all, row, text);
  };

  const NS = "http://www.w3.org/2000/svg";
  const make = (name, attributes) => {
    const element = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };

  const draw = (all, row, text) => {
    const svg = document.getElementById("curve");
    svg.replaceChildren();
    svg.setAttribute("aria-label", text);
    if (!all.length) return;
    const width = 800, height = 260, left = 60, bottom = 30;
    const values = [...all.map((other) => other.estimate), row.estimate, 0];
    const low = Math.min(...values), high = Math.max(...values), room = (high - low) * 0.06 || 1;
    const y = (v) => height - bottom - (v - low + room) / (high - low + 2 * room) * (height - bottom - 10);
    const x = (i) => left + (i + 0.5) / all.length * (width - left - 10);
    svg.append(make("line", { x1: left, x2: width, y1: y(0), y2: y(0), class: "zero" }));
    for (const value of [low, 0, high]) {
      const label = make("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" });
      label.textContent = shown(value, 1);
      svg.append(label);
    }
    all.forEach((other, i) => svg.append(make("circle", { cx: x(i), cy: y(other.estimate), r: 2.2, class: "dot" })));
    const at = x(Math.min(all.length - 1, all.filter((other) => other.estimate < row.estimate).length));
    svg.append(make("line", { x1: at, x2: at, y1: 8, y2: height - bottom, class: "here" }));
    svg.append(make("circle", { cx: at, cy: y(row.estimate), r: 7, class: "chosen" }));
    const axis = make("text", { x: left, y: height - 8 });
    axis.textContent = "sorted by estimate; the ring is your choice";
    svg.append(axis);
  };

  selects.forEach((select) => select.addEventListener("change", show));
  show();
})();
