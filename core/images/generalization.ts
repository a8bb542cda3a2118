import type { ImageConfig } from '../catalogue';

type Recipe = Pick<ImageConfig, 'os' | 'customize'>;

/** What a recipe does to the script with which Image Builder generalizes the build machine after the last step. */
export interface LostScript {
  /** `C:\DeprovisioningScript.ps1`. */
  readonly path: string;
  /** The step that deletes or moves it. */
  readonly step: string;
}

/**
 * The file may be replaced, and must not be missing: on Windows the build fails at its end, after an hour or more. Read
 * from the lines of the recipe alone, so it finds what is written out, not what scripts from elsewhere do.
 *
 * @see https://learn.microsoft.com/azure/virtual-machines/linux/image-builder-json (generalize)
 */
const scripts: Readonly<
  Record<ImageConfig['os'], { readonly path: string; readonly named: RegExp; readonly swept: RegExp }>
> = {
  Windows: {
    path: 'C:\\DeprovisioningScript.ps1',
    named: /DeprovisioningScript\.ps1/i,
    // Everything in the root, or every script there.
    swept: /(?:C:|\$env:SystemDrive)\\\*(?:\.\*|\.ps1)?(?=$|[\s'",])/i,
  },
  // `rm -rf /tmp/*` is in many recipes and does no harm: Image Builder brings its own script afterwards.
  Linux: { path: '/tmp/DeprovisioningScript.sh', named: /\/tmp\/DeprovisioningScript\.sh/, swept: /(?!)/ },
};

const removes =
  /(?:^|[\s|({&])(?:Remove-Item|Move-Item|Rename-Item|ri|rm|rmdir|rd|del|erase|mi|move|mv|rni|ren|unlink|shred)(?=\s)/i;

/** Undefined while the recipe leaves the script alone, or writes it again after it has deleted it. */
export function lostScript({ os, customize }: Recipe): LostScript | undefined {
  const { path, named, swept } = scripts[os];
  let lost: LostScript | undefined;
  for (const step of customize) {
    for (const statement of statementsOf(step)) {
      const mentions = named.test(statement);
      const isGone = removes.test(statement) && (mentions || swept.test(statement));
      if (isGone) lost = { path, step: step.name ?? step.type };
      else if (mentions) lost = undefined;
    }
  }
  return lost;
}

/** Without comments. */
function statementsOf(step: Recipe['customize'][number]): readonly string[] {
  if (step.type === 'File') return [step.destination];
  if (!('inline' in step) || !step.inline) return [];
  const lines = step.inline.flatMap((text) => text.split('\n')).map((line) => line.replace(/(^|\s)#.*$/, ''));
  return lines.flatMap((line) => line.split(/;|&&|\|\|/));
}
