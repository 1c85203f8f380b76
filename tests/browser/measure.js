// What is wrong with the layout of the page that is shown: sideways scrolling, small targets, clipped text.
() => {
  const found = [];
  const root = document.documentElement;
  const name = (it) => (it.textContent.trim() || it.name || it.id).slice(0, 40);
  const hidden = "details:not([open]) > :not(summary), .unseen, .skip, [aria-hidden=true]";
  if (root.scrollWidth > root.clientWidth) found.push(`scrolls sideways by ${root.scrollWidth - root.clientWidth} px`);
  for (const it of document.querySelectorAll("a, button, input:not([type=hidden], [type=radio]), select, summary")) {
    const box = it.getBoundingClientRect();
    if (!box.width || it.closest(hidden) || it.closest("p, dd, td, th, li, h2, label")) continue;
    const size = `${Math.round(box.width)}x${Math.round(box.height)}`;
    if (box.width < 24 || box.height < 24) found.push(`small target ${size}: ${name(it)}`);
  }
  for (const it of document.querySelectorAll("h1, h2, p, td, th, dd, button, .button")) {
    if (it.scrollWidth > it.clientWidth + 1 && !it.closest(hidden)) found.push(`clipped: ${name(it)}`);
  }
  return found;
}
