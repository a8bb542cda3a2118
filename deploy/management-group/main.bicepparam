// az deployment mg create --management-group-id <group> --location <region> --parameters deploy/management-group/main.bicepparam
using 'main.bicep'

param platformSubscription = '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001'
param principalId = '0b1ec700-601d-4b07-8000-00000000b070'
param teamRoles = ['goldbot-classifier', 'goldbot-policy']
