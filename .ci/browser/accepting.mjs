// From the link of an invitation's mail to the signed-in user, or to what to do instead.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Reader } from './reader.mjs';
import { account, advance, BASE, call, linkOf, mail, PASSWORD, signIn, work } from './service.mjs';
import { LOCALES, textsOf } from './texts.mjs';

const NAME = 'Anna <b>Łukas</b>';
const ACCEPT = '/v1/invitations/accept';
/** As long as a part of an address gets, with characters that HTML escapes. */
const invitee = (locale, who) => `${who}.o'${'x'.repeat(40)}&co-${locale}@example.com`;

export function accepting(locale, browser) {
  const { say, moment } = textsOf(locale);
  const other = LOCALES.find((one) => one !== locale);
  const names = ({ name, owner }) => ({ account_name: name, inviter_name: owner.name });

  test(`${locale}: an invitation is accepted with the keyboard alone`, async () => {
    const tracker = await account(other);
    const email = invitee(locale, 'anna');
    const invitation = await tracker.invite(email, 'member', locale);
    assert.equal(invitation.told.locale, locale);

    // A mail scanner opens the link, more than once. That uses nothing up.
    for (const method of ['HEAD', 'GET', 'GET']) {
      const scanned = await fetch(invitation.link, { method });
      await scanned.text();
      assert.ok(method === 'HEAD' || scanned.status === 200, `${method} ${scanned.status}`);
    }
    assert.equal((await tracker.user(invitation.user_id)).status, 'pending');

    // The page is in the invitation's language, whatever the browser asks for.
    const anna = await Reader.open(browser(), { languages: other });
    const { page } = anna;
    await anna.goto(invitation.link);
    const opened = [
      say('accept-invited', { ...names(tracker), type: 'member' }),
      say('accept-address', { email }),
      say('accept-expires', { expires_at: moment(invitation.expires_at) }),
    ];
    const heading = say('accept-heading', names(tracker));
    await anna.reads(locale, heading, ...opened);
    assert.equal(await page.title(), say('accept-title', names(tracker)));

    // Another language is one click away, and the way back too.
    const language = (to) => page.getByRole('navigation').getByRole('link', { name: textsOf(to).say('language-name') });
    await language(other).click();
    await anna.reads(other, textsOf(other).say('accept-heading', names(tracker)));
    await language(locale).click();
    await anna.reads(locale, heading);

    // Nothing but Tab and Enter from here. First an empty form: it says what is missing, field by field.
    await page.reload();
    const notice = page.getByRole('alert');
    const name = page.getByLabel(say('accept-name-label'), { exact: true });
    const password = page.getByLabel(say('accept-password-label'), { exact: true });
    await anna.press('Tab');
    await anna.focused('#name');
    await anna.press('Enter');
    const length = say('error-password-length', { min: '10', max: '256' });
    await notice.getByText(length).waitFor();
    await notice.getByText(say('error-invalid-name', { max: '200' })).waitFor();
    await anna.reads(locale, heading);
    // Then a password that is easy to guess: what was typed stays.
    await anna.focused('#name');
    await anna.type(NAME);
    await anna.press('Tab');
    await anna.focused('#password');
    await anna.type('password12');
    await anna.press('Enter');
    await notice.getByText(say('error-weak-password')).waitFor();
    await anna.focused('#password');
    assert.equal(await password.getAttribute('aria-invalid'), 'true');
    assert.equal(await name.inputValue(), NAME);
    await anna.reads(locale, heading, ...opened);
    // Then a good one.
    await anna.focused('#password');
    await anna.press('Control+a');
    await anna.type(PASSWORD);
    await anna.press('Tab');
    await anna.focused('button');
    const answered = page.waitForResponse((response) => response.url().endsWith(ACCEPT));
    await anna.press('Enter');
    const answer = await answered;
    assert.equal(answer.status(), 201);
    const session = await answer.json();
    const welcome = say('accept-success-heading', names(tracker));
    await anna.reads(locale, welcome, say('accept-success', { name: NAME, email }), say('accept-success-next'));
    assert.equal(await page.title(), welcome);

    // The page does not promise too much: she is signed in, and can sign in.
    assert.equal((await call(200, 'GET', '/v1/me', undefined, session.token)).name, NAME);
    const { user } = await signIn(201, email, PASSWORD, tracker.slug);
    assert.deepEqual([user.id, user.status, user.locale], [invitation.user_id, 'active', locale]);
    assert.equal((await tracker.user(user.id)).status, 'active');
    await anna.close(`POST ${ACCEPT} 400`);
  });

  test(`${locale}: a used link leads to a new password`, async () => {
    const tracker = await account(other);
    const email = invitee(locale, 'ben');
    const { link } = await tracker.invite(email, 'viewer', locale);
    const ben = await Reader.open(browser());
    const { page } = ben;
    await ben.goto(link);
    const token = new URL(link).searchParams.get('token');
    await call(201, 'POST', ACCEPT, { token, name: 'Ben', password: PASSWORD });

    // A page that was open meanwhile says the same as one that is opened later.
    await fill(page, say);
    const used = [say('accept-used', names(tracker)), say('accept-used-next')];
    await ben.reads(locale, say('accept-used-heading'), ...used);
    await ben.goto(link);
    await ben.reads(locale, say('accept-used-heading'), ...used);

    await page.getByRole('link', { name: say('new-link'), exact: true }).click();
    await ben.reads(locale, say('forgot-password'), say('forgot-explanation'), say('forgot-provider'));
    await ben.press('Tab');
    await ben.focused('#email');
    await ben.type('nobody');
    await ben.press('Enter');
    await page.getByRole('alert').getByText(say('error-invalid-email')).waitFor();
    await page.getByLabel(say('forgot-email-label'), { exact: true }).fill(email);
    await ben.press('Enter');
    await ben.reads(locale, say('forgot-success-heading'), say('forgot-success'), say('forgot-success-next'));

    const asked = await mail(email, 'password_reset_requested');
    assert.equal(asked.locale, locale);
    const reset = linkOf(asked, 'reset-password');
    await ben.goto(reset);
    await ben.reads(locale, say('reset-heading'), say('reset-whose', { ...names(tracker), login: email }));
    assert.equal(await page.title(), say('reset-title', names(tracker)));
    const renewed = 'a lantern beneath five quiet herons';
    await page.getByLabel(say('reset-password-label'), { exact: true }).fill(renewed);
    await page.getByRole('button', { name: say('reset-button'), exact: true }).click();
    await ben.reads(locale, say('reset-success-heading'), say('reset-success'));
    await signIn(401, email, PASSWORD, tracker.slug);
    await signIn(201, email, renewed, tracker.slug);

    await ben.close(`POST ${ACCEPT} 409`);

    // That link works once. Whose it was is not known any more: the page is in the browser's language.
    const again = await Reader.open(browser(), { languages: locale });
    await again.goto(reset);
    await again.reads(locale, say('reset-not-found-heading'), say('reset-not-found'), say('forgot-password'));
    await again.close();
  });

  test(`${locale}: a revoked link says whom to ask`, async () => {
    const tracker = await account(other);
    const { id, link } = await tracker.invite(invitee(locale, 'carla'), 'guest', locale);
    const carla = await Reader.open(browser());
    await carla.goto(link);
    await tracker.say(204, 'DELETE', `/v1/invitations/${id}`);
    const revoked = [say('accept-revoked'), say('accept-revoked-next', names(tracker))];
    await fill(carla.page, say);
    await carla.reads(locale, say('accept-revoked-heading'), ...revoked);
    await carla.goto(link);
    await carla.reads(locale, say('accept-revoked-heading'), ...revoked);
    await carla.close(`POST ${ACCEPT} 410`);
  });

  test(`${locale}: an expired link says whom to ask, and the new one works`, async () => {
    const tracker = await account(other);
    const email = invitee(locale, 'dora');
    const { id, link } = await tracker.invite(email, 'member', locale);
    const dora = await Reader.open(browser());
    await dora.goto(link);
    await advance(169);
    const expired = [say('accept-expired-heading'), say('accept-expired', names(tracker))];
    await fill(dora.page, say);
    await dora.reads(locale, ...expired);
    await dora.goto(link);
    await dora.reads(locale, ...expired);
    // Nor does it matter whether the worker has noticed by now.
    await work();
    const { items } = await tracker.say(200, 'GET', '/v1/invitations?status=expired');
    assert.deepEqual(items.map((one) => one.id), [id]);
    await dora.goto(link);
    await dora.reads(locale, ...expired);

    // The inviter is asked, and sends it again.
    await tracker.say(200, 'POST', `/v1/invitations/${id}/resend`);
    await dora.goto(link);
    await dora.reads(locale, say('accept-revoked-heading'), say('accept-revoked-next', names(tracker)));
    await dora.goto(linkOf(await mail(email, 'invitation'), 'accept-invitation'));
    await fill(dora.page, say);
    await dora.reads(locale, say('accept-success-heading', names(tracker)));
    await signIn(201, email, PASSWORD, tracker.slug);
    await dora.close(`POST ${ACCEPT} 410`);
  });

  test(`${locale}: a damaged link says what to check`, async () => {
    const ed = await Reader.open(browser(), { languages: locale });
    for (const damaged of ['?token=46f_hxVXCbvrLdJBViufgWFI0Wb6r6If0rGEEIaTRFo', '?token=%3Cscript%3E', '']) {
      await ed.goto(`${BASE}/accept-invitation${damaged}`);
      const told = [say('accept-not-found'), say('accept-not-found-next')];
      await ed.reads(locale, say('accept-not-found-heading'), ...told);
    }
    await ed.close();
  });

  test(`${locale}: without JavaScript the page says that it needs it`, async () => {
    const tracker = await account(other);
    const { link } = await tracker.invite(invitee(locale, 'finn'), 'member', locale);
    const finn = await Reader.open(browser(), { javaScriptEnabled: false });
    await finn.goto(link);
    await finn.page.getByText(say('noscript'), { exact: true }).waitFor();
    assert.ok(await finn.page.getByRole('button', { name: say('accept-button'), exact: true }).isDisabled());
    await finn.close();
  });
}

/** Fills the form in with the mouse, and sends it. */
async function fill(page, say) {
  await page.getByLabel(say('accept-name-label'), { exact: true }).fill(NAME);
  await page.getByLabel(say('accept-password-label'), { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: say('accept-button'), exact: true }).click();
}
