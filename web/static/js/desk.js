// Keys of the back office: /, g and a letter, j k x Enter, ?, Esc. Not in fields; they can be turned off.

const OFF = "desk-keys-off";
const PAGES = { t: "/desk", o: "/desk/orders", f: "/desk/fulfilment", p: "/desk/products", s: "/desk/stock" };
const rows = [...document.querySelectorAll("[data-row]")];
const dialog = document.getElementById("keys");
let at = -1;
let going = false;

const isOff = () => localStorage.getItem(OFF) !== null;
const inField = (target) => target.closest("input:not([type=checkbox]), select, textarea, dialog[open]") !== null;

function move(step) {
  if (rows.length === 0) return;
  rows[at]?.removeAttribute("data-at");
  at = Math.min(Math.max(at + step, 0), rows.length - 1);
  rows[at].setAttribute("data-at", "");
  rows[at].scrollIntoView({ block: "nearest" });
  rows[at].querySelector("a")?.focus({ preventScroll: true });
}

function choose() {
  const box = rows[at]?.querySelector("input[type=checkbox]");
  if (box) {
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    if (event.target.matches("input, select, textarea")) event.target.blur();
    return;
  }
  if (isOff() || inField(event.target)) return;
  if (going) {
    going = false;
    if (PAGES[event.key]) location.assign(PAGES[event.key]);
    return;
  }
  const actions = {
    "/": () => document.querySelector("[data-search]")?.focus(),
    g: () => { going = true; setTimeout(() => { going = false; }, 1500); },
    j: () => move(1),
    k: () => move(-1),
    x: choose,
    "?": () => dialog?.showModal(),
  };
  if (actions[event.key]) {
    event.preventDefault();
    actions[event.key]();
  }
}

document.addEventListener("keydown", key);

const off = document.querySelector("[data-keys-off]");
if (off) {
  off.checked = isOff();
  off.addEventListener("change", () => (off.checked ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF)));
}

for (const bar of document.querySelectorAll("[data-chosen]")) {
  const form = bar.closest("form");
  const say = bar.querySelector("span");
  const text = say.textContent;
  const count = () => {
    const chosen = form.querySelectorAll("input[name=row]:checked").length;
    say.textContent = chosen ? `${chosen} chosen:` : text;
    for (const button of bar.querySelectorAll("button")) button.disabled = chosen === 0;
  };
  form.addEventListener("change", count);
  count();
}

// A part that is live is not replaced under the hands of somebody who types in it: a note says that it has changed.
// What was opened in it stays open.
const name = (it) => `${it.tagName} ${it.textContent}`;
const isInUse = (part) => part.querySelector(".summary") !== null
  || part.querySelector(":is(input, textarea, select):focus") !== null
  || [...part.querySelectorAll("input:not([type=hidden]), textarea")].some((it) => it.value !== it.defaultValue);
let opened = [];
let focused = null;

document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.detail.elt;
  if (!part.matches("[data-live]") || !isInUse(part)) return;
  event.preventDefault();
  if (event.detail.requestConfig.triggeringEvent?.type === "changed") part.querySelector("[data-changed]").hidden = false;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  opened = [...part.querySelectorAll("details[open] > summary")].map(name);
  focused = part.contains(document.activeElement) ? name(document.activeElement) : null;
});
document.addEventListener("htmx:load", (event) => {
  for (const it of event.detail.elt.querySelectorAll("summary")) if (opened.includes(name(it))) it.parentElement.open = true;
  if (focused) [...event.detail.elt.querySelectorAll("a, button, summary")].find((it) => name(it) === focused)?.focus();
  focused = null;
});
