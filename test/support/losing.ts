/** Each step's commit is lost once: a replica that dies there has done the step's work to Azure, and told nobody. */
export function losingEachCommitOnce() {
  const lost = new Set<string>();
  return async (boundary: string, { run }: { run: { id: string; version: number } }): Promise<void> => {
    const step = `${run.id}:${run.version}`;
    if (boundary !== 'before commit' || lost.has(step)) return;
    lost.add(step);
    throw new Error('the replica died');
  };
}
