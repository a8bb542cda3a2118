/**
 * What goldbot's own identity may do in Azure: custom roles, each action with its reason, and where a catalogue needs
 * each of them. `npm run docs` writes deploy/roles/ and docs/roles.md from it; hints of errors and the looks before a
 * build name the role that is missing; tests hold it against every request that goldbot sends.
 */
export { assignCommand, createCommand, scopeFor, updateCommand } from './commands';
export { type Elsewhere, type RoleAt, rolesFor } from './places';
export { type AzureRole, azureRoles, type Right, roleWith } from './roles';
