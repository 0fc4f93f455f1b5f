// The page of vmlog web. What comes is put on the page as text, never as anything else, once in each
// frame; what is kept is bounded: lines, and a minute of each VM's rates.

const MAX_LINES = 2000;
const SECONDS = 60;
const SVG = "http://www.w3.org/2000/svg";

const $ = (id) => document.getElementById(id);
const list = $("lines");
const number = new Intl.NumberFormat("en");

const vms = new Map(); // by name: what is known of it, whatever stream told
let byNumber = []; // the stream's numbers
const chosen = new Set();

let source = null;
let retry = 0;
let waiting = []; // items for the next frame
let waitingLines = 0;
let framed = false;
let atEnd = true;
let scrolled = 0; // of the list, where it was scrolled to last
let unseen = 0;
let came = 0;
let left = 0;
let sinceMark = []; // elements that would come again if the stream were cut now

// ---- the stream ----

function connect() {
  source?.close();
  clearTimeout(retry);
  const query = new URLSearchParams();
  if ($("text").value) query.set("text", $("text").value);
  if ($("regex").checked) query.set("regex", "1");
  if ($("level").value) query.set("level", $("level").value);
  for (const name of chosen) query.append("vm", name);
  say("wait", "connecting");
  const stream = new EventSource("stream?" + query);
  source = stream;
  stream.onmessage = (event) => {
    if (stream !== source) return;
    const marked = event.lastEventId !== stream.mark;
    stream.mark = event.lastEventId;
    for (const item of JSON.parse(event.data)) take(item, stream);
    if (marked) waiting.push(["m"]);
    frame();
  };
  stream.onerror = () => {
    if (stream !== source) return;
    say("wait", "not connected; trying again");
    if (stream.readyState === EventSource.CLOSED) {
      retry = setTimeout(connect, 2000);
    }
  };
}

function take(item, stream) {
  if (item[0] === "f") {
    stream.close();
    say("bad", item[1]);
    return;
  }
  if (item[0] === "h") {
    say("live", "live");
    byNumber = [];
    if (!item[1]) came = left = 0;
  }
  if (item[0] === "v") {
    byNumber[item[1]] = vm(item[2], item[3]);
    return;
  }
  if (item[0] === "r") {
    rates(item);
    return;
  }
  // The number is good for this stream alone, and the frame may come after the next one began.
  if (item[0] === "l" || item[0] === "c") item[1] = byNumber[item[1]];
  if (item[0] === "l") {
    came++;
    waitingLines++;
  }
  if (item[0] === "d") left += item[1];
  waiting.push(item);
  trimWaiting();
}

// A tab that is not looked at has no frames, and lines above the newest would be gone at once.
function trimWaiting() {
  if (waitingLines <= 2 * MAX_LINES) return;
  let surplus = waitingLines - MAX_LINES;
  waiting = waiting.filter((item) => {
    const passed = (item[0] === "l" || item[0] === "c" || item[0] === "d") && surplus > 0;
    if (passed && item[0] === "l") {
      surplus--;
      waitingLines--;
    }
    return !passed;
  });
}

function say(state, text) {
  $("state").dataset.state = state;
  $("state").textContent = text;
  $("state").title = text;
}

// ---- lines ----

function frame() {
  if (!framed) {
    framed = true;
    requestAnimationFrame(show);
  }
}

function show() {
  framed = false;
  let surplus = waitingLines - MAX_LINES;
  let added = document.createDocumentFragment();
  for (const item of waiting) {
    if (item[0] === "h") {
      list.append(added);
      added = document.createDocumentFragment();
      if (item[1]) sinceMark.forEach((line) => line.remove());
      else list.replaceChildren();
      sinceMark = [];
    } else if (item[0] === "m") {
      sinceMark = [];
    } else if (item[0] !== "l" || surplus-- <= 0) {
      const line = element(item);
      added.append(line);
      sinceMark.push(line);
      if (sinceMark.length > MAX_LINES) sinceMark.shift();
      if (item[0] === "l" && !atEnd) unseen++;
    }
  }
  waiting = [];
  waitingLines = 0;
  list.append(added);
  const surplusLines = list.childElementCount - MAX_LINES;
  const before = atEnd || surplusLines <= 0 ? 0 : list.scrollHeight;
  for (let i = 0; i < surplusLines; i++) list.firstChild.remove();
  if (before) list.scrollTop -= before - list.scrollHeight;
  stayAtEnd();
  $("came").textContent = number.format(came);
  const notes = list.getElementsByClassName("note").length + list.getElementsByClassName("gap").length;
  $("shown").textContent = number.format(list.childElementCount - notes);
  $("left").textContent = number.format(left);
  $("missed").hidden = left === 0;
  $("end").hidden = atEnd;
  $("end").textContent = unseen === 0 ? "newest" : number.format(unseen) + " new";
}

function element(item) {
  const line = document.createElement("li");
  if (item[0] === "d") {
    line.className = "gap";
    line.textContent = `${number.format(item[1])} lines left out here: more came than this page could take`;
    return line;
  }
  const [, from, time, severity, channel, content, bytes] = item;
  if (item[0] === "c") {
    line.className = "note";
    line.textContent = `${from.name} ${time}`;
    return line;
  }
  line.className = channel === "forwarder" ? "drop" : `s${severity}`;
  const name = part("span", from.name);
  name.className = `c${from.colour}`;
  const text = document.createElement("span");
  text.className = "say";
  marked(text, content);
  line.append(part("time", time), " ", name, " ", text);
  if (bytes > 0) {
    const cut = part("span", ` … ${number.format(bytes)} bytes; vmlog tail shows all of them`);
    cut.className = "cut";
    line.append(cut);
  }
  return line;
}

