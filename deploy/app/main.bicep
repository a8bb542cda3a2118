metadata description = 'What is replaced with every version: goldbot in Container Apps, its registration as a bot with Teams, and alerts.'

targetScope = 'subscription'

import { replicaCount } from '../modules/types.bicep'

@description('Short name of this installation, as in the layer `platform`.')
@minLength(2)
@maxLength(12)
param environmentName string

@description('Region of everything; that of the database.')
param location string

@description('Tags of everything that is made, besides `application` and `azd-env-name`.')
param tags object = {}

@description('Resource group of goldbot itself.')
param goldbotGroupName string

@description('Id of goldbot\'s identity, which may pull from the registry and is in that group.')
param identityId string

@description('Id of the PostgreSQL server, of which that identity is administrator.')
param databaseId string

@description('Id of the registry that has the image.')
param registryId string

@description('Id of the Log Analytics workspace.')
param workspaceId string

@description('Id of Application Insights on that workspace, which takes no key: goldbot\'s identity is Monitoring Metrics Publisher of it. Empty: goldbot tells nothing of what it does, and there are no alerts and no workbook about that.')
param insightsId string = ''

@description('Id of the gallery; alerts are about it.')
param galleryId string

@description('Id of the subnet of goldbot, delegated to Microsoft.App/environments. Empty: Container Apps brings its own network.')
param appSubnetId string = ''

@description('goldbot\'s image with the catalogue in it, by digest: `<registry>/goldbot@sha256:…`.')
param image string

@description('Folder of the catalogue in the image.')
param catalogueFolder string = '/app/catalog'

@description('Ids of the tenants whose people goldbot serves. Anybody else is refused.')
@minLength(1)
param tenants string[] = [tenant().tenantId]

@description('Replicas. One is enough; two survive a node. Never none: schedules run in them.')
param replicas replicaCount = { least: 1, most: 2 }

@description('Processor cores and memory of each replica.')
param size { cores: string, memory: string } = { cores: '0.5', memory: '1Gi' }

@description('Whether replicas are spread over zones; needs `appSubnetId` and a region with zones, and cannot be changed later.')
param zoneRedundant bool = false

@description('The cloud of Azure, Entra and Teams.')
param cloud 'Public' | 'USGov' | 'USGovDoD' | 'China' = 'Public'

@description('Proxy for everything that goldbot sends to Azure, Entra, Microsoft Graph, Key Vault and Teams: http://host:port. One that asks for a password is not set here, where everybody could read it.')
param proxy string = ''

@description('Hosts that are reached without the proxy, separated by commas.')
param noProxy string = ''

@description('Certificates in PEM of the authority that the proxy, or whatever else opens TLS, signs with: `loadTextContent()` of a file. Deploy again when it changes.')
param certificateAuthority string = ''

@description('What signs webhooks: the variables that `programs.yaml` names under `secret`, and for each the address of a secret in Key Vault, `https://<vault>.vault.azure.net/secrets/<name>`. goldbot\'s identity has to be Key Vault Secrets User of it, as `webhooksSignedWith` of the layer `platform` makes it; Container Apps reads it anew within half an hour.')
param webhooks { variable: string, from: string }[] = []

@description('How much goldbot logs.')
param logLevel 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' = 'info'

@description('Days for which messages, requests and decisions of a run are kept once it is over: 90 at least, or `always`.')
param keepDays string = '400'

@description('What people read in Teams.')
param displayName string = 'goldbot'

@description('`F0` is free; `S1` has a service level.')
param botSku 'F0' | 'S1' = 'F0'

@description('Name under which goldbot is reached, if something stands before it (Front Door, Application Gateway, a domain of your own). It must be public: Teams comes from the internet.')
param publicHostName string = ''

@description('Addresses that are told when goldbot is in trouble.')
param alertEmails string[] = []

@description('Where your operators read the runbook, of which the text of each alert names its section: `https://<your repository>/docs/runbook.md`.')
param runbook string = 'docs/runbook.md'

@description('Id of an action group that is told. A new one with the addresses is made when empty.')
param existingActionGroupId string = ''

// What fits together only if one looks closer. All of it is told at once, before anything is made.
var mistakes = filter(
  [
    contains(image, '@sha256:') ? '' : 'image: “${image}” names no digest (…@sha256:…): a tag may be another image tomorrow.'
    zoneRedundant && empty(appSubnetId) ? 'zoneRedundant: only an environment in a network has zones; say appSubnetId.' : ''
    replicas.least > replicas.most ? 'replicas: there cannot be at least ${replicas.least} and at most ${replicas.most}.' : ''
    contains(publicHostName, '/') ? 'publicHostName: “${publicHostName}” is more than a name; leave https:// and paths out.' : ''
    empty(certificateAuthority) || contains(certificateAuthority, '-----BEGIN CERTIFICATE-----')
      ? ''
      : 'certificateAuthority: no certificate in PEM is in it; say the file\'s text, not its name.'
    contains(certificateAuthority, 'PRIVATE KEY')
      ? 'certificateAuthority: a private key is in it; certificates alone belong there.'
      : ''
    empty(filter(webhooks, one => !startsWith(one.variable, 'GOLDBOT_WEBHOOK_')))
      ? ''
      : 'webhooks: variables are called GOLDBOT_WEBHOOK_…, as in programs.yaml.'
    empty(filter(webhooks, one => !startsWith(one.from, 'https://') || !contains(one.from, '/secrets/')))
      ? ''
      : 'webhooks: say the address of a secret in Key Vault (https://…/secrets/…), never the secret itself.'
    contains(proxy, '@') ? 'proxy: a password in it could be read by everybody who sees the app; leave it out.' : ''
    empty(filter(tenants, id => length(id) != 36)) ? '' : 'tenants: they are ids, which are GUIDs.'
    contains(toLower(identityId), '/providers/microsoft.managedidentity/userassignedidentities/')
      ? ''
      : 'identityId: “${identityId}” is not the id of a user-assigned identity.'
    contains(toLower(databaseId), '/providers/microsoft.dbforpostgresql/flexibleservers/')
      ? ''
      : 'databaseId: “${databaseId}” is not the id of a PostgreSQL flexible server.'
    contains(toLower(registryId), '/providers/microsoft.containerregistry/registries/')
      ? ''
      : 'registryId: “${registryId}” is not the id of a registry.'
    empty(insightsId) || contains(toLower(insightsId), '/providers/microsoft.insights/components/')
      ? ''
      : 'insightsId: “${insightsId}” is not the id of Application Insights.'
  ],
  mistake => !empty(mistake)
)
var checkedName = empty(mistakes) ? environmentName : fail(join(mistakes, ' '))

