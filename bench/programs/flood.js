// Sends activities with forged tokens at a steady rate, and tells its parent how many were refused. Each must be.
const { Agent, request } = require('node:http');

const { url, forged, perSecond, floodMs } = JSON.parse(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const headers = { authorization: `Bearer ${forged}`, 'content-type': 'application/json', 'content-length': 2 };
let [sent, refused, open] = [0, 0, 0];

function send() {
  open += 1;
  const asked = request(url, { agent, method: 'POST', headers }, (answer) => {
    open -= 1;
    answer.resume();
    if (answer.statusCode !== 401) throw new Error(`a forged token was answered with ${answer.statusCode}`);
    refused += 1;
  });
  asked.once('error', () => {
    open -= 1;
  });
  asked.end('{}');
}

const begun = performance.now();
const timer = setInterval(() => {
  const elapsed = performance.now() - begun;
  if (elapsed >= floodMs) {
    clearInterval(timer);
    process.send(refused, () => process.exit(0));
    return;
  }
  // Whoever floods waits for nobody, but a machine that cannot keep up is not to be measured by a queue.
  while (sent < (elapsed * perSecond) / 1_000 && open < 256) {
    send();
    sent += 1;
  }
}, 5);
