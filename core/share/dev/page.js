// Draws the page anew when something changed, but not under somebody's hands.
let sending = false;
addEventListener("submit", () => { sending = true; });
const events = new EventSource("/events");
events.onmessage = () => {
  if (sending) return;
  const busy = document.activeElement;
  if (busy && /^(INPUT|TEXTAREA|SELECT)$/.test(busy.tagName) && busy.value !== busy.defaultValue) return;
  events.close();
  location.reload();
};
