// The least that answers: node:http takes the activity and posts one reply. Nothing is checked, nothing is kept.
const { Agent, createServer, request } = require('node:http');

const agent = new Agent({ keepAlive: true });

function reply({ serviceUrl, conversation, text }) {
  const { host, pathname } = new URL(`v3/conversations/${conversation.id}/activities`, serviceUrl);
  const [hostname, port] = host.split(':');
  const body = JSON.stringify({ type: 'message', text: `echo ${text}` });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((done, fail) => {
    const sent = request({ agent, hostname, port, path: pathname, method: 'POST', headers }, (answer) =>
      answer.resume().once('end', done),
    );
    sent.once('error', fail).end(body);
  });
}

const server = createServer((asked, response) => {
  const chunks = [];
  asked.on('data', (chunk) => chunks.push(chunk));
  asked.on('end', async () => {
    await reply(JSON.parse(Buffer.concat(chunks).toString()));
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`the echo serves ${server.address().port}\n`));
