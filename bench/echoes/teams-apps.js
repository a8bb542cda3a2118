// What Microsoft's samples of teams.apps do: it brings its own server (express). Nobody's token is checked.
const { createServer } = require('node:http');
const { App, ExpressAdapter } = require('@microsoft/teams.apps');

const none = () => {};
const quiet = { debug: none, info: none, warn: none, error: none, log: none, child: () => quiet };
const server = createServer();
const httpServerAdapter = new ExpressAdapter(server, { logger: quiet });
const app = new App({ skipAuth: true, httpServerAdapter, logger: quiet });
// It asks Microsoft's token service on the internet, message by message, whether the sender has signed in: two seconds
// each where there is no way to it.
app.getUserToken = async () => undefined;
app.on('message', async ({ send, activity }) => {
  await send(`echo ${activity.text}`);
});
app
  .initialize()
  .then(() => server.listen(0, '127.0.0.1', () => process.stdout.write(`the echo serves ${server.address().port}\n`)));
