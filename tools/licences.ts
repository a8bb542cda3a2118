/** What is read of a CycloneDX document. */
export interface Bom {
  readonly metadata: { readonly timestamp?: string; readonly component: { readonly name: string } };
  readonly components: readonly Component[];
}

export interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly licenses?: readonly {
    readonly license?: { readonly id?: string; readonly name?: string };
    readonly expression?: string;
  }[];
}

/** Ask nothing of who ships goldbot but to name them: dist/licences.txt does. */
const allowed = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'Unlicense'];

/** Packages that say their licence elsewhere than in package.json. */
const said: Readonly<Record<string, string>> = {
  // In its Readme.md: "License: MIT".
  'escape-regexp-component@1.0.2': 'MIT',
};

/** As the package says it: ids of SPDX, expressions, or names. Empty: it says nothing. */
export function licencesOf(component: Component): readonly string[] {
  const own = (component.licenses ?? []).flatMap(
    ({ license, expression }) => expression ?? license?.id ?? license?.name ?? [],
  );
  const elsewhere = said[`${component.name}@${component.version}`];
  return own.length === 0 && elsewhere ? [elsewhere] : own;
}

/** Packages that must not be shipped, each as a sentence. */
export function licenceProblems({ components }: Pick<Bom, 'components'>): readonly string[] {
  return components.flatMap((component) => {
    const licences = licencesOf(component);
    const which = `${component.name} ${component.version}`;
    if (licences.length === 0) return [`${which} says no licence: look it up, and write it into tools/licences.ts.`];
    return licences.every(isAllowed)
      ? []
      : [`${which} is under ${licences.join(', ')}, which is not allowed (tools/licences.ts).`];
  });
}

/** Of alternatives one is enough; of what applies together all are needed. */
function isAllowed(licence: string): boolean {
  const bare = licence.replace(/^\((.*)\)$/, '$1');
  if (/[()]/.test(bare)) return false;
  if (bare.includes(' OR ')) return bare.split(' OR ').some(isAllowed);
  return bare.split(' AND ').every((id) => allowed.includes(id));
}
