// The pages in chromium, for .ci/browser.sh: one story after the other, since they share the service's clock.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { chromium } from './packages.mjs';
import { accepting } from './accepting.mjs';
import { addresses } from './addresses.mjs';
import { links } from './links.mjs';
import { providers } from './providers.mjs';
import { Reader } from './reader.mjs';
import { BASE } from './service.mjs';
import { LOCALES } from './texts.mjs';

let browser;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    // It reaches this machine and nothing else.
    args: ['--disable-gpu', '--disable-quic', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
});
after(() => browser?.close());

test('what is wrong with a page is noticed', async () => {
  const plant = async (html) => {
    const reader = await Reader.open(browser);
    await reader.goto(`${BASE}/forgot-password`);
    await reader.usable();
    await reader.page.locator('main').evaluate((main, planted) => main.insertAdjacentHTML('beforeend', planted), html);
    return reader;
  };
  const styled = await plant('<p style="color: red">red</p><img src="https://example.com/pixel.png" alt="">');
  await assert.rejects(styled.close(), /Content Security Policy/);
  const wide = await plant(`<pre>${'wide'.repeat(16)}</pre>`);
  await assert.rejects(wide.usable(), /of 360 px/);
  const nameless = await plant('<input name="phone">');
  await assert.rejects(nameless.usable(), /critical label/);
  const refused = await plant('');
  await refused.page.evaluate(() => fetch('v1/me'));
  await assert.rejects(refused.close(), /v1\/me 401/);
});

for (const locale of LOCALES) {
  for (const stories of [accepting, providers, links, addresses]) stories(locale, () => browser);
}
