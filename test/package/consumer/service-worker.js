import { lines } from "./page.js";

addEventListener("message", (event) => {
  const [port] = event.ports;
  event.waitUntil(
    lines().then(
      (text) => port.postMessage(text),
      (error) => port.postMessage(`failed: ${error.message}`),
    ),
  );
});
