// Refuses, in several subscriptions, and lets guest configuration look inside.
using 'main.bicep'

param location = 'westeurope'
param galleries = ['/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-golden-images/providers/Microsoft.Compute/galleries/gold']
param buildGroupName = 'rg-image-builds'
param stagingGroupNames = ['rg-image-staging-ubuntu-22']
param subscriptions = [
  '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001'
  '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1002'
]
param goldenImages = 'deny'
param machineTags = 'deny'
param teamTag = { name: 'team', values: ['payments', 'web', 'data', 'legacy'] }
param guestConfiguration = true
