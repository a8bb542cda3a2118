/**
 * Who may do what with an image in Azure itself: which role, assigned where, gives somebody the right to view, create or
 * delete its versions, and with whom its gallery is shared. Pure; services/access reads it, `access` tells it.
 */
export { grantName, type ImageRole, imageRoles, isExactly, makeRoleCommand } from './grants';
export {
  type Assignment,
  type GallerySharing,
  type Holding,
  holdings,
  type ImageRight,
  type Principal,
  rightsAmong,
  type ScopeKind,
  scopeKind,
} from './holdings';
export type { AccessRead, AccessWrite, SharingChange } from './reads';
export {
  guidOf,
  isSharedWith,
  refuseToShare,
  type Sharee,
  sharedImageId,
  shareesOf,
  shareeWords,
} from './shares';
