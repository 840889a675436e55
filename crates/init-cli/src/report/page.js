"use strict";
(() => {
  const report = JSON.parse(document.getElementById("data").textContent);
  const tensors = report.tensors;
  const at = (id) => document.getElementById(id);

  // Characters that do not print, or change the direction of the text, are shown by their number.
  const visible = (text) => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);
  const element = (kind, attributes = {}, ...children) => {
    const made = document.createElement(kind);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const drawn = (kind, attributes = {}, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", kind);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const whole = (number) => number.toLocaleString("en-US");
  const formatted = (number, digits = 6) => {
    if (number === null) return "–";
    if (Number.isInteger(number) && Math.abs(number) < 1e6) return String(number);
    const exponent = Math.floor(Math.log10(Math.abs(number)));
    return -5 <= exponent && exponent < 6 ? number.toPrecision(digits) : number.toExponential(digits - 1);
  };
  const score = (z) => (z === null ? "–" : (z < 0 ? "-" : "+") + Math.abs(z).toFixed(2));
  const FAULTS = {
    not_finite: "not finite", dtype: "another dtype", out_of_bounds: "out of bounds", mean: "mean off", std: "std off",
  };
  const VERDICTS = { expected: "as expected", faulty: "faulty", not_judged: "not judged" };
  const REASONS = {
    no_plan: "no model was given to compare it with",
    no_distribution: "its elements are structured, not drawn from a distribution; fanin verify compares them bit for bit",
    not_read: "its type is not supported as numbers",
  };
  const verdict = (tensor) => (tensor.faults.length ? tensor.faults.map((fault) => FAULTS[fault]).join(", ") : VERDICTS[tensor.verdict]);
  const count = (number, noun) => `${whole(number)} ${noun}${number === 1 ? "" : "s"}`;

  // The head of the page.
  const summary = report.summary;
  at("file").textContent = visible(report.file);
  const odd = summary.nan + summary.infinite;
  const facts = [
    report.model === null ? null : `against ${visible(report.model)}`,
    report.seed === null ? null : `seed ${report.seed}`,
    count(summary.tensors, "tensor"),
    count(summary.elements, "value"),
    odd === 0 ? "all finite" : `${whole(summary.nan)} NaN and ${whole(summary.infinite)} infinite`,
  ];
  at("facts").textContent = facts.filter((fact) => fact !== null).join(" · ");
  at("limit").textContent = report.limit === null ? "" :
    `A mean or standard deviation is off if its z-score is beyond ±${report.limit.toFixed(2)}. By chance, one in ` +
    `${whole(Math.round(1 / report.false_alarm))} correct files of ${count(report.scores, "score")} has such a score.`;
  const metadata = Object.entries(report.metadata);
  at("metadata").hidden = metadata.length === 0;
  for (const [name, value] of metadata) {
    at("metadata").querySelector("dl").append(element("dt", {}, visible(name)), element("dd", {}, visible(value)));
  }

  // Colours: the system default until the reader chooses.
  const system = matchMedia("(prefers-color-scheme: dark)");
  const themes = ["auto", "light", "dark"];
  let theme = "auto";
  const colour = () => {
    const dark = theme === "dark" || (theme === "auto" && system.matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    at("theme").textContent = { auto: "◐ auto", light: "☀ light", dark: "☾ dark" }[theme];
  };
  at("theme").addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    colour();
  });
  system.addEventListener("change", colour);
  colour();

  // Paper is white.
  addEventListener("beforeprint", () => {
    document.documentElement.dataset.theme = "light";
    for (const tensor of tensors) picture(tensor);
  });
  addEventListener("afterprint", colour);

  // A histogram's outline, and the density of the expected distribution over it, in a box of this size.
  const paths = (tensor, width, height) => {
    const { low, high, counts, expected } = tensor.histogram;
    if (low === high) return { bars: `M${width / 2 - 2} ${height}V0h4V${height}z`, from: low, to: high };
    // Halved, so that the widest range does not overflow.
    const edge = (bin) => low * (1 - bin / counts.length) + high * (bin / counts.length);
    const bounds = tensor.expected ?? { min: null, max: null };
    const has_expected = expected !== null;
    const from = has_expected && bounds.min !== null ? Math.min(low, bounds.min) : low;
    const to = has_expected && bounds.max !== null ? Math.max(high, bounds.max) : high;
    const most = Math.max(...counts);
    const peak = has_expected ? Math.min(Math.max(...expected), 1.5 * most) : 0;
    const top = 1.06 * Math.max(most, peak);
    const x = (value) => (((value / 2 - from / 2) / (to / 2 - from / 2)) * width).toFixed(1);
    const y = (number) => (height - Math.min(number / top, 1) * height).toFixed(1);
    let bars = `M${x(low)} ${height}`;
    counts.forEach((number, bin) => (bars += `V${y(number)}H${x(edge(bin + 1))}`));
    bars += `V${height}z`;
    let density = "";
    if (has_expected) {
      // From the ground to the first bin's height at a bound, through the middles of the bins, and down at the other.
      const last = expected.length - 1;
      const start = bounds.min === null ? "" : `${x(bounds.min)} ${height}L${x(bounds.min)} ${y(expected[0])}L`;
      const middles = expected.map((number, bin) => [edge(bin + 0.5), number]);
      const inside = middles.filter(([value]) => (bounds.min === null || value >= bounds.min) && (bounds.max === null || value <= bounds.max));
      const end = bounds.max === null ? "" : `L${x(bounds.max)} ${y(expected[last])}L${x(bounds.max)} ${height}`;
      density = `M${start}${inside.map(([value, number]) => `${x(value)} ${y(number)}`).join("L")}${end}`;
    }
    return { bars, density, from, to };
  };

  const picture = (tensor) => {
    const cell = tensor.cell;
    if (cell.firstChild || tensor.histogram === null) return;
    const { bars, density } = paths(tensor, 120, 30);
    const svg = drawn("svg", { viewBox: "0 0 120 30", preserveAspectRatio: "none", "aria-hidden": "true" });
    svg.append(drawn("path", { class: "fill", d: bars }));
    if (density) svg.append(drawn("path", { class: "density", d: density }));
    cell.append(svg);
  };

  const large = (tensor) => {
    const [height, side, foot] = [190, 12, 26];
    const width = Math.min(520, document.body.clientWidth - 90);
    const svg = drawn("svg", { viewBox: `0 0 ${width + 2 * side} ${height + foot + 6}`, role: "img" });
    svg.append(drawn("title", {}, `Histogram of ${visible(tensor.name)}`));
    const { bars, density, from, to } = paths(tensor, width, height);
    const inside = drawn("g", { transform: `translate(${side} 6)` });
    inside.append(drawn("path", { class: "fill", d: bars }));
    if (density) inside.append(drawn("path", { class: "density", d: density }));
    inside.append(drawn("path", { class: "axis", d: `M0 ${height}H${width}` }));
    const tick = (x, value, anchor) => inside.append(drawn("text", { x, y: height + 18, "text-anchor": anchor }, formatted(value, 4)));
    if (from === to) tick(width / 2, from, "middle");
    else {
      tick(0, from, "start");
      tick(width / 2, from / 2 + to / 2, "middle");
      tick(width, to, "end");
    }
    svg.append(inside);
    svg.setAttribute("width", width + 2 * side);
    return svg;
  };

  const details = (tensor) => {
    const list = element("dl");
    const line = (what, text) => list.append(element("dt", {}, what), element("dd", {}, text));
    line("verdict", verdict(tensor) + (tensor.reason === null ? "" : `: ${REASONS[tensor.reason]}`));
    if (tensor.initializer !== null) line("initializer", tensor.initializer);
    if (tensor.values !== null) line("which is", tensor.values);
    line("shape", `${JSON.stringify(tensor.shape)} ${tensor.dtype}, ${count(tensor.elements, "value")}`);
    for (const name of ["mean", "std", "min", "max", "kurtosis"]) {
      const expected = tensor.expected === null || tensor.expected[name] === null ? "" : `, expected ${formatted(tensor.expected[name])}`;
      const z = { mean: tensor.mean_z, std: tensor.std_z }[name] ?? null;
      line(name, formatted(tensor[name]) + expected + (z === null ? "" : `, z ${score(z)}`));
    }
    if (tensor.bound !== null) line("bounds", tensor.bound);
    if (tensor.nan || tensor.infinite) line("not finite", `${whole(tensor.nan)} NaN, ${whole(tensor.infinite)} infinite; left out of all statistics`);
    const inside = element("div", { class: "inside" }, list);
    if (tensor.histogram !== null) inside.prepend(large(tensor));
    const shown = columns.filter(({ is_there }) => is_there);
    return element("tr", { class: "detail" }, element("td", { colspan: shown.length }, inside));
  };

  // The table.
  const before = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  // Runs of digits by their number, so that h.2 is before h.10: longer numbers are larger.
  const natural = (text) => text.replace(/[0-9]+/g, (run) => {
    const digits = run.replace(/^0+(?=[0-9])/, "");
    return `0${String(digits.length).padStart(4, "0")}${digits}`;
  });
  for (const tensor of tensors) tensor.natural = natural(tensor.name);
  const by_number = (of) => (a, b) => of(a) - of(b);
  const by_shape = (a, b) => {
    const different = a.shape.findIndex((size, axis) => size !== b.shape[axis]);
    return different === -1 ? a.shape.length - b.shape.length : a.shape[different] - (b.shape[different] ?? -1);
  };
  const RANKS = { faulty: 0, not_judged: 1, expected: 2 };
  const is_compared = report.model !== null;
  const number = (key, title, digits) => ({
    key, title, is_there: true, kind: "number", of: (tensor) => tensor[key], compare: by_number((tensor) => tensor[key]),
    fill: (cell, tensor) => {
      cell.append(formatted(tensor[key], digits));
      const expected = tensor.expected?.[key] ?? null;
      if (expected !== null) cell.append(element("small", {}, formatted(expected, digits)));
    },
  });
  const scores = (key, title) => ({
    key, title, is_there: is_compared, kind: "number", of: (tensor) => tensor[key],
    compare: by_number((tensor) => tensor[key]),
    fill: (cell, tensor) => {
      cell.append(score(tensor[key]));
      if (tensor.faults.includes(key.split("_")[0])) cell.classList.add("off");
    },
  });
  const columns = [
    {
      key: "tensor", title: "tensor", is_there: true, of: (tensor) => tensor.name, compare: (a, b) => before(a.natural, b.natural),
      fill: (cell, tensor) => {
        const button = element("button", { class: "name", type: "button", "aria-expanded": "false" }, element("bdi", {}, visible(tensor.name) || "“”"));
        button.addEventListener("click", () => expand(tensor, button));
        cell.append(button);
      },
    },
    {
      key: "shape", title: "shape", is_there: true, of: (tensor) => tensor.shape, compare: by_shape,
      fill: (cell, tensor) => cell.append(tensor.shape.length ? tensor.shape.join(" × ") : "scalar"),
    },
    { key: "picture", title: is_compared ? "values, density" : "values", is_there: true, fill: (cell, tensor) => (tensor.cell = cell) },
    {
      key: "verdict", title: "verdict", is_there: true, of: (tensor) => tensor.verdict,
      compare: (a, b) => RANKS[a.verdict] - RANKS[b.verdict] || before(verdict(a), verdict(b)),
      fill: (cell, tensor) => {
        const mark = { expected: "✓ ", faulty: "✗ ", not_judged: "" }[tensor.verdict];
        cell.append(element("span", { class: tensor.verdict }, mark + verdict(tensor)));
      },
    },
    scores("mean_z", "z mean"),
    scores("std_z", "z std"),
    number("std", "std", 5),
    number("mean", "mean", 4),
    number("min", "min", 4),
    number("max", "max", 4),
    number("kurtosis", "kurtosis", 4),
    { key: "dtype", title: "dtype", is_there: true, of: (tensor) => tensor.dtype, compare: (a, b) => before(a.dtype, b.dtype), fill: (cell, tensor) => cell.append(visible(tensor.dtype)) },
    { ...number("elements", "number"), fill: (cell, tensor) => cell.append(whole(tensor.elements)) },
  ].filter(({ is_there }) => is_there);

  const body = document.querySelector("tbody");
  const nearby = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      nearby.unobserve(target);
      picture(target.tensor);
    }
  }, { rootMargin: "600px" });
  tensors.forEach((tensor, index) => {
    tensor.index = index;
    tensor.row = element("tr");
    for (const column of columns) {
      const cell = element("td", { class: `${column.key}${column.kind === "number" ? " number" : ""}` });
      column.fill(cell, tensor);
      tensor.row.append(cell);
    }
    tensor.cell.tensor = tensor;
    nearby.observe(tensor.cell);
  });

  const expand = (tensor, button) => {
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) {
      tensor.detail.remove();
      tensor.detail = null;
    } else {
      tensor.detail = details(tensor);
      tensor.row.after(tensor.detail);
    }
  };

  let sorted = { column: null, descending: false };
  let chosen = null;
  const order = () => {
    const { column, descending } = sorted;
    const all = [...tensors];
    if (column !== null) {
      // Tensors without this statistic come last in either direction; equal ones keep the order of the file.
      all.sort((a, b) => {
        const [none, other] = [column.of(a) === null, column.of(b) === null];
        if (none || other) return none - other || a.index - b.index;
        const order = column.compare(a, b);
        return (descending ? -order : order) || a.index - b.index;
      });
    }
    return all;
  };
  // A glob where there is a `*` or `?`, otherwise a part of the name.
  const matcher = (text) => {
    if (!/[*?]/.test(text)) {
      const part = text.toLowerCase();
      return (name) => name.toLowerCase().includes(part);
    }
    const pattern = text.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".");
    const glob = new RegExp(`^${pattern}$`, "isu");
    return (name) => glob.test(name);
  };
  const show = () => {
    const matches = matcher(at("filter").value.trim());
    const rows = document.createDocumentFragment();
    let shown = 0;
    for (const tensor of order()) {
      if ((chosen !== null && tensor.verdict !== chosen) || !matches(tensor.name)) continue;
      shown += 1;
      rows.append(tensor.row);
      if (tensor.detail) rows.append(tensor.detail);
    }
    body.replaceChildren(rows);
    at("shown").textContent = shown === tensors.length ? `all ${whole(shown)}` : `${whole(shown)} of ${whole(tensors.length)}`;
  };

  at("filter").addEventListener("input", show);

  const head = document.querySelector("thead tr");
  for (const column of columns) {
    const cell = element("th", { scope: "col", class: `${column.key}${column.kind === "number" ? " number" : ""}` });
    head.append(cell);
    if (!column.compare) {
      cell.append(element("span", {}, column.title));
      continue;
    }
    cell.setAttribute("aria-sort", "none");
    const button = element("button", { type: "button" }, column.title);
    button.addEventListener("click", () => {
      sorted = { column, descending: sorted.column === column && !sorted.descending };
      for (const other of head.children) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
      cell.setAttribute("aria-sort", sorted.descending ? "descending" : "ascending");
      show();
    });
    cell.append(button);
  }

  for (const [name, words] of Object.entries(VERDICTS)) {
    const found = summary[name];
    if (found === 0) continue;
    const button = element("button", { type: "button", "aria-pressed": "false", title: "Show only these" },
      element("strong", { class: name }, whole(found)), element("span", {}, words));
    button.addEventListener("click", () => {
      chosen = chosen === name ? null : name;
      for (const other of at("verdicts").children) other.setAttribute("aria-pressed", String(other === button && chosen !== null));
      show();
    });
    at("verdicts").append(button);
  }

  // Standard deviation by depth: of kinds that vary, those of the most tensors.
  const COLOURS = 7;
  const figure_of_depths = at("depths");
  const kinds_of_depths = () => {
    const all = report.depths
      .map(({ name, members }) => ({
        name,
        members: members.map(([depth, index]) => ({ depth, tensor: tensors[index] })).filter(({ tensor }) => tensor.std !== null),
      }))
      .filter(({ members }) => members.some(({ tensor }) => tensor.std > 0));
    const largest = [...all].sort((a, b) => b.members.length - a.members.length).slice(0, COLOURS);
    const kinds = all.filter((kind) => largest.includes(kind));
    return { kinds, more: all.length - kinds.length };
  };
  // Rounds a step up to 1, 2 or 5 times a power of ten, and to at least `lowest`.
  const round_step = (rough, lowest = 1) => {
    const power = 10 ** Math.floor(Math.log10(rough));
    return Math.max(lowest, power * [1, 2, 5, 10].find((digit) => digit * power >= rough));
  };
  // Not Math.min(...all), which fails on the arrays of files with a hundred thousand tensors.
  const minimum = (all) => all.reduce((a, b) => Math.min(a, b), Infinity);
  const maximum = (all) => all.reduce((a, b) => Math.max(a, b), -Infinity);
  const chart = ({ kinds }, width) => {
    const points = kinds.flatMap(({ members }) => members);
    const depths = points.map(({ depth }) => depth);
    const [first, last] = [minimum(depths), maximum(depths)];
    const stds = points.flatMap(({ tensor }) => [tensor.std, tensor.expected?.std ?? 0]).filter((std) => std > 0);
    const [low, high] = [minimum(stds), maximum(stds)];
    const linear = high <= 20 * low;

    const [height, left, right, top, foot] = [280, 52, 8, 10, 42];
    const step = (width - left - right) / (last - first + 1);
    const radius = Math.max(1.4, Math.min(3.6, step * 0.3));
    const x = (depth) => left + step * (depth - first + 0.5);
    const share = (std) => (linear ? std / (1.1 * high) : Math.log((std * 1.3) / low) / Math.log((high * 1.69) / low));
    const y = (std) => height - foot - Math.max(0, Math.min(1, share(std))) * (height - foot - top);
    const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Standard deviation by depth" });
    const ticks = [];
    if (linear) {
      const size = round_step((1.1 * high) / 5, 0);
      for (let tick = 0; tick * size <= 1.1 * high; tick += 1) ticks.push(tick * size);
    } else {
      const digits = high / low > 1000 ? [1] : [1, 2, 5];
      for (let power = Math.floor(Math.log10(low / 1.3)); power <= Math.log10(high * 1.3); power += 1) {
        ticks.push(...digits.map((digit) => digit * 10 ** power).filter((tick) => tick >= low / 1.3 && tick <= high * 1.3));
      }
    }
    for (const tick of ticks) {
      svg.append(drawn("path", { class: "grid", d: `M${left} ${y(tick)}H${width - right}` }));
      svg.append(drawn("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end" }, String(Number(tick.toPrecision(3)))));
    }
    const every = round_step(34 / step);
    for (let depth = Math.ceil(first / every) * every; depth <= last; depth += every) {
      svg.append(drawn("text", { x: x(depth), y: height - foot + 18, "text-anchor": "middle" }, String(depth)));
    }
    svg.append(drawn("text", { x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle" }, "depth (the number in the name)"));
    svg.append(drawn("path", { class: "axis", d: `M${left} ${height - foot}H${width - right}` }));
    kinds.forEach(({ name, members }, index) => {
      const colour = `var(--kind-${index})`;
      // Next to each other, so that equal ones do not cover each other.
      const aside = (index - (kinds.length - 1) / 2) * Math.min(step * 0.09, 8);
      const has_expected = members.every(({ tensor }) => tensor.expected !== null);
      const line = members.map(({ depth, tensor }) => `${x(depth) + aside} ${y(has_expected ? tensor.expected.std : tensor.std)}`);
      svg.append(drawn("path", { d: `M${line.join("L")}`, style: `fill:none;stroke:${colour};stroke-width:1.5;opacity:.75` }));
      for (const { depth, tensor } of members) {
        const expected = tensor.expected === null ? "" : `, expected ${formatted(tensor.expected.std)}`;
        svg.append(drawn("circle", { cx: x(depth) + aside, cy: y(tensor.std), r: radius, style: `fill:${colour}` },
          drawn("title", {}, `${visible(tensor.name)}: std ${formatted(tensor.std)}${expected}`)));
      }
    });
    return svg;
  };
  const key_to_chart = ({ kinds, more }) => {
    const legend = figure_of_depths.querySelector(".legend");
    kinds.forEach(({ name }, index) => {
      const colour = `var(--kind-${index})`;
      const key = drawn("svg", { viewBox: "0 0 26 12", "aria-hidden": "true" });
      key.append(drawn("path", { d: "M0 6H26", style: `stroke:${colour};stroke-width:1.5` }), drawn("circle", { cx: 13, cy: 6, r: 3.6, style: `fill:${colour}` }));
      legend.append(element("li", {}, key, element("code", {}, visible(name))));
    });
    legend.append(element("li", { class: "words" },
      (is_compared ? "dots: measured, lines: expected" : "dots: measured") + (more > 0 ? `; ${count(more, "more kind")} not drawn` : "")));
  };
  const depths = kinds_of_depths();
  if (depths.kinds.length > 0) {
    figure_of_depths.hidden = false;
    key_to_chart(depths);
    const container = figure_of_depths.querySelector(".chart");
    let drawn_for = 0;
    // Drawn again for each width, so that its text stays readable.
    new ResizeObserver(() => {
      const width = Math.max(280, Math.round(container.clientWidth));
      if (width === drawn_for) return;
      drawn_for = width;
      container.replaceChildren(chart(depths, width));
    }).observe(container);
  }
  show();
})();
