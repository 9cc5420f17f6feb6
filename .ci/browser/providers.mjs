// An invitation that is accepted with Google: only the invited address signs in there.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Reader } from './reader.mjs';
import { account, linkOf, mail, signIn, PASSWORD } from './service.mjs';
import { LOCALES, textsOf } from './texts.mjs';

const provider = 'Google';

export function providers(locale, browser) {
  const { say } = textsOf(locale);
  const other = LOCALES.find((one) => one !== locale);

  test(`${locale}: an invitation is accepted with Google, by the invited address alone`, async () => {
    const tracker = await account(other);
    const account_name = tracker.name;
    const email = `gina-${locale}@example.com`;
    const invitation = await tracker.invite(email, 'member', locale);
    const gina = await Reader.open(browser());
    const { page } = gina;
    await gina.goto(invitation.link);
    await page.getByLabel(say('accept-name-label'), { exact: true }).fill('Gina');
    await page.getByRole('button', { name: say('accept-provider-button', { provider }), exact: true }).click();
    await gina.reads(
      locale,
      say('accept-success-heading', { account_name }),
      say('accept-provider-success', { provider, email }),
      say('accept-provider-next', { provider }),
    );

    const asked = await mail(email, 'sso_confirmation');
    assert.equal(asked.locale, locale);
    const link = linkOf(asked, 'confirm-sign-in');
    const go = async (act) => {
      await gina.goto(link);
      const told = [say('confirm-explanation', { account_name, provider }), email, say('confirm-next', { provider })];
      await gina.reads(locale, say('confirm-heading', { provider }), ...told);
      assert.equal(await page.title(), say('confirm-title', { account_name, provider }));
      await page.getByRole('button', { name: say('confirm-button', { provider }), exact: true }).click();
      await page.getByRole('heading', { name: 'Sign in with Google' }).waitFor();
      await act();
    };
    const as = (address) => async () => {
      await page.getByLabel('E-mail address').fill(address);
      await page.getByRole('button', { name: 'Sign in' }).click();
    };
    const reads = (key) => gina.reads(locale, say(`${key}.heading`), say(`${key}.text`), say(`${key}.next`));

    await go(() => page.getByRole('button', { name: 'Cancel' }).click());
    await reads('failed-sso_failed');
    await go(as('somebody.else@example.com'));
    await reads('failed-identity_mismatch');
    await go(as(email));
    await gina.reads(
      locale,
      say('confirmed-heading', { provider }),
      say('confirmed', { provider, account_name, name: 'Gina' }),
      say('confirmed-next'),
    );
    const user = await tracker.user(invitation.user_id);
    assert.deepEqual([user.status, user.sign_in, user.email], ['active', 'google', email]);
    await signIn(401, email, PASSWORD, tracker.slug);

    await gina.close();

    // That link works once. Whose it was is not known any more: the page is in the browser's language.
    const again = await Reader.open(browser(), { languages: locale });
    await again.goto(link);
    await again.reads(locale, say('confirm-not-found-heading'), say('confirm-not-found'), say('new-link'));
    await again.close();
  });
}
