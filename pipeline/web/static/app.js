// Small comforts; every page works without them.
"use strict";

// Filters take effect as soon as they are chosen.
for (const form of document.querySelectorAll("form[data-live]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// "/" leads to the search, as people are used to.
document.addEventListener("keydown", (event) => {
  const busy = /^(input|textarea|select)$/i.test(document.activeElement?.tagName ?? "");
  if (event.key === "/" && !busy && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    document.querySelector(".find input")?.focus();
  }
});

// What cannot be undone is asked about first.
for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", (event) => {
    if (!window.confirm(form.dataset.confirm)) event.preventDefault();
  });
}

// What an edit of the watches comes to, shown while it is typed; and the line of a fault, chosen in the text.
function tryOut() {
  const form = document.querySelector("form[data-try]");
  const results = document.getElementById("results");
  if (!form || !results) return;
  let timer, running;

  async function refresh() {
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    const sent = new FormData(form);
    sent.set("live", "true");
    results.classList.add("busy");
    try {
      const answer = await fetch(form.action, { method: "POST", body: sent, signal });
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("results");
      if (fresh && !signal.aborted) results.replaceChildren(...fresh.childNodes);
    } catch (error) {
      if (error.name !== "AbortError") console.warn(error);
    }
    if (!signal.aborted) results.classList.remove("busy");
  }

  form.addEventListener("input", (event) => {
    if (event.target.name === "url") return; // a page is fetched when asked for
    clearTimeout(timer);
    timer = setTimeout(refresh, 600);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    running?.abort();
  });
  results.addEventListener("click", (event) => {
    const line = Number(event.target.closest("[data-line]")?.dataset.line ?? 0);
    if (!line) return;
    event.preventDefault();
    const box = form.elements.watches;
    const lines = box.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    box.focus();
    box.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
    box.scrollTop = (box.scrollHeight / lines.length) * Math.max(line - 5, 0);
  });
}
tryOut();
