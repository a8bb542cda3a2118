// The least that works: what azd deploys. Public addresses, guarded by Entra; one gallery with the images of the example catalogue.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')

var ubuntu = loadYamlContent('../../catalog/images/ubuntu-22.yaml')
var windows = loadYamlContent('../../catalog/images/windows-2022.yaml')

param imageDefinitions = [
  {
    name: ubuntu.imageDefinition
    title: ubuntu.title
    os: ubuntu.os
    publisher: 'contoso'
    offer: 'linux'
    sku: ubuntu.imageDefinition
    generation: 'V2'
    architecture: 'x64'
    securityType: 'TrustedLaunchSupported'
  }
  {
    name: windows.imageDefinition
    title: windows.title
    os: windows.os
    publisher: 'contoso'
    offer: 'windows'
    sku: windows.imageDefinition
    generation: 'V2'
    architecture: 'x64'
    securityType: 'TrustedLaunchSupported'
  }
]

// Leave out what goldbot shall not do (docs/roles.md); publishing takes the first three.
param buildingRoles = [
  'goldbot-planner'
  'goldbot-builder'
  'goldbot-publisher'
  'goldbot-log-reader'
  'goldbot-signer'
]

// The subscriptions whose machines goldbot counts, separated by commas; the one that builds, if nothing is said.
var teams = readEnvironmentVariable('GOLDBOT_TEAM_SUBSCRIPTIONS', '')
param teamSubscriptions = empty(teams)
  ? [readEnvironmentVariable('AZURE_SUBSCRIPTION_ID')]
  : map(split(teams, ','), id => trim(id))
