import { lines } from "./page.js";

lines().then(
  (text) => postMessage(text),
  (error) => postMessage(`failed: ${error.message}`),
);
