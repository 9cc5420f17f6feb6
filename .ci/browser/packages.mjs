// The packages of package-lock.json. They are found through BROWSER_MODULES, since they are installed into .tools/.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.BROWSER_MODULES}/`);

export const { chromium } = require('playwright-core');
export const { FluentBundle, FluentResource } = require('@fluent/bundle');
/** The accessibility checker, as a script for the page. */
export const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
