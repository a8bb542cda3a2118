/** @throws when it has not come within 20 s of machine time. */
export async function until(come: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await come())) {
    if (Date.now() > deadline) throw new Error('it did not come');
    await new Promise((done) => setTimeout(done, 50));
  }
}