function part(tag, text) {
  const one = document.createElement(tag);
  one.textContent = text;
  return one;
}

// What was looked for, where the browser finds it as the server did.
function marked(into, content) {
  const text = $("regex").checked ? "" : $("text").value.toLowerCase();
  const lower = text ? content.toLowerCase() : "";
  let from = 0;
  if (text && lower.length === content.length) {
    for (let at = lower.indexOf(text); at >= 0; at = lower.indexOf(text, from)) {
      into.append(content.slice(from, at), part("mark", content.slice(at, at + text.length)));
      from = at + text.length;
    }
  }
  into.append(content.slice(from));
}

// Lines that wrap are as high as they are once they have been on the screen.
function stayAtEnd(again = true) {
  if (atEnd) {
    list.scrollTop = list.scrollHeight;
    if (again) requestAnimationFrame(() => stayAtEnd(false));
  }
  scrolled = list.scrollTop;
}

function toEnd() {
  atEnd = true;
  unseen = 0;
  frame();
}

// ---- VMs and their rates ----

function vm(name, colour) {
  const known = vms.get(name);
  if (known) return known;
  const one = { name, colour, lines: [], severe: [], drops: [] };
  const row = document.createElement("button");
  row.type = "button";
  row.className = "vm-row";
  row.setAttribute("aria-pressed", "false");
  row.title = name;
  const label = part("span", name);
  label.className = `name c${colour}`;
  one.rate = part("span", "");
  one.rate.className = "rate";
  const plot = svg("svg", { class: `c${colour}`, viewBox: `0 0 ${SECONDS - 1} 20`, "aria-hidden": "true" });
  plot.setAttribute("preserveAspectRatio", "none");
  plot.append(svg("line", { class: "base", x1: 0, x2: SECONDS - 1, y1: 19.5, y2: 19.5 }));
  one.plot = svg("polyline", { class: "plot" });
  one.severePlot = svg("polyline", { class: "severe" });
  one.dropPlot = svg("path", { class: "drops" });
  plot.append(one.plot, one.severePlot, one.dropPlot);
  row.append(label, one.rate, plot);
  row.addEventListener("click", () => choose(one));
  one.row = row;
  const item = document.createElement("li");
  item.append(row);
  const after = [...vms.values()].filter((other) => other.name < name).sort(byName).pop();
  if (after) after.row.parentElement.after(item);
  else $("vms").prepend(item);
  vms.set(name, one);
  return one;
}

const byName = (a, b) => (a.name < b.name ? -1 : 1);

function svg(tag, attributes) {
  const one = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  return one;
}

function choose(one) {
  if (!chosen.delete(one.name)) chosen.add(one.name);
  chosenChanged();
}

function chosenChanged() {
  for (const one of vms.values()) {
    one.row.setAttribute("aria-pressed", String(chosen.has(one.name)));
  }
  $("every").hidden = chosen.size === 0;
  toEnd();
  connect();
}

function rates(item) {
  const now = new Map(item.slice(1).map((rate) => [byNumber[rate[0]], rate]));
  for (const one of vms.values()) {
    const [, lines, severe, drops] = now.get(one) ?? [0, 0, 0, 0];
    push(one.lines, lines);
    push(one.severe, severe);
    push(one.drops, drops);
    one.rate.textContent = lines === 0 ? "" : `${number.format(lines)}/s`;
    draw(one);
  }
}

function push(values, value) {
  values.push(value);
  if (values.length > SECONDS) values.shift();
}

function draw(one) {
  const most = Math.max(4, ...one.lines);
  const first = SECONDS - one.lines.length;
  const points = (values) =>
    values.map((value, i) => `${first + i},${(19 - (18 * value) / most).toFixed(1)}`).join(" ");
  one.plot.setAttribute("points", points(one.lines));
  one.severePlot.setAttribute("points", one.severe.some((n) => n > 0) ? points(one.severe) : "");
  one.dropPlot.setAttribute(
    "d",
    one.drops.map((n, i) => (n > 0 ? `M${first + i} 0V19` : "")).join(""),
  );
}

// ---- what people do ----

let typed = 0;
$("text").addEventListener("input", () => {
  clearTimeout(typed);
  typed = setTimeout(filterChanged, 200);
});
$("regex").addEventListener("change", filterChanged);
$("level").addEventListener("change", filterChanged);
$("filter").addEventListener("submit", (event) => {
  event.preventDefault();
  filterChanged();
});
$("every").addEventListener("click", () => {
  chosen.clear();
  chosenChanged();
});
$("end").addEventListener("click", toEnd);

function filterChanged() {
  clearTimeout(typed);
  toEnd();
  connect();
}

list.addEventListener("scroll", () => {
  const near = list.scrollHeight - list.scrollTop - list.clientHeight < 30;
  if (near && !atEnd) toEnd();
  else if (!near && list.scrollTop < scrolled - 1) atEnd = false;
  scrolled = list.scrollTop;
  $("end").hidden = atEnd;
}, { passive: true });

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const inField = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (event.key === "/" && !inField) {
    event.preventDefault();
    $("text").select();
  } else if (event.key === "Escape" && (event.target === $("text") || !inField)) {
    if ($("text").value) {
      $("text").value = "";
      filterChanged();
    }
    list.focus();
  } else if (event.key === "End" && !inField) {
    toEnd();
  }
});

connect();
