metadata description = 'Types that several templates share.'

@export()
@description('An image definition of the gallery: what its versions are of. Nothing of it but the title can be changed later.')
type imageDefinition = {
  @description('Its name; `imageDefinition` in the image\'s file of the catalogue.')
  name: string

  @description('What people read.')
  title: string

  @description('Operating system of its versions.')
  os: 'Linux' | 'Windows'

  @description('With offer and sku unique within the gallery. Machines show these three; they need not be those of the base.')
  publisher: string
  offer: string
  sku: string

  @description('Must be that of the base. Gen2 is needed for trusted launch.')
  generation: 'V1' | 'V2'

  @description('Must be that of the base.')
  architecture: 'x64' | 'Arm64'

  @description('What the machines may be. `TrustedLaunchSupported` takes both kinds of machines; Azure\'s own default differs between API versions, so it is always said.')
  securityType: 'None' | 'TrustedLaunch' | 'TrustedLaunchSupported' | 'ConfidentialVmSupported'
}

@export()
@description('A custom role, as `az role definition create --role-definition` takes it.')
type customRole = {
  Name: string
  Description: string
  Actions: string[]
  NotActions: string[]
  DataActions: string[]
  NotDataActions: string[]?
  AssignableScopes: string[]?
}

@export()
@description('How many replicas run.')
type replicaCount = {
  @minValue(1)
  least: int
  @minValue(1)
  @maxValue(30)
  most: int
}
