import { z } from 'zod';
import { canonical, hashOf, sha256 } from '../hash';
import { type Fingerprint, fingerprintDigest, type Tattoo, tattooFields, tattooHash } from '../images';
import { type Approval, type FixedPlan, type PublishRun, planHash, stepsOf } from '../runs';

/**
 * What goldbot states about a version that it publishes: in-toto's statement with SLSA's provenance. goldbot watched and
 * ordered the build and does not run it: this is a witness's word (SLSA Build L1, signed), not the builder's own.
 */

const digest = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const fields = z.record(z.string(), z.string());
const decision = z.object({
  oid: z.string(),
  name: z.string(),
  verdict: z.string(),
  at: z.string(),
  /** For which of several groups that decided in turn. */
  group: z.string().optional(),
  /** Whose place it took, who had passed it on. */
  inPlaceOf: z.object({ oid: z.string(), name: z.string() }).optional(),
});
const test = z.object({ name: z.string(), passed: z.boolean(), exitCode: z.number(), digest });
const material = z.object({ name: z.string(), uri: z.string().optional(), digest: digest.optional() });

const statementSchema = z.object({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  subject: z.tuple([z.object({ name: z.string(), digest })]),
  predicateType: z.literal('https://slsa.dev/provenance/v1'),
  predicate: z.object({
    buildDefinition: z.object({
      buildType: z.string(),
      externalParameters: z.object({
        image: z.string(),
        version: z.string(),
        source: z.string(),
        regions: z.array(z.string()),
        endOfLife: z.string().nullable(),
      }),
      internalParameters: z.object({
        planHash: z.string(),
        /** Of the version that was tested and approved. */
        fingerprint: fields,
        tattoo: fields,
      }),
      resolvedDependencies: z.array(material),
    }),
    runDetails: z.object({
      builder: z.object({ id: z.string() }),
      metadata: z.object({
        invocationId: z.string(),
        startedOn: z.string(),
        finishedOn: z.string(),
        goldbot_tests: z.array(test),
        goldbot_approval: z.object({
          id: z.string(),
          group: z.string(),
          quorum: z.number(),
          /** Groups that decided before that one, in their order. */
          first: z.array(z.object({ group: z.string(), quorum: z.number() })).optional(),
          /** Number of the change under which it was approved, in the enterprise's own records. */
          change: z.string().optional(),
          /** What of tests, approval rule and roles was not as the version before had it. */
          changes: z.array(z.string()).optional(),
          requestedBy: z.object({ oid: z.string(), name: z.string() }).nullable(),
          decisions: z.array(decision),
        }),
      }),
      /** The list of what is installed, by its digest, where goldbot has read one. */
      byproducts: z.array(material),
    }),
  }),
});

export type Statement = z.output<typeof statementSchema>;

/** The facts of a run that has been approved. */
export interface Certified {
  /** Id of the gallery version. */
  readonly versionId: string;
  readonly run: Pick<PublishRun, 'id' | 'attempt' | 'data' | 'actors' | 'createdAt'>;
  readonly plan: FixedPlan;
  readonly approval: Approval;
  readonly tattoo: Tattoo;
  readonly fingerprint: Fingerprint;
}

const buildType = 'urn:goldbot:image-version:v1';
const builder = 'urn:goldbot:builder:azure-image-builder';

