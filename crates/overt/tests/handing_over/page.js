// What can be asserted of a page as it is laid out: gives a list of complaints, empty where there are none.
(() => {
  const wrong = [];
  const root = document.documentElement;
  const name = e => e.tagName.toLowerCase() + (e.className ? "." + e.className : "") + " '" + e.textContent.trim().slice(0, 40) + "'";
  if (!root.lang) wrong.push("html has no lang");
  if (!document.title.trim()) wrong.push("no title");
  if (document.characterSet !== "UTF-8") wrong.push("not UTF-8");
  if (root.scrollWidth > root.clientWidth) wrong.push(`the page is ${root.scrollWidth} px wide in ${root.clientWidth}`);

  // Headings: one h1, first, and no level left out.
  const levels = [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].map(h => +h.tagName[1]);
  if (levels[0] !== 1 || levels.filter(l => l === 1).length !== 1) wrong.push("headings " + levels + ": expected one h1, first");
  levels.forEach((l, i) => { if (i && l > levels[i - 1] + 1) wrong.push(`h${l} after h${levels[i - 1]}`); });

  // What scrolls sideways can be reached by keyboard and says what it is.
  for (const e of document.querySelectorAll("div")) {
    if (e.scrollWidth > e.clientWidth + 1 && !(e.tabIndex === 0 && e.getAttribute("role") === "region" && e.getAttribute("aria-label")))
      wrong.push("scrolls and cannot be reached: " + name(e));
  }

  // Contrast of text by WCAG 2.2, 1.4.3 (AA).
  const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const parse = text => (text.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
      if (c[3] > 0) wrong.push("half transparent: " + name(e));
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0, least = 99;
  while (walker.nextNode()) {
    const node = walker.currentNode, e = node.parentElement;
    if (!node.textContent.trim() || ["STYLE", "SCRIPT"].includes(e.tagName)) continue;
    texts += 1;
    const style = getComputedStyle(e), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    const [a, b] = [light(parse(style.color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    least = Math.min(least, ratio);
    if (ratio < (large ? 3 : 4.5)) wrong.push(`contrast ${ratio.toFixed(2)} of ${name(e)}`);
    if (size < 11 && !matchMedia("print").matches) wrong.push(`text of ${size} px: ${name(e)}`);
    // A short word that is broken into pieces cannot be read; on paper a wide table may have to.
    for (const word of matchMedia("print").matches ? [] : node.textContent.matchAll(/(?<![\w.])[A-Za-z]{2,14}(?!\w|\.\w)/g)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1 && !e.closest("code,.mono,dd")) wrong.push(`'${word[0]}' is broken in ${name(e)}`);
    }
    if (/[\u3400-\u9fff]/.test(node.textContent) && !e.closest("[lang^=zh]")) wrong.push("Chinese that does not say so: " + name(e));
  }
  if (texts === 0) wrong.push("no text at all");
  for (const th of document.querySelectorAll("th")) if (!th.scope) wrong.push("a heading of a table without scope: " + name(th));
  return wrong;
})()
