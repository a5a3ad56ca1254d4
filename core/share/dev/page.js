// Draws the page anew when something changed, but not under somebody's hands.
const events = new EventSource("/events");
events.onmessage = () => {
  const busy = document.activeElement;
  if (busy && /^(INPUT|TEXTAREA|SELECT)$/.test(busy.tagName) && busy.value !== busy.defaultValue) return;
  events.close();
  location.reload();
};
