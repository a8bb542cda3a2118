// What Microsoft's samples of botbuilder and restify do, and nothing else. Without MicrosoftAppId: nobody's token is checked.
const { CloudAdapter, ConfigurationBotFrameworkAuthentication } = require('botbuilder');
const restify = require('restify');

const { MicrosoftAppId, MicrosoftAppTenantId } = process.env;
const identity = MicrosoftAppId ? { MicrosoftAppId, MicrosoftAppTenantId, MicrosoftAppType: 'UserAssignedMSI' } : {};
const adapter = new CloudAdapter(new ConfigurationBotFrameworkAuthentication(identity));
const server = restify.createServer();
server.use(restify.plugins.bodyParser());
server.post('/api/messages', async (request, response) => {
  await adapter.process(request, response, (context) => context.sendActivity(`echo ${context.activity.text}`));
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`the echo serves ${server.address().port}\n`));
