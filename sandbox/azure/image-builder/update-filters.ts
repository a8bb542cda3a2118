import { holds } from '../guest/powershell';
import type { OfferedUpdate } from '../guest/windows/updates';
import { strings } from './admission';
import { type JsonObject, textOf } from './section';

const defaultFilters = ["exclude:$_.Title -like '*Preview*'", 'include:$true'];

/** Which updates a WindowsUpdate customizer takes, and what it says while it chooses. */
export function chosenUpdates(
  all: readonly OfferedUpdate[],
  given: JsonObject,
): { readonly taken: readonly OfferedUpdate[]; readonly said: readonly string[] } {
  const filters = strings(given['filters']);
  const rules = (filters.length > 0 ? filters : defaultFilters).map((rule) => ({
    takes: rule.startsWith('include:'),
    test: rule.replace(/^(?:in|ex)clude:/, ''),
  }));
  const limit = Number(given['updateLimit'] ?? 0) || 1_000;
  const criteria = textOf(given['searchCriteria']) || 'BrowseOnly=0 and IsInstalled=0';
  const said = criteria === 'BrowseOnly=0 and IsInstalled=0' ? [] : [`Search criteria: ${criteria}`];
  const taken: OfferedUpdate[] = [];
  for (const update of all) {
    const size = `${update.installedOn}; ${update.megabytes.toFixed(2)} MB`;
    const rule = rules.find(({ test }) =>
      holds(test, {
        Title: update.title,
        MaxDownloadSize: update.megabytes * 2 ** 20,
        KBArticleIDs: [update.id.slice(2)],
      }),
    );
    if (!rule?.takes) said.push(`Skipped (filter) Windows update (${size}): ${update.title} (${update.id})`);
    else if (taken.length < limit) {
      taken.push(update);
      said.push(`Found Windows update (${size}): ${update.title} (${update.id})`);
    }
  }
  if (taken.length === limit) said.push('Windows updates reached the limit of updates to install');
  return { taken, said };
}
