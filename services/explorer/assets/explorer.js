// What a page does with JavaScript beside htmx: it copies what stands beside a button, follows the chain, and does not
// change under somebody who reads. Without it every page can be read and every link followed.
"use strict";

// How long it is waited before a part is asked for again that did not come, in milliseconds.
const RETRY = 5000;

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

// The last change that the page was told of and does not show yet, and the one that is being asked for.
let newer = null;
let asked = null;

function live() {
  return document.getElementById("live");
}

// What somebody has selected, has opened or is typing into is not taken from under them.
function isRead(part) {
  const selection = document.getSelection();
  const selects = selection && !selection.isCollapsed && part.contains(selection.anchorNode);
  const inside = part.contains(document.activeElement);
  const types = inside && document.activeElement.matches("input, select, textarea");
  return selects || types || part.querySelector("details[open]") !== null;
}

// Asks for the part that changes, as long as it does not show what the page was told of: what cannot be asked for now
// is asked for later.
function ask() {
  const part = live();
  if (newer === null || asked !== null || !part || isRead(part)) return;
  asked = newer;
  htmx.trigger(part, "newer");
}

for (const end of ["selectionchange", "focusout", "toggle"]) {
  // The focus is still there while it leaves.
  document.addEventListener(end, () => setTimeout(ask, 0), true);
}

document.addEventListener("htmx:afterRequest", (event) => {
  const status = event.detail.xhr.status;
  if (status === 200 || status === 404) {
    // What came was made after the change that it was asked for. There may be another one since.
    if (newer === asked) newer = null;
    return;
  }
  // It did not come: the next attempt is not at once.
  setTimeout(() => {
    asked = null;
    ask();
  }, RETRY);
});

// The live part of a page comes back without its focus where that has no id. htmx knows it once it is settled.
document.addEventListener("htmx:afterSwap", () => show(document));
document.addEventListener("htmx:afterSettle", () => {
  asked = null;
  ask();
});

// A page whose subject is gone, as a level that was taken back, is shown as the server tells it.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 404) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

// A page that is left lets its stream go, which is no error. One that comes back is asked for again. A stream that is
// made anew names what the page shows by then.
const streams = [];
htmx.createEventSource = (path) => {
  const url = new URL(path, location.href);
  const seen = live()?.dataset.seen;
  if (seen) url.searchParams.set("seen", seen);
  const stream = new EventSource(url);
  stream.addEventListener("changed", (event) => {
    if (event.lastEventId === live()?.dataset.seen) return;
    newer = event.lastEventId;
    ask();
  });
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
