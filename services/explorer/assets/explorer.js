// What a page does with JavaScript beside htmx: it copies what stands beside a button, and does not change under
// somebody who reads. Without it every page can be read and every link followed.
"use strict";

// Buttons that do nothing without JavaScript are hidden until it is there.
function show(root) {
  for (const button of root.querySelectorAll("button[data-copy][hidden]")) {
    button.hidden = false;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button || !navigator.clipboard) return;
  navigator.clipboard.writeText(button.dataset.copy).then(
    () => {
      button.classList.add("done");
      const said = document.getElementById("said");
      if (said) said.textContent = "copied";
      setTimeout(() => button.classList.remove("done"), 1200);
    },
    () => {},
  );
});

// What somebody has selected, has opened or is typing into is not taken from under them.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.matches || !event.target.matches("#live")) return;
  const selection = document.getSelection();
  const selects = selection && !selection.isCollapsed && event.target.contains(selection.anchorNode);
  const inside = event.target.contains(document.activeElement);
  const types = inside && document.activeElement.matches("input, select, textarea");
  const opened = event.target.querySelector("details[open]");
  if (selects || types || opened) event.preventDefault();
});

// The live part of a page comes back without its focus where that has no id.
document.addEventListener("htmx:afterSwap", () => show(document));

// A page whose subject is gone, as a level that was taken back, is shown as the server tells it.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 404) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// A page that is left lets its stream go, which is no error. One that comes back is asked for again.
const streams = [];
htmx.createEventSource = (url) => {
  const stream = new EventSource(url);
  streams.push(stream);
  return stream;
};
window.addEventListener("pagehide", () => {
  for (const stream of streams) stream.close();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// Where the events come from is seen: a page that is not live any more says so.
document.addEventListener("htmx:sseOpen", () => document.documentElement.classList.add("live"));
document.addEventListener("htmx:sseError", () => document.documentElement.classList.remove("live"));

show(document);
