/**
 * Who may do what: people's roles by Entra group and image, and which team a machine belongs to (tag before resource
 * group before subscription before management group). Pure; dialogs ask the `Directory` port about memberships.
 */
export {
  approverGroups,
  type Caller,
  type Person,
  personOf,
  type Rights,
  rightsOf,
  rightsOfProgram,
  roleGroups,
} from './people';
export {
  type ManagementGroups,
  type Mapped,
  type Ownership,
  placeKey,
  placeOf,
  scopeKey,
  scopeOf,
  teamFinder,
  teamOf,
  teamTags,
} from './teams';
