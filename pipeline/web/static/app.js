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
