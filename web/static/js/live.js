// Live updates: the server says which of the shown things changed, and their fragments are fetched again.
// Closed while the page is hidden, as a browser keeps six connections to a host. Without it the fragments poll.

const shown = () => [...document.querySelectorAll("[data-live]")];
let source = null;

function open() {
  const ids = [...new Set(shown().map((it) => it.dataset.live))];
  if (source || document.hidden || ids.length === 0) return;
  source = new EventSource(`/_/live?ids=${encodeURIComponent(ids.join(","))}`);
  source.addEventListener("changed", (event) => {
    for (const it of shown()) if (it.dataset.live === event.data) htmx.trigger(it, "changed");
  });
}

function close() {
  source?.close();
  source = null;
}

function again() {
  open();
  for (const it of shown()) htmx.trigger(it, "changed");
}

document.addEventListener("visibilitychange", () => (document.hidden ? close() : again()));
window.addEventListener("pagehide", close);
window.addEventListener("pageshow", open);
