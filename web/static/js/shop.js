// What pages do beyond links and forms. Everything works without it.

const hasSession = () => /(?:^|; )m=/.test(document.cookie);
const notice = document.getElementById("notice");

function refreshMe() {
  if (hasSession() && document.getElementById("me")) {
    htmx.ajax("GET", `${document.documentElement.dataset.prefix}/_/me`, { target: "#me", swap: "outerHTML" });
  }
}

function say(text) {
  notice.textContent = text;
  notice.hidden = false;
  setTimeout(() => { notice.hidden = true; }, 8000);
}

function freeButtons(root = document) {
  for (const button of root.querySelectorAll("button[aria-disabled=true]")) button.removeAttribute("aria-disabled");
}

// A form is sent once: a second click while the first is under way does nothing. Focus stays on the button.
// A form with data-file is answered with a file, and the page stays: its button may be clicked again.
document.addEventListener("submit", (event) => {
  const button = event.submitter ?? event.target.querySelector("button");
  if (button?.getAttribute("aria-disabled") === "true") {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else if (event.target.method === "post" && !("file" in event.target.dataset)) {
    button?.setAttribute("aria-disabled", "true");
  }
}, true);

document.addEventListener("htmx:afterRequest", (event) => freeButtons(event.detail.elt));
document.addEventListener("htmx:sendError", () => say(notice.dataset.away));
document.addEventListener("htmx:responseError", (event) => {
  say(event.detail.xhr.status === 503 ? notice.dataset.busy : notice.dataset.failed);
});

// When the element that had the focus is gone, the focus goes to the head of what replaced it.
document.addEventListener("htmx:afterSettle", (event) => {
  if (document.activeElement && document.activeElement !== document.body) return;
  event.detail.target?.ownerDocument.querySelector("[data-focus-after]")?.focus();
});

// A page out of the back/forward cache may show an old cart and a button that waits for an answer.
window.addEventListener("pageshow", (event) => {
  freeButtons();
  if (!event.persisted) return;
  const stale = document.querySelector("[data-refresh]");
  if (stale) location.reload();
  else refreshMe();
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const find = document.getElementById("find");
  if (find) { event.preventDefault(); find.focus(); }
});

// Menus close when the visitor goes elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

document.querySelector("[data-focus]")?.focus();
if (!document.querySelector("#me [aria-current], #me .count")) refreshMe();
