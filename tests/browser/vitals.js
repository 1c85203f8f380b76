// Largest Contentful Paint, Cumulative Layout Shift and Interaction to Next Paint of the page, as `vitals`.
// CLS is the largest session window (gaps under 1 s, at most 5 s); INP is the slowest interaction (web.dev/vitals).
window.vitals = { lcp: 0, cls: 0, inp: 0 };
{
  const observe = (type, each, more) =>
    new PerformanceObserver((list) => list.getEntries().forEach(each)).observe({ type, buffered: true, ...more });
  let sum = 0, first = 0, last = 0;
  observe("largest-contentful-paint", (it) => { vitals.lcp = it.startTime; });
  observe("layout-shift", (it) => {
    if (it.hadRecentInput) return;
    const goesOn = it.startTime - last < 1000 && it.startTime - first < 5000;
    if (!goesOn) first = it.startTime;
    sum = goesOn ? sum + it.value : it.value;
    last = it.startTime;
    vitals.cls = Math.max(vitals.cls, sum);
  });
  observe("event", (it) => {
    if (it.interactionId) vitals.inp = Math.max(vitals.inp, it.duration);
  }, { durationThreshold: 16 });
}
