/** Somebody as Entra knows them: the object id says who it is, the name is for people to read. */
export interface Person {
  /** Entra object id in lower case, so that ids are compared as they are. */
  readonly oid: string;
  readonly name: string;
}

/** A person who speaks to goldbot, with the tenant that Teams vouches for. */
export interface Caller extends Person {
  readonly tenantId: string;
}

/** The one way from an object id, as Teams or Entra write it, to a person. */
export function personOf(objectId: string, name: string): Person {
  return { oid: objectId.toLowerCase(), name };
}
