import type { ImageConfig } from '../../core/catalogue';
import { type Tattoo, tattooFile, tattooPath } from '../../core/images';
import type { FixedPlan, RequestId } from '../../core/runs';

/** Stands for the OS until the guest has said what it is: only the guest knows. */
export const osUnread = 'unread';

/** The tattoo as far as it is known before the guest is read. `built` is ISO 8601. */
export function tattooOf(plan: FixedPlan, run: RequestId, built: string): Tattoo {
  const { publisher, offer, sku, version } = plan.base;
  return {
    schema: '1',
    image: plan.image,
    version: plan.version,
    source: `${publisher}:${offer}:${sku}:${version}`,
    os: osUnread,
    built,
    run,
    recipe: plan.recipeHash,
  };
}

/** The last customizer: burns the tattoo into the image, with the OS as the guest itself names it. */
export function tattooCustomizer(tattoo: Tattoo): ImageConfig['customize'][number] {
  const lines = tattooFile(tattoo).trimEnd().split('\n');
  const known = lines.map((l) => (l.startsWith('os=') ? 'os=%s' : l.replaceAll('%', '%%'))).join('\\n');
  return {
    type: 'Shell',
    name: 'tattoo',
    inline: [
      `sudo mkdir -p ${tattooPath.slice(0, tattooPath.lastIndexOf('/'))}`,
      `printf '${known}\\n' "$(sed -n 's/^PRETTY_NAME="\\(.*\\)"$/\\1/p' /etc/os-release)" | sudo tee ${tattooPath} > /dev/null`,
      `sudo chmod 0444 ${tattooPath}`,
    ],
  };
}