var allTags = union(tags, { application: 'goldbot', 'azd-env-name': checkedName })
var unique = uniqueString(subscription().id, environmentName)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  scope: resourceGroup(split(identityId, '/')[2], split(identityId, '/')[4])
  name: last(split(identityId, '/'))
}

resource database 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' existing = {
  scope: resourceGroup(split(databaseId, '/')[2], split(databaseId, '/')[4])
  name: last(split(databaseId, '/'))
}

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' existing = {
  scope: resourceGroup(split(registryId, '/')[2], split(registryId, '/')[4])
  name: last(split(registryId, '/'))
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = if (!empty(insightsId)) {
  scope: resourceGroup(split(insightsId, '/')[?2] ?? subscription().subscriptionId, split(insightsId, '/')[?4] ?? goldbotGroupName)
  name: last(split(insightsId, '/'))
}

module app '../modules/container-app.bicep' = {
  scope: resourceGroup(goldbotGroupName)
  params: {
    location: location
    environmentName: 'cae-goldbot-${environmentName}'
    appName: 'goldbot-${environmentName}'
    subnetId: appSubnetId
    zoneRedundant: zoneRedundant
    image: image
    registryServer: registry.properties.loginServer
    identityId: identityId
    // These names are those of app/settings.ts; a test compares them. None of them is a secret.
    settings: [
      { name: 'MicrosoftAppId', value: identity.properties.clientId }
      { name: 'MicrosoftAppType', value: 'UserAssignedMSI' }
      { name: 'MicrosoftAppTenantId', value: tenant().tenantId }
      { name: 'GOLDBOT_TENANTS', value: join(tenants, ',') }
      {
        name: 'DATABASE_URL'
        value: 'postgresql://${identity.name}@${database.properties.fullyQualifiedDomainName}:5432/goldbot?sslmode=verify-full'
      }
      { name: 'GOLDBOT_CATALOG', value: catalogueFolder }
      { name: 'AZURE_CLIENT_ID', value: identity.properties.clientId }
      { name: 'LOG_LEVEL', value: logLevel }
      { name: 'GOLDBOT_KEEP_DAYS', value: keepDays }
      { name: 'GOLDBOT_CLOUD', value: cloud }
      // An address: whoever has it sends nothing without goldbot's identity, since local authentication is off.
      ...(empty(insightsId)
        ? []
        : [{ name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insights!.properties.ConnectionString }])
      ...(empty(proxy) ? [] : [{ name: 'HTTPS_PROXY', value: proxy }])
      ...(empty(noProxy) ? [] : [{ name: 'NO_PROXY', value: noProxy }])
    ]
    fromVault: webhooks
    certificates: certificateAuthority
    replicas: replicas
    size: size
    workspaceId: workspaceId
    tags: allTags
  }
}

var hostName = empty(publicHostName) ? app.outputs.hostName : publicHostName

module bot '../modules/bot.bicep' = {
  scope: resourceGroup(goldbotGroupName)
  params: {
    botName: 'bot-goldbot-${unique}'
    displayName: displayName
    sku: botSku
    hostName: hostName
    identityId: identityId
    workspaceId: workspaceId
    tags: allTags
  }
}

module alerts '../modules/alerts.bicep' = {
  scope: resourceGroup(goldbotGroupName)
  params: {
    prefix: 'goldbot-${environmentName}'
    emails: alertEmails
    existingActionGroupId: existingActionGroupId
    appId: app.outputs.appId
    databaseId: databaseId
    galleryId: galleryId
    goldbotClientId: identity.properties.clientId
    runbook: runbook
    tags: allTags
  }
}

module observe '../modules/observe.bicep' = if (!empty(insightsId)) {
  scope: resourceGroup(goldbotGroupName)
  params: {
    location: location
    prefix: 'goldbot-${environmentName}'
    insightsId: insightsId
    workspaceId: workspaceId
    actionGroupId: alerts.outputs.actionGroupId
    runbook: runbook
    tags: allTags
  }
}

@description('For `npm run package`: the bot\'s app id.')
output GOLDBOT_APP_ID string = identity.properties.clientId
@description('For `npm run package`: the name under which goldbot is reached.')
output GOLDBOT_HOST_NAME string = hostName
