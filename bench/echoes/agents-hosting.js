// What Microsoft's samples of agents-hosting do, on the same server as the echo of botbuilder. Nobody's token is checked.
const { CloudAdapter } = require('@microsoft/agents-hosting');
const restify = require('restify');

const adapter = new CloudAdapter({});
const server = restify.createServer();
server.use(restify.plugins.bodyParser());
server.post('/api/messages', async (request, response) => {
  await adapter.process(request, response, (context) => context.sendActivity(`echo ${context.activity.text}`));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`the echo serves ${server.address().port}\n`));
