// Another team makes roles and assignments, from docs/roles.md. Nothing here needs more than Contributor.
using 'main.bicep'

param environmentName = 'contoso'
param location = 'westeurope'
param manageRoles = false
param locks = false
