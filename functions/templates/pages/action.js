// The form of a page that acts: it POSTs JSON, and the answer's code picks one of the page's outcome templates.
(() => {
  'use strict';
  const form = document.querySelector('form');
  const buttons = Array.from(form.querySelectorAll('button'));
  const notice = document.getElementById('notice');
  const main = document.querySelector('main');
  const outcomes = Array.from(document.querySelectorAll('template[data-code]'));
  const outcome = (code) =>
    outcomes.find((one) => one.dataset.code === code) || outcomes.find((one) => one.dataset.code === 'generic');

  const wait = (is) => {
    for (const button of buttons) button.disabled = is;
    form.setAttribute('aria-busy', is);
  };

  // Replaces the form by how it ended, and takes the reader there.
  const finish = (template, name) => {
    const content = template.content.cloneNode(true);
    for (const slot of content.querySelectorAll('[data-name]')) slot.textContent = name;
    main.replaceChildren(content);
    for (const nav of document.querySelectorAll('nav')) nav.remove();
    const heading = main.querySelector('h1');
    document.title = heading.textContent;
    heading.tabIndex = -1;
    heading.focus();
  };

  // Says what to do about an error, and takes the reader to the field that it is about.
  const report = (codes, button) => {
    const found = Array.from(new Set(codes.map(outcome)));
    const last = found.find((one) => 'last' in one.dataset);
    if (last) return finish(last, '');
    notice.replaceChildren(...found.map((one) => one.content.cloneNode(true)));
    const fields = found.map((one) => form.elements[one.dataset.field]).filter(Boolean);
    for (const field of fields) field.setAttribute('aria-invalid', 'true');
    (fields[0] || button).focus();
  };

  // What can be seen to be wrong without asking. Who signs in elsewhere needs no password.
  const mistakes = (signIn) => {
    const { name, email, password } = form.elements;
    const codes = [];
    if (name && !name.value.trim()) codes.push('invalid_name');
    if (email && !/\S@\S/.test(email.value)) codes.push('invalid_email');
    if (password && !signIn) {
      const length = Array.from(password.value.normalize('NFKC')).length;
      if (length < password.dataset.min || length > password.dataset.max) codes.push('password_length');
    }
    return codes;
  };

  const codesOf = (status, problem) => {
    if (status === 429) return ['too_many_attempts'];
    const errors = problem.code === 'invalid_request' && problem.errors;
    if (!errors || !errors.length) return [problem.code];
    return errors.map((error) => (error.field === 'name' ? 'invalid_name' : error.code));
  };

  // Whether an answer may send the browser there: over TLS, or to a provider on this very machine.
  const trusted = ({ protocol, hostname }) =>
    protocol === 'https:' ||
    (protocol === 'http:' && /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));

  // Sends the form; gives the codes of what went wrong, or null when the page told of the success or is left.
  const send = async (signIn) => {
    const values = Object.fromEntries(new FormData(form));
    if (signIn) {
      delete values.password;
      values.sign_in = signIn;
    }
    const response = await fetch(new URL(form.dataset.post, document.baseURI), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(values),
      signal: AbortSignal.timeout?.(40000),
    });
    const text = await response.text();
    let answer = null;
    try { answer = JSON.parse(text); } catch { /* No JSON: no code. */ }
    answer = answer || {};
    if (!response.ok) return codesOf(response.status, answer);
    if (answer.authorization_url) {
      const address = new URL(answer.authorization_url);
      if (!trusted(address)) return ['generic'];
      location.assign(address);
      return null;
    }
    const done = outcome(signIn ? `done_${signIn}` : 'done');
    if (!('last' in done.dataset)) return ['generic'];
    // A session that came with the answer is dropped here: nothing of it is kept in the browser.
    finish(done, answer.user?.name ?? form.elements.name?.value);
    return null;
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = event.submitter || buttons[0];
    if (button.disabled) return;
    const signIn = button.name === 'sign_in' && button.value;
    notice.replaceChildren();
    for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
    wait(true);
    let codes = mistakes(signIn);
    if (!codes.length) codes = await send(signIn).catch(() => ['network']);
    // A page that is left stays shut until then: a second sending would begin anew.
    if (!codes) return;
    wait(false);
    report(codes, button);
  });
  // The key Enter in a field does not choose between Google and Microsoft.
  form.addEventListener('keydown', (event) => {
    const undecided = buttons.length > 1 && buttons[0].name;
    if (undecided && event.key === 'Enter' && event.target.localName === 'input') event.preventDefault();
  });
  wait(false);
  // Whoever comes back to it finds it open.
  addEventListener('pageshow', ({ persisted }) => persisted && wait(false));
})();
