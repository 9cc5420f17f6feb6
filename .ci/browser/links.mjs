// The other pages that links in mails open.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Reader } from './reader.mjs';
import { account, advance, BASE, linkOf, mail } from './service.mjs';
import { textsOf } from './texts.mjs';

export function links(locale, browser) {
  const { say } = textsOf(locale);

  test(`${locale}: an address is confirmed with one click`, async () => {
    const { owner, say: olga } = await account(locale);
    const reader = await Reader.open(browser());
    const { page } = reader;
    const link = linkOf(await mail(owner.email, 'verify_email'), 'verify-email');
    await reader.goto(link);
    await reader.reads(locale, say('verify-heading'), owner.email, say('verify-explanation'));
    assert.equal(await page.title(), say('verify-title'));
    assert.equal((await olga(200, 'GET', '/v1/me')).email_verified, false);
    await page.getByRole('button', { name: say('verify-button'), exact: true }).click();
    await reader.reads(locale, say('verify-success-heading'), say('verify-success'));
    assert.equal((await olga(200, 'GET', '/v1/me')).email_verified, true);
    await reader.close();
  });

  test(`${locale}: links that lead nowhere say what to do`, async () => {
    const reader = await Reader.open(browser(), { languages: locale });
    const { page } = reader;
    for (const [path, texts, help] of [
      ['verify-email', 'verify', null],
      ['reset-password', 'reset', 'forgot-password'],
      ['confirm-sign-in', 'confirm', 'new-link'],
    ]) {
      await reader.goto(`${BASE}/${path}?token=46f_hxVXCbvrLdJBViufgWFI0Wb6r6If0rGEEIaTRFo`);
      await reader.reads(locale, say(`${texts}-not-found-heading`), say(`${texts}-not-found`));
      if (!help) continue;
      await page.getByRole('link', { name: say(help), exact: true }).click();
      await reader.reads(locale, say('forgot-password'), say('forgot-explanation'));
    }
    await reader.close();
  });

  test(`${locale}: a link that has expired says how to get a new one`, async () => {
    const { owner } = await account(locale);
    const reader = await Reader.open(browser());
    const link = linkOf(await mail(owner.email, 'verify_email'), 'verify-email');
    await advance(24 * 365);
    await reader.goto(link);
    await reader.reads(locale, say('verify-expired-heading'), say('verify-expired'));
    await reader.close();
  });
}
