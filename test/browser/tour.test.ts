import { inFull } from '../support/size';
import { Stage } from './stage';

describe('the tour, in the browser', () => {
  inFull(
    'leads from the asking to the digest by its own buttons, sees each step, and stays closed',
    async () => {
      const stage = await Stage.open({ width: 1280, height: 900 }, undefined, { tour: true });
      const { page } = stage;
      const tour = page.locator('#tour');
      const press = (name: string) => tour.getByRole('button', { name, exact: true }).click();
      // A whole run lies between two steps.
      const isDone = (step: number) => tour.getByText(`Step ${step} of 5 · done`).waitFor({ timeout: 180_000 });
      try {
        await page.goto(stage.world.teamsUrl);
        await press('Write it for me');
        await page.keyboard.press('Enter');
        await isDone(1);
        await press('Next');
        await press('Go to the card');
        await isDone(2);
        await press('Next');
        await press('Be Grace');
        await stage.press(stage.lastCard('Publish ubuntu-22 1.6.0?'), 'Approve');
        await isDone(3);
        await press('Next');
        await press('Back to the card');
        await isDone(4);
        await press('Next');
        await stage.tell('/_sandbox/moments', { moments: await stage.world.moments() });
        await press('Go to the next digest');
        await isDone(5);
        await press('Finish');
        await page.reload();
        await page.locator('#composer textarea').waitFor();
        expect(await tour.isVisible()).toBe(false);
        await page.getByRole('button', { name: 'Tour', exact: true }).click();
        expect(await tour.isVisible()).toBe(true);
        expect(stage.problems).toEqual([]);
      } finally {
        await stage.close();
      }
    },
    600_000,
  );
});
