// The peer of B8: what Microsoft's samples of botbuilder and restify do, and nothing else.
const { CloudAdapter, ConfigurationBotFrameworkAuthentication } = require('botbuilder');
const restify = require('restify');

const { MicrosoftAppId, MicrosoftAppTenantId } = process.env;
const settings = { MicrosoftAppId, MicrosoftAppTenantId, MicrosoftAppType: 'UserAssignedMSI' };
const adapter = new CloudAdapter(new ConfigurationBotFrameworkAuthentication(settings));
const server = restify.createServer();
server.use(restify.plugins.bodyParser());
server.post('/api/messages', async (request, response) => {
  await adapter.process(request, response, (context) => context.sendActivity(`echo ${context.activity.text}`));
});
server.listen(0, '127.0.0.1', () => process.stdout.write('the echo serves\n'));
