// What people are to read: the same Fluent files that the pages are made from.
import { readFileSync } from 'node:fs';

import { FluentBundle, FluentResource } from './packages.mjs';

export const LOCALES = ['en', 'de', 'uk', 'ru'];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const FOLDER = new URL('../../shared/i18n/locales/', import.meta.url);

/** The sentences of one language: `say('accept-button')`, `say('failed-other.next')`. */
export function textsOf(locale) {
  const bundle = new FluentBundle(locale, { useIsolating: false });
  for (const file of ['common', 'mail', 'pages']) {
    const errors = bundle.addResource(new FluentResource(readFileSync(new URL(`${locale}/${file}.ftl`, FOLDER), 'utf8')));
    if (errors.length) throw new AggregateError(errors, `${locale}/${file}.ftl`);
  }
  const say = (key, args = {}) => {
    const [name, attribute] = key.split('.');
    const message = bundle.getMessage(name);
    const pattern = attribute ? message?.attributes[attribute] : message?.value;
    if (!pattern) throw new Error(`${locale} has no ${key}`);
    return bundle.formatPattern(pattern, args);
  };
  /** A moment of the API, to the minute. */
  const moment = (at) => {
    const date = new Date(at);
    const two = (number) => String(number).padStart(2, '0');
    const [hours, minutes] = [date.getUTCHours(), two(date.getUTCMinutes())];
    const time = locale === 'en' ? `${hours % 12 || 12}:${minutes} ${hours < 12 ? 'AM' : 'PM'}` : `${two(hours)}:${minutes}`;
    const day = say('date', {
      day: String(date.getUTCDate()),
      month: MONTHS[date.getUTCMonth()],
      year: String(date.getUTCFullYear()),
    });
    return say('moment', { date: day, time });
  };
  return { say, moment };
}
