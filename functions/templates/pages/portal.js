// The page on which somebody signs in, sees the change of address that is pending, and accepts or cancels it. The session's
// token is a variable of this page: nothing keeps it, and the session ends with the page.
(() => {
  'use strict';
  const form = document.querySelector('form');
  const main = document.querySelector('main');
  const notice = document.getElementById('notice');
  const asked = document.getElementById('asked');
  const shown = document.getElementById('shown');
  const buttons = Array.from(form.querySelectorAll('button'));
  const outcomes = Array.from(document.querySelectorAll('template[data-code]'));
  const outcome = (code) =>
    outcomes.find((one) => one.dataset.code === code) || outcomes.find((one) => one.dataset.code === 'generic');
  let session = null;

  const call = (method, path, body, more) =>
    fetch(new URL(path, document.baseURI), {
      method,
      headers: {
        ...(body && { 'Content-Type': 'application/json' }),
        ...(session && { Authorization: `Bearer ${session.token}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
      ...more,
    });

  // Calls, and gives the answer; a failure is thrown as its code.
  const ask = async (method, path, body) => {
    const response = await call(method, path, body, { signal: AbortSignal.timeout?.(40000) }).catch(() => {
      throw { code: 'network' };
    });
    let answer = null;
    try { answer = JSON.parse(await response.text()); } catch { /* No JSON: nothing to tell. */ }
    if (response.ok) return answer || {};
    throw { code: response.status === 429 ? 'too_many_attempts' : answer?.code };
  };

  const wait = (is) => {
    for (const button of buttons) button.disabled = is;
    form.setAttribute('aria-busy', is);
  };

  // Ends the session, also when the page is being left.
  const signOut = () => {
    if (!session) return;
    call('DELETE', `v1/sessions/${session.id}`, null, { keepalive: true }).catch(() => {});
    session = null;
  };

  // Replaces the page by how it ended, and takes the reader there.
  const finish = (template) => {
    signOut();
    main.replaceChildren(template.content.cloneNode(true));
    for (const nav of document.querySelectorAll('nav')) nav.remove();
    const heading = main.querySelector('h1');
    document.title = heading.textContent;
    heading.tabIndex = -1;
    heading.focus();
  };

  // Says what to do about an error, and asks for what is missing.
  const report = (code, button) => {
    const found = outcome(code);
    if ('last' in found.dataset) return finish(found);
    notice.replaceChildren(found.content.cloneNode(true));
    const name = found.dataset.field;
    const more = name && document.getElementById(`more-${name}`);
    if (more) more.hidden = false;
    const field = name && form.elements[name];
    if (field) field.setAttribute('aria-invalid', 'true');
    (field || button).focus();
  };

  // Shows the address, and what is pending.
  const show = ({ email, pending }) => {
    const fill = (slot, text) => { shown.querySelector(`[data-slot=${slot}]`).textContent = text; };
    const present = shown.querySelector('[data-slot=present]');
    present.textContent = email || present.dataset.none;
    if (pending) {
      const form = { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' };
      const until = new Intl.DateTimeFormat(document.documentElement.lang, form).format(new Date(pending.expires_at));
      fill('new', pending.email);
      fill('until', `${until} UTC`);
    }
    const states = pending ? ['pending', pending.status] : ['none'];
    for (const one of shown.querySelectorAll('[data-when]')) one.hidden = !states.includes(one.dataset.when);
    const acts = { accept: pending?.status === 'awaiting_accept', cancel: Boolean(pending) };
    for (const button of buttons) button.hidden = !acts[button.value];
    document.getElementById('signed-out').hidden = true;
    asked.hidden = true;
    shown.hidden = false;
    // What is disabled takes no focus.
    wait(false);
    const heading = main.querySelector('h1');
    heading.tabIndex = -1;
    (buttons.find((button) => !button.hidden) || heading).focus();
  };

  const signIn = async () => {
    const { login, password, code, account } = form.elements;
    const pair = { login: login.value, password: password.value };
    if (code.value.trim()) pair.code = code.value.trim();
    if (account.value.trim()) pair.account = account.value.trim();
    session = await ask('POST', 'v1/sessions', pair);
    password.value = '';
    code.value = '';
    show(await ask('GET', 'v1/me/email'));
  };

  const acts = {
    'sign-in': signIn,
    accept: async () => { await ask('POST', 'v1/me/email/accept', {}); finish(outcome('accepted')); },
    cancel: async () => { await ask('DELETE', 'v1/me/email'); finish(outcome('cancelled')); },
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = event.submitter || buttons.find((one) => !one.hidden);
    if (!button || button.disabled) return;
    notice.replaceChildren();
    for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
    wait(true);
    const failed = await acts[button.value]().then(() => null, (error) => error.code || 'generic');
    wait(false);
    if (failed) report(failed, button);
  });
  addEventListener('pagehide', signOut);
  // Whoever comes back to the page begins anew: its session is over.
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
  wait(false);
})();
