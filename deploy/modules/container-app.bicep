metadata description = 'goldbot in Container Apps: always at least one replica, since its schedules run in it, and as many more as wanted, since work is leased in the database.'

import { replicaCount } from 'types.bicep'

@description('Region of the app.')
param location string

@description('Name of the environment.')
param environmentName string

@description('Name of the app; part of its address.')
param appName string

@description('Id of the subnet for a private network; the environment has none of its own when empty.')
param subnetId string

@description('Whether replicas are spread over zones; needs a network and a region with zones, and cannot be changed later.')
param zoneRedundant bool

@description('goldbot\'s image, by digest: `registry.azurecr.io/goldbot@sha256:…`.')
param image string

@description('Where the image is pulled from.')
param registryServer string

@description('Id of goldbot\'s identity.')
param identityId string

@description('What goldbot reads at its start.')
param settings { name: string, value: string }[]

@description('Variables that hold what stands in Key Vault, by its address; goldbot\'s identity reads it.')
param fromVault { variable: string, from: string }[]

@description('Certificates in PEM, as a file that goldbot reads at its start; none when empty.')
param certificates string

@description('Replicas. One is enough; two survive a node.')
param replicas replicaCount

@description('Processor cores and memory of each; Container Apps takes pairs in which a core has two GiB.')
param size { cores: string, memory: string }

@description('Where logs go.')
param workspaceId string

@description('Tags of everything that is made.')
param tags object

// Container Apps takes small letters, digits and hyphens alone.
func referenceName(variable string) string => 'vault-${uniqueString(variable)}'

var port = 3978
// Container Apps mounts nothing but storage and its own secrets; these certificates are no secret. They are read at the
// start alone, so that others are a new revision: their folder has another name.
var authority = { secret: 'authority', folder: '/etc/goldbot/${uniqueString(certificates)}', file: 'authority.pem' }
var hasAuthority = !empty(certificates)

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: environmentName
  location: location
  tags: tags
  properties: {
    // Through diagnostic settings: the other way would need the workspace's key.
    appLogsConfiguration: { destination: 'azure-monitor' }
    zoneRedundant: zoneRedundant
    workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }]
    ...(empty(subnetId) ? {} : { vnetConfiguration: { infrastructureSubnetId: subnetId, internal: false } })
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: environment
  name: 'goldbot'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource app 'Microsoft.App/containerApps@2025-01-01' = {
  name: appName
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      // A new revision is ready before the old one is stopped; for a moment both work, each on what it has leased.
      activeRevisionsMode: 'Single'
      maxInactiveRevisions: 5
      ingress: {
        external: true
        targetPort: port
        transport: 'http'
        allowInsecure: false
        traffic: [{ latestRevision: true, weight: 100 }]
      }
      registries: [{ server: registryServer, identity: identityId }]
      #disable-next-line use-secure-value-for-secure-inputs // Certificates are public; as a secure parameter they would hide what is foretold.
      secrets: concat(
        hasAuthority ? [{ name: authority.secret, value: certificates }] : [],
        map(fromVault, one => { name: referenceName(one.variable), keyVaultUrl: one.from, identity: identityId })
      )
    }
    template: {
      // goldbot gives turns eight seconds and lets the steps in progress finish; a lease lasts 25.
      terminationGracePeriodSeconds: 60
      containers: [
        {
          name: 'goldbot'
          image: image
          resources: { cpu: json(size.cores), memory: size.memory }
          env: concat(
            settings,
            [{ name: 'PORT', value: string(port) }],
            hasAuthority ? [{ name: 'NODE_EXTRA_CA_CERTS', value: '${authority.folder}/${authority.file}' }] : [],
            map(fromVault, one => { name: one.variable, secretRef: referenceName(one.variable) })
          )
          volumeMounts: hasAuthority ? [{ volumeName: authority.secret, mountPath: authority.folder }] : []
          probes: [
            {
              type: 'Startup'
              httpGet: { path: '/livez', port: port, scheme: 'HTTP' }
              periodSeconds: 6
              failureThreshold: 10
              timeoutSeconds: 2
            }
            {
              type: 'Liveness'
              httpGet: { path: '/livez', port: port, scheme: 'HTTP' }
              periodSeconds: 10
              failureThreshold: 6
              timeoutSeconds: 2
            }
            {
              // Looks at the database, and says no while goldbot shuts down.
              type: 'Readiness'
              httpGet: { path: '/readyz', port: port, scheme: 'HTTP' }
              periodSeconds: 5
              failureThreshold: 2
              timeoutSeconds: 3
            }
          ]
        }
      ]
      volumes: hasAuthority
        ? [
            {
              name: authority.secret
              storageType: 'Secret'
              secrets: [{ secretRef: authority.secret, path: authority.file }]
            }
          ]
        : []
      scale: {
        minReplicas: replicas.least
        maxReplicas: replicas.most
        rules: [{ name: 'messages', http: { metadata: { concurrentRequests: '50' } } }]
      }
    }
  }
}

output hostName string = app.properties.configuration.ingress.fqdn
output appId string = app.id
