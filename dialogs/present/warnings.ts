import { capital, day } from '../../cards';
import { sourceName, sourcePlace } from '../../core/build-source';
import { type BaseNews, compareVersions, lostScript } from '../../core/images';
import type { FixedPlan } from '../../core/runs';

type Numbers = Pick<FixedPlan, 'version' | 'previousVersion'>;

/** The version that stays the latest when this one is published: to Azure, the highest number, not the newest. */
export function staysLatest({ version, previousVersion }: Numbers): string | undefined {
  return previousVersion !== null && compareVersions(version, previousVersion) < 0 ? previousVersion : undefined;
}

/** The same as a warning. */
export function notLatestWarning(plan: Numbers): string | undefined {
  const latest = staysLatest(plan);
  return latest && `${plan.version} will not be the latest: Azure takes the highest number, which is ${latest}.`;
}

/** A recipe that takes from Image Builder what it generalizes the machine with; undefined for any other. */
export function lostScriptWarning({ image, recipe }: Pick<FixedPlan, 'image' | 'recipe'>): string | undefined {
  const lost = lostScript(recipe);
  if (!lost) return undefined;
  return `The step ${lost.step} deletes ${lost.path}, with which Image Builder generalizes the machine after the last step: the build will fail at its end. Leave that file alone in the recipe of ${image}.`;
}

/** What was found after the plan had chosen its base. */
export function newerBaseSentence(plan: FixedPlan | null, newer: string): string {
  const place = plan ? sourcePlace(plan.base) : 'the marketplace';
  return `${capital(place)} has a newer base: ${newer}.`;
}

/** What those who decide must know of a base that is no more what it was when the version was built. */
export function baseNewsWarning({ base, version }: FixedPlan, news: BaseNews): string {
  const said =
    news.why === 'withdrawn'
      ? news.said
      : `The base ${sourceName(base)} ${base.version} has been past its end of life since ${day(news.at)}.`;
  return `${said} ${version} was built from it before that: approve it all the same, or reject it and rebuild it from another base.`;
}

/** What people must know about a base whose end is near: its publisher has announced it, or its gallery says when. */
export function retiringWarning({ base, baseDeprecation }: FixedPlan): string | undefined {
  if (!baseDeprecation) return undefined;
  const { at, alternative } = baseDeprecation;
  if (base.kind !== undefined) {
    const end = at === undefined ? 'is near' : `is ${day(at)}`;
    return `The end of life of the base ${sourceName(base)} ${base.version} ${end}: what is made from it needs a newer one by then.`;
  }
  const when = at === undefined ? 'soon' : `on ${day(at)}`;
  const instead = alternative === undefined ? '' : ` It names the ${alternative} instead.`;
  return `${base.publisher} deprecates the base ${base.version} ${when}; nothing new can be built from it then.${instead}`;
}