/** The same facts give the same statement, byte for byte. */
export function statementOf(certified: Certified): Statement {
  const { versionId, run, plan, approval, tattoo, fingerprint } = certified;
  const packages = run.data.contents?.digest;
  const { image, version, regions, endOfLife } = plan;
  return {
    _type: 'https://in-toto.io/Statement/v1',
    // No interface of Azure tells a digest of a version: that of the tattoo inside stands for it.
    subject: [{ name: versionId.toLowerCase(), digest: { sha256: tattooHash(tattoo) } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType,
        externalParameters: {
          ...{ image, version, endOfLife },
          source: tattoo.source,
          regions: regions.map(({ name, replicas }) => `${name} ×${replicas}`),
        },
        internalParameters: { planHash: planHash(plan), fingerprint, tattoo: { ...tattoo } },
        resolvedDependencies: materialsOf(plan, tattoo),
      },
      runDetails: {
        builder: { id: builder },
        metadata: {
          invocationId: `${run.id}/${run.attempt}`,
          startedOn: run.createdAt.toISOString(),
          finishedOn: tattoo.built,
          goldbot_tests: testsOf(run, plan),
          goldbot_approval: approvalOf(run, approval),
        },
        byproducts: packages ? [{ name: 'packages', digest: { sha256: packages } }] : [],
      },
    },
  };
}

type Material = z.output<typeof material>;

function materialsOf({ recipe, recipeHash }: FixedPlan, { source }: Tattoo): Material[] {
  const fetched = [...recipe.customize, ...recipe.validate].flatMap((step): Material[] => {
    const { name, type } = step;
    const uri = 'scriptUri' in step ? step.scriptUri : 'sourceUri' in step ? step.sourceUri : undefined;
    if (uri === undefined) return [];
    const known = 'sha256Checksum' in step ? step.sha256Checksum : undefined;
    return [{ name: name ?? type, uri, ...(known && { digest: { sha256: known.toLowerCase() } }) }];
  });
  return [
    { name: 'base', uri: `urn:azure:image:${source}` },
    { name: 'recipe', digest: { sha256: recipeHash } },
    ...(recipe.template ? [{ name: 'template', digest: { sha256: recipe.template } }] : []),
    ...fetched,
  ];
}

function testsOf({ data }: Certified['run'], plan: FixedPlan): z.output<typeof test>[] {
  return (data.tests ?? []).map(({ name, passed, exitCode }) => {
    const { run, expect } = plan.tests.find((one) => one.name === name) ?? {};
    return { name, passed, exitCode, digest: { sha256: hashOf({ name, run, expect }) } };
  });
}

function approvalOf({ actors, data: { guard } }: Certified['run'], { id, rule, decisions, changeNumber }: Approval) {
  const requester = actors.find(({ did }) => did === 'requested');
  return {
    ...{ id, group: rule.group, quorum: rule.quorum },
    ...(rule.first && { first: rule.first.map(({ group, quorum }) => ({ group, quorum })) }),
    ...(changeNumber !== undefined && { change: changeNumber }),
    ...(guard && { changes: [...guard] }),
    requestedBy: requester ? { oid: requester.oid, name: requester.name } : null,
    decisions: decisions.map(({ oid, name, verdict, at, turn, inPlaceOf }) => ({
      ...{ oid, name, verdict, at: at.toISOString() },
      ...(rule.first && { group: stepsOf(rule)[turn ?? 0]?.group }),
      ...(inPlaceOf && { inPlaceOf: { oid: inPlaceOf.oid, name: inPlaceOf.name } }),
    })),
  };
}

/** The text that is signed. */
export function payloadOf(statement: Statement): string {
  return canonical(statement);
}

/** SHA-256 of a payload in hex: what stands in the version's tag. */
export function digestOf(payload: string): string {
  return sha256(payload);
}

/** Undefined when the payload is no statement of goldbot's. */
export function parseStatement(payload: string): Statement | undefined {
  try {
    return statementSchema.safeParse(JSON.parse(payload)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The tattoo that the statement names; undefined when it is not whole. */
export function tattooIn({ predicate }: Statement): Tattoo | undefined {
  const { tattoo } = predicate.buildDefinition.internalParameters;
  return tattooFields.every((field) => tattoo[field] !== undefined) ? (tattoo as unknown as Tattoo) : undefined;
}

/** The fingerprint that the statement names, as one digest. */
export function fingerprintIn({ predicate }: Statement): string {
  return fingerprintDigest(predicate.buildDefinition.internalParameters.fingerprint);
}
