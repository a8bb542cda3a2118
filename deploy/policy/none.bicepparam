// Another team owns Azure Policy: nothing is made.
using 'main.bicep'

param deployPolicies = false
param location = 'westeurope'
param galleries = ['/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourceGroups/rg-golden-images/providers/Microsoft.Compute/galleries/gold']
param buildGroupName = 'rg-image-builds'
