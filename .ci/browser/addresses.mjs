// A change of address: the new one confirms, its owner accepts on the portal's page, the old one takes it back.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Reader } from './reader.mjs';
import { account, BASE, linkOf, mail, PASSWORD, signIn } from './service.mjs';
import { textsOf } from './texts.mjs';

export function addresses(locale, browser) {
  const { say } = textsOf(locale);

  test(`${locale}: an address is changed with the accept button and put back`, async () => {
    const { owner, name, say: olga } = await account(locale);
    const wanted = `new-${owner.email}`;
    await olga(202, 'POST', '/v1/me/email', { email: wanted, password: PASSWORD });
    const reader = await Reader.open(browser());
    const { page } = reader;
    const press = (key) => page.getByRole('button', { name: say(key), exact: true }).click();
    const present = async () => (await olga(200, 'GET', '/v1/me')).email;

    // The new address confirms, and nothing changes yet.
    await reader.goto(linkOf(await mail(wanted, 'email_change_confirm'), 'confirm-email'));
    await reader.reads(locale, say('change-heading'), wanted, say('change-explanation-accept'));
    assert.equal(await page.title(), say('change-title', { account_name: name }));
    await press('change-button');
    await reader.reads(locale, say('change-accept-heading'), say('change-accept'));
    assert.equal(await present(), owner.email);

    // The portal shows what is pending to whoever signs in there.
    await page.getByRole('link', { name: say('change-accept-link'), exact: true }).click();
    await reader.reads(locale, say('portal-title'), say('portal-explanation'));
    await page.getByLabel(say('portal-login-label'), { exact: true }).fill(owner.email);
    await page.getByLabel(say('portal-password-label'), { exact: true }).fill('not the password at all');
    await press('portal-sign-in-button');
    await page.getByText(say('portal-wrong')).waitFor();
    await page.getByLabel(say('portal-password-label'), { exact: true }).fill(PASSWORD);
    await press('portal-sign-in-button');
    await page.getByText(say('portal-confirmed')).waitFor();
    await reader.reads(locale, say('portal-title'), owner.email, wanted);
    await press('portal-accept-button');
    await reader.reads(locale, say('portal-accepted-heading'), say('portal-accepted'));
    assert.equal(await present(), wanted);
    // The session of the page has ended with it: there is the owner's own and no other.
    assert.equal((await olga(200, 'GET', '/v1/sessions')).items.length, 1);

    // The old address takes it back, which ends every session.
    await reader.goto(linkOf(await mail(owner.email, 'email_changed'), 'revert-email'));
    await reader.reads(locale, say('revert-heading'), say('revert-explanation'), owner.email);
    await press('revert-button');
    await reader.reads(locale, say('revert-success-heading'), say('revert-success'));
    await olga(401, 'GET', '/v1/me');
    const again = await signIn(201, owner.email, PASSWORD);
    assert.equal(again.user.email, owner.email);
    await reader.close('POST /v1/sessions 401');
  });

  test(`${locale}: a change is called off on the portal's page`, async () => {
    const { owner, say: olga } = await account(locale);
    await olga(202, 'POST', '/v1/me/email', { email: `new-${owner.email}`, password: PASSWORD });
    const reader = await Reader.open(browser(), { languages: locale });
    const { page } = reader;
    await reader.goto(`${BASE}/email`);
    await reader.reads(locale, say('portal-title'));
    // With the keyboard alone.
    await page.getByLabel(say('portal-login-label'), { exact: true }).focus();
    await reader.type(owner.email);
    await reader.press('Tab');
    await reader.type(PASSWORD);
    await reader.press('Enter');
    await page.getByText(say('portal-unconfirmed')).waitFor();
    await reader.reads(locale, say('portal-title'), owner.email);
    await reader.focused('button[value=cancel]');
    await reader.press('Enter');
    await reader.reads(locale, say('portal-cancelled-heading'), say('portal-cancelled'));
    assert.equal((await olga(200, 'GET', '/v1/me/email')).pending, null);
    await reader.close();
  });
}
