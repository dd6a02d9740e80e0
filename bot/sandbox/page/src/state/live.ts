import { applyFrames, setConnected, type Frame } from "./store";

const RETRY_MS = [250, 500, 1000, 2000, 4000];
const BATCH_MS = 10;

let attempts = 0;
let queue: Frame[] = [];

/** Opens the live connection and keeps it: each new one begins with a whole snapshot. */
export function connect(): void {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/live`);
  socket.addEventListener("message", (event) => {
    attempts = 0;
    queue.push(JSON.parse(String(event.data)) as Frame);
    if (queue.length === 1) setTimeout(flush, BATCH_MS);
  });
  socket.addEventListener("close", () => {
    setConnected(false);
    retryLater();
  });
}

function flush(): void {
  const frames = queue;
  queue = [];
  applyFrames(frames);
}

function retryLater(): void {
  const wait = RETRY_MS[Math.min(attempts, RETRY_MS.length - 1)] ?? 4000;
  attempts += 1;
  setTimeout(connect, wait);
}
