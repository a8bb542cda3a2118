metadata description = 'The gallery and its image definitions. Versions are goldbot\'s to make.'

import { imageDefinition } from 'types.bicep'

@description('Region of the gallery; the first replica of every version is here.')
param location string

@description('Name of the gallery: letters, digits, dots and underscores.')
param galleryName string

@description('What is built.')
param definitions imageDefinition[]

@description('Keep deleted versions for seven days. Only the subscription\'s owner may switch it on, after the feature Microsoft.Compute/SIGSoftDelete is registered; it is a preview, and not in national clouds. A version whose build failed cannot be deleted while it is on; scale sets in flexible mode cannot use such a gallery; one replica a region is billed until the seven days are over; the number of a deleted version stays taken; and machines that name a deleted version go on being made from it.')
param softDelete bool

@description('Make the gallery for direct sharing, which cannot be decided later: Azure refuses to change it of a gallery that is there. A preview that the subscription registers for; not in national clouds; versions that are encrypted with own keys cannot be in it.')
param directSharing bool

@description('Nobody deletes the gallery, its definitions or its versions: goldbot neither, so `retire` and the removal of failed candidates are refused until the lock is gone.')
param lockGallery bool

@description('Tags of everything that is made.')
param tags object

resource gallery 'Microsoft.Compute/galleries@2024-03-03' = {
  name: galleryName
  location: location
  tags: tags
  properties: {
    description: 'Golden images, published by goldbot.'
    ...(directSharing ? { sharingProfile: { permissions: 'Groups' } } : {})
    ...(softDelete ? { softDeletePolicy: { isSoftDeleteEnabled: true } } : {})
  }
}

resource images 'Microsoft.Compute/galleries/images@2024-03-03' = [
  for definition in definitions: {
    parent: gallery
    name: definition.name
    location: location
    tags: tags
    properties: {
      description: definition.title
      identifier: {
        publisher: definition.publisher
        offer: definition.offer
        sku: definition.sku
      }
      osType: definition.os
      osState: 'Generalized'
      hyperVGeneration: definition.generation
      architecture: definition.architecture
      ...(definition.securityType == 'None'
        ? {}
        : { features: [{ name: 'SecurityType', value: definition.securityType }] })
    }
  }
]

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (lockGallery) {
  scope: gallery
  name: 'goldbot-gallery'
  properties: {
    level: 'CanNotDelete'
    notes: 'Golden images. goldbot cannot retire versions while this lock is here.'
  }
}

output galleryId string = gallery.id
