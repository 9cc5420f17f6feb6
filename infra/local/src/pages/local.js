'use strict';

const $ = (id) => document.getElementById(id);
let mails = [];
let chosen = null;
let view = 'html';
// What the clock showed and when, on this page's own stopwatch.
let clock = null;

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function say(problem) {
  $('notice').textContent = problem ?? '';
  $('notice').hidden = !problem;
}

async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  };
  const response = await fetch(`/_local/${path}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? response.statusText);
  return answer;
}

const SILENCE = 'The local cloud does not answer.';

async function attempt(work, button) {
  if (button) button.disabled = true;
  try {
    await work();
    // What a button complained of stays to be read until a button is pressed again.
    if (button || $('notice').textContent === SILENCE) say(null);
  } catch (error) {
    say(error instanceof TypeError ? SILENCE : error.message);
  } finally {
    if (button) button.disabled = false;
  }
}

// The clock.

const now = () => new Date(clock.shown + performance.now() - clock.at);
const words = (date) => date.toISOString().slice(0, 19).replace('T', ' ');

function tick() {
  if (!clock) return;
  $('now').textContent = words(now());
  $('now').dateTime = now().toISOString();
}

function show({ now: time, offset_seconds: offset }) {
  clock = { shown: Date.parse(time), at: performance.now() };
  tick();
  const size = Math.abs(offset);
  const parts = [[Math.floor(size / 86400), 'd'], [Math.floor(size / 3600) % 24, 'h'], [Math.floor(size / 60) % 60, 'min'], [size % 60, 's']];
  const distance = parts.filter(([count]) => count).map(([count, unit]) => `${count} ${unit}`).join(' ');
  $('offset').textContent = size ? `${distance} ${offset > 0 ? 'ahead of' : 'behind'} the system’s time` : 'The system’s time';
}

const move = (body, button) => attempt(async () => show(await ask('clock', body)), button);

// How many seconds it is to the same day of a later month, or its last.
function until(months) {
  const date = now();
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const days = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, days));
  return Math.round((date - now()) / 1000);
}

// The inbox.

function linked(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(/https?:\/\/[^\s<>"]+/g)) {
    nodes.push(text.slice(end, match.index));
    nodes.push(make('a', { href: match[0], target: '_blank', rel: 'noopener noreferrer' }, match[0]));
    end = match.index + match[0].length;
  }
  return [...nodes, text.slice(end)];
}

function list() {
  const focused = document.activeElement?.dataset?.mail;
  $('list').replaceChildren(...mails.map((mail) => {
    const button = make('button', { type: 'button', 'data-mail': mail.id },
      make('strong', {}, mail.subject), make('span', {}, `To ${mail.to}`),
      make('span', {}, [mail.template, words(new Date(mail.sent_at))].filter(Boolean).join(' · ')));
    if (mail.id === chosen) button.setAttribute('aria-current', 'true');
    button.addEventListener('click', () => { chosen = mail.id; list(); read(mail); });
    return make('li', {}, button);
  }));
  if (focused) document.querySelector(`[data-mail="${focused}"]`)?.focus();
  $('count').textContent = mails.length === 1 ? '1 mail' : `${mails.length} mails`;
  $('templates').replaceChildren(...[...new Set(mails.map((mail) => mail.template).filter(Boolean))].sort().map((value) => make('option', { value })));
}

function read(mail) {
  const facts = [['To', mail.to], ['Template', mail.template], ['Language', mail.locale], ['Sent', `${words(new Date(mail.sent_at))} UTC`]];
  const content = {
    html: () => make('iframe', { src: `/_local/mails/${encodeURIComponent(mail.id)}/html`, title: `HTML of “${mail.subject}”`, sandbox: 'allow-popups allow-popups-to-escape-sandbox' }),
    text: () => make('pre', {}, ...linked(mail.text)),
  };
  const kinds = ['html', 'text'].filter((kind) => mail[kind]);
  const body = make('div', { role: 'tabpanel', id: 'body' });
  const tabs = kinds.map((kind) => make('button', { type: 'button', role: 'tab', 'aria-controls': 'body', id: `tab-${kind}` }, kind === 'html' ? 'HTML' : 'Text'));
  const choose = (kind) => {
    tabs.forEach((tab, index) => {
      tab.setAttribute('aria-selected', String(kinds[index] === kind));
      tab.tabIndex = kinds[index] === kind ? 0 : -1;
    });
    body.setAttribute('aria-labelledby', `tab-${kind}`);
    body.replaceChildren(content[kind]());
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener('click', () => { view = kinds[index]; choose(view); });
    tab.addEventListener('keydown', ({ key }) => {
      if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
      const other = tabs[(index + 1) % tabs.length];
      other.click();
      other.focus();
    });
  });
  $('mail').replaceChildren(
    make('h3', {}, mail.subject),
    make('dl', {}, ...facts.filter(([, value]) => value).flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)])),
    make('div', { class: 'buttons', role: 'tablist', 'aria-label': 'Parts of the mail' }, ...tabs), body);
  if (kinds.length) choose(kinds.includes(view) ? view : kinds[0]);
}

async function fetchMails() {
  const query = new URLSearchParams({ to: $('to').value, template: $('template').value, limit: '500' });
  const { items } = await ask(`mails?${query}`);
  if (JSON.stringify(items.map(({ id }) => id)) === JSON.stringify(mails.map(({ id }) => id))) return;
  mails = items;
  list();
}

// The worker.

function report(answer) {
  const rows = Object.entries(answer).map(([name, value]) =>
    make('tr', {}, make('th', { scope: 'row' }, name.replaceAll('_', ' ')), make('td', {}, typeof value === 'object' ? JSON.stringify(value) : String(value))));
  $('report').replaceChildren(make('table', {}, make('tbody', {}, ...rows)));
}

document.querySelectorAll('[data-advance]').forEach((button) =>
  button.addEventListener('click', () => move({ advance_seconds: Number(button.dataset.advance) }, button)));
document.querySelectorAll('[data-months]').forEach((button) =>
  button.addEventListener('click', () => clock && move({ advance_seconds: until(Number(button.dataset.months)) }, button)));
$('set-clock').addEventListener('submit', (event) => {
  event.preventDefault();
  move({ now: new Date(`${$('instant').value}Z`).toISOString() }, event.submitter);
});
$('reset-clock').addEventListener('click', (event) =>
  attempt(async () => {
    const { offset_seconds: offset } = await ask('clock');
    show(await ask('clock', { advance_seconds: -offset }));
  }, event.currentTarget));
$('run-worker').addEventListener('click', (event) =>
  attempt(async () => { report(await ask('worker', {})); await fetchMails(); }, event.currentTarget));
$('filter').addEventListener('submit', (event) => { event.preventDefault(); attempt(fetchMails, event.submitter); });

attempt(async () => { show(await ask('clock')); await fetchMails(); });
setInterval(tick, 500);
setInterval(() => { if (!document.hidden) attempt(async () => { await fetchMails(); show(await ask('clock')); }); }, 3000);
