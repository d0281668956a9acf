// SPDX-License-Identifier: Apache-2.0
//
// Debian's Chromium, without a window.
import {require} from './packages.mjs';

const {chromium} = require('playwright-core');

export function startBrowser() {
  return chromium.launch({executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu']});
}
