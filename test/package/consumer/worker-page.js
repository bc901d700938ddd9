// A page that leaves the work to workers.
const kind = new URLSearchParams(location.search).get("kind");

async function fromWorker() {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
}

async function fromServiceWorker() {
  await navigator.serviceWorker.register("./service-worker.js", { type: "module" });
  await navigator.serviceWorker.ready;
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  active.postMessage("lines", [port2]);
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
  });
}

(kind === "service" ? fromServiceWorker() : fromWorker()).then(
  (text) => {
    document.documentElement.dataset.result = text;
  },
  (error) => {
    document.documentElement.dataset.result = `failed: ${error.message}`;
  },
);
