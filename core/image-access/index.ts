/**
 * Who may do what with an image in Azure itself: which role, assigned where, gives somebody the right to view, create or
 * delete its versions, and with whom its gallery is shared. Pure; services/access reads it, `access` tells it.
 */
export { type GrantAsked, grantName, type ImageRole, imageRoles, isExactly, makeRoleCommand } from './grants';
export {
  type Assignment,
  actionOf,
  type GallerySharing,
  type Holding,
  holdings,
  type ImageRight,
  imageRights,
  type Principal,
  rightsAmong,
  type ScopeKind,
  scopeKind,
} from './holdings';
export type { AccessRead, AccessWrite, FoundRole } from './reads';
