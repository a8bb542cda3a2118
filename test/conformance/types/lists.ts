import { at, type Found, indexOf, type Property, type Ref } from './bicep';

/** Words of every open list (known words, and any other) within a resource type, by `ObjectType.property`. */
export function openListsOf({ types, body }: Found): ReadonlyMap<string, readonly string[]> {
  const lists = new Map<string, readonly string[]>();
  const seen = new Set<number>();
  const properties = (owner: string, members: Record<string, Property>) => {
    for (const [name, { type }] of Object.entries(members)) walk(type, `${owner}.${name}`);
  };
  const walk = (ref: Ref, name: string): void => {
    const type = at(types, ref);
    if (type.$type === 'ArrayType') walk(type.itemType, name);
    if (type.$type === 'UnionType') {
      const members = type.elements.map((element) => at(types, element));
      const words = members.flatMap((member) => (member.$type === 'StringLiteralType' ? [member.value] : []));
      const open = members.some(({ $type }) => $type === 'StringType');
      if (open && words.length > 0) lists.set(name, words);
    }
    if (seen.has(indexOf(ref))) return;
    seen.add(indexOf(ref));
    if (type.$type === 'ObjectType') properties(type.name, type.properties);
    if (type.$type === 'DiscriminatedObjectType') {
      properties(type.name, type.baseProperties);
      for (const element of Object.values(type.elements)) walk(element, type.name);
    }
  };
  walk(body, '');
  return lists;
}
