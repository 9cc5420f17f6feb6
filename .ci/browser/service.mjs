// The service's API and local controls, as an administrator and the tests call them.
import assert from 'node:assert/strict';

export const BASE = process.env.BASE_URL;
export const PASSWORD = 'warm rain over Lviv';

/** Calls the API and gives the answer's JSON; it must have this status. */
export async function call(status, method, path, body, token) {
  const headers = { accept: 'application/json' };
  if (body) headers['content-type'] = 'application/json';
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch(BASE + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  assert.equal(response.status, status, `${method} ${path}: ${text}`);
  return text ? JSON.parse(text) : null;
}

/** The newest mail of a template to an address. */
export async function mail(to, template) {
  const query = new URLSearchParams({ to, template });
  const { items } = await call(200, 'GET', `/_local/mails?${query}`);
  assert.ok(items.length, `no ${template} to ${to}`);
  return items[0];
}

/** The link of a mail: the line of its text that leads to this page. */
export function linkOf({ text }, page) {
  const link = text.split('\n').find((line) => line.startsWith(`${BASE}/${page}?token=`));
  assert.ok(link, `no link to ${page} in: ${text}`);
  return link.trim();
}

export const advance = (hours) => call(200, 'POST', '/_local/clock', { advance_seconds: hours * 3600 });
export const work = () => call(200, 'POST', '/_local/worker');
export const signIn = (status, login, password, account) =>
  call(status, 'POST', '/v1/sessions', { account, login, password });

let made = 0;

/** An account of its own for a story, and its owner Olga. */
export async function account(locale) {
  made += 1;
  const owner = { name: 'Olga Öwner', email: `olga${made}@example.com`, password: PASSWORD, locale };
  const name = `Tracker & Söhne «Львів» ${made}`;
  const opened = await call(201, 'POST', '/v1/accounts', { name, plan_id: 'licensed-monthly', licenses: 9, locale, owner });
  const as = opened.session.token;
  const { slug } = opened.account;
  return {
    name,
    slug,
    owner,
    say: (status, method, path, body) => call(status, method, path, body, as),
    /** Invites somebody in a language: the invitation as the API tells it, its mail and its link. */
    async invite(email, type = 'member', in_language = locale) {
      const body = { emails: [email], type, locale: in_language };
      const { results } = await call(201, 'POST', '/v1/invitations', body, as);
      assert.equal(results[0].outcome, 'invited');
      const told = await mail(email, 'invitation');
      return { ...results[0].invitation, told, link: linkOf(told, 'accept-invitation') };
    },
    user: (id) => call(200, 'GET', `/v1/users/${id}`, undefined, as),
  };
}
