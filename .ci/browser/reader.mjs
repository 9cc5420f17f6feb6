// Somebody at a browser: opens pages, reads them, and minds what the browser complains about.
import assert from 'node:assert/strict';

import { AXE } from './packages.mjs';
import { BASE } from './service.mjs';

/** The narrowest screen that pages are made for, and a wide one. */
const SCREENS = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
];

let pictures = 0;

export class Reader {
  /** What the browser complained about, but for the refusals below. */
  complaints = [];
  /** Calls of the service that it refused, as `POST /v1/… 409`. */
  refused = [];

  /** A browser of its own, which asks for these languages. */
  static async open(chromium, { languages = 'fr', ...more } = {}) {
    const context = await chromium.newContext({ locale: languages, viewport: SCREENS[0], ...more });
    context.setDefaultTimeout(10_000);
    const reader = new Reader();
    reader.context = context;
    reader.page = await reader.tab();
    return reader;
  }

  async tab() {
    const page = await this.context.newPage();
    page.on('pageerror', (error) => this.complaints.push(`error: ${error}`));
    page.on('console', (message) => {
      // That a call was refused is told below, with its method.
      const refusal = message.text().startsWith('Failed to load resource: the server responded with a status of 4');
      if (['error', 'warning'].includes(message.type()) && !refusal) this.complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(`${BASE}/`)) this.complaints.push(`it calls ${request.url()}`);
    });
    page.on('requestfailed', (request) => this.complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
    page.on('response', (response) => {
      const path = new URL(response.url()).pathname;
      if (response.status() >= 400) this.refused.push(`${response.request().method()} ${path} ${response.status()}`);
    });
    return page;
  }

  /** Ends it. Nothing may have been complained about, and no other call refused than these. */
  async close(...refused) {
    const stored = await this.context.storageState();
    await this.context.close();
    assert.deepEqual(this.complaints, []);
    assert.deepEqual(this.refused, refused);
    assert.deepEqual(stored.origins, [], 'nothing is kept in the browser');
  }

  async goto(link, page = this.page) {
    const response = await page.goto(link);
    assert.equal(response.status(), 200, link);
    assert.match(response.headers()['content-security-policy'], /^default-src 'none';/);
    assert.equal(response.headers()['referrer-policy'], 'no-referrer');
  }

  /** Reads the page that is there: it is in this language, has this heading and these sentences, and everybody can use it. */
  async reads(locale, heading, ...sentences) {
    const { page } = this;
    await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), locale);
    const text = await page.locator('main').innerText();
    for (const sentence of sentences) assert.ok(text.includes(sentence), `“${sentence}” is not in: ${text}`);
    await this.usable();
  }

  /** Every way to look at the page suits everybody: no sideways scrolling, and nothing that axe knows to be a barrier. */
  async usable() {
    const { page } = this;
    for (const screen of SCREENS.toReversed()) {
      await page.setViewportSize(screen);
      const { scrollWidth, clientWidth } = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return { scrollWidth, clientWidth };
      });
      assert.ok(scrollWidth <= clientWidth, `${page.url()}: ${scrollWidth} of ${clientWidth} px`);
    }
    if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(AXE);
    // Dark, only the colours are others.
    for (const [colorScheme, rules] of [['dark', { runOnly: ['color-contrast'] }], ['light', {}]]) {
      await page.emulateMedia({ colorScheme });
      // Without `preload` it reads what is there and loads nothing, as the pages' policy has it.
      const { violations, passes } = await page.evaluate((rules) => globalThis.axe.run({ preload: false, ...rules }), rules);
      const found = violations.map((one) => `${one.impact} ${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`);
      assert.deepEqual(found, [], `${page.url()}, ${colorScheme}`);
      assert.ok(passes.some((one) => one.id === 'color-contrast'), 'the checker saw the page');
    }
    if (process.env.SCREENSHOTS) await this.picture(process.env.SCREENSHOTS);
  }

  async picture(folder) {
    const lang = await this.page.locator('html').getAttribute('lang');
    const path = new URL(this.page.url()).pathname.slice(1).replaceAll('/', '-');
    pictures += 1;
    for (const screen of SCREENS.toReversed()) {
      await this.page.setViewportSize(screen);
      const number = String(pictures).padStart(3, '0');
      await this.page.screenshot({ path: `${folder}/${lang}-${number}-${path}-${screen.width}.png`, fullPage: true });
    }
  }

  /** Whether this element has the focus, once it does. */
  focused(selector) {
    return this.page.locator(`${selector}:focus`).waitFor();
  }

  /** Types into what has the focus. */
  type(text) {
    return this.page.keyboard.type(text);
  }

  press(...keys) {
    return keys.reduce((before, key) => before.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }
}
