import { inFull } from '../support/size';
import { Stage } from './stage';

jest.setTimeout(150_000);

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ width: 1280, height: 1060 });
});
afterAll(() => stage?.close());

const breakTheImage = (set: unknown) => stage.tell('/_sandbox/guest', { image: 'ubuntu-22', set });

describe('the story of one image, in the browser', () => {
  it('is asked for, fails a test, is rebuilt, refused to its requester, approved by another, and shows', async () => {
    const { page } = stage;
    await breakTheImage({ services: { chrony: null } });
    await stage.goTo('Ada', 'Image Factory / General');
    await stage.write('@goldbot publish ubuntu-22');

    const broken = stage.lastCard('Needs repair: ubuntu-22 1.6.0');
    await broken.waitFor();
    expect(await broken.textContent()).toMatch(/time/);
    await stage.picture('repair', { height: 1660 });

    await breakTheImage(null);
    await stage.press(broken, 'Rebuild');
    await stage.lastCard('Waiting for approval: ubuntu-22 1.6.1').waitFor();

    await stage.goTo('Ada', 'Image Factory / approvals');
    const asked = stage.lastCard('Publish ubuntu-22 1.6.1?');
    await asked.waitFor();
    const ahead = (await stage.world.moments()).map(({ kind, name }) => `${kind} ${name}`);
    expect(ahead).toEqual(
      expect.arrayContaining(['digest payments', expect.stringMatching(/^end of an approval R-\w{5}$/)]),
    );
    await asked.getByText('You requested it: it waits for goldbot-approvers.').waitFor();
    expect(await asked.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0);

    await stage.goTo('Grace', 'Image Factory / approvals');
    await stage.picture('approval');
    await stage.press(stage.lastCard('Publish ubuntu-22 1.6.1?'), 'Approve');
    await stage.lastCard(/Approved: ubuntu-22 1\.6\.1|ubuntu-22 1\.6\.1.*approved/i).waitFor();
    expect(await page.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0);

    await stage.goTo('Ada', 'Image Factory / General');
    await stage.lastCard('Published ubuntu-22 1.6.1').waitFor();
    await stage.picture('story', { height: 1300 });
    await stage.write('@goldbot versions ubuntu-22');
    const versions = stage.lastCard(/4 versions/);
    await versions.waitFor();
    expect(await versions.textContent()).toMatch(/1\.6\.1[\s\S]*Latest[\s\S]*1\.5\.0[\s\S]*Aged/);
    await stage.picture('versions');
    expect(stage.problems).toEqual([]);
  });
});

describe('the story of a Windows image, in the browser', () => {
  inFull('is asked for, approved by another, and shows what Windows says it is', async () => {
    await stage.goTo('Ada', 'Image Factory / General');
    await stage.write('@goldbot publish windows-2022');
    await stage.lastCard('Waiting for approval: windows-2022 1.3.0').waitFor();

    await stage.goTo('Grace', 'Image Factory / approvals');
    const asked = stage.lastCard('Publish windows-2022 1.3.0?');
    await asked.waitFor();
    await stage.picture('windows-approval');
    await stage.press(asked, 'Approve');

    await stage.goTo('Ada', 'Image Factory / General');
    await stage.lastCard('Published windows-2022 1.3.0').waitFor();
    await stage.write('@goldbot show windows-2022');
    const version = stage.lastCard(/windows-2022 1\.3\.0\s+published/);
    await stage.press(version, 'Tattoo');
    await version
      .getByText(/Microsoft Windows Server 2022 Datacenter/)
      .first()
      .waitFor();
    await stage.picture('windows-version');
    expect(stage.problems).toEqual([]);
  });
});
