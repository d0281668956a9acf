// SPDX-License-Identifier: Apache-2.0
//
// film.mjs PICTURES COMMAND…: what scripts/demo-teams shows. COMMAND runs stayd in a virtual machine,
// where an agent's curl asks twice; here are Teams, and Alice, who looks at it in a browser: she
// approves the first and denies the second. PICTURES gets the screenshots. Ends with 0 only if what
// had to happen happened.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

import {Playground} from './rig/playground.mjs';
import {Screen} from './rig/screen.mjs';
import {Shim} from './rig/shim.mjs';
import {until} from './rig/waiting.mjs';

const [pictures, ...command] = process.argv.slice(2);
fs.mkdirSync(pictures, {recursive: true});
const picture = name => path.join(pictures, name);
const shim = new Shim();
const playground = new Playground();
const screen = new Screen();
const heard = [];
let ended = false;

const machine = spawn(command[0], command.slice(1), {stdio: ['ignore', 'pipe', 'inherit']});
readline.createInterface({input: machine.stdout}).on('line', line => {
  heard.push(line);
  console.log('  ' + line);
});
machine.on('exit', () => ended = true);

const hears = what => until(what, () => {
  assert.ok(!ended || heard.some(line => line.startsWith(what)), 'the machine has ended');
  return heard.filter(line => line.startsWith(what)).pop();
}, {within: 180_000});

try {
  await Promise.all([shim.start(), playground.start()]);
  await hears('stayd is ready');
  console.log('Alice adds the bot');
  await screen.open(playground.url);

  await hears('curl asks');
  await screen.sees('Approval needed');
  await screen.shoots(picture('teams-page.png'));
  await screen.shootsCard(picture('teams-question.png'));
  console.log('Alice approves');
  await screen.presses('Approve once');
  assert.equal(await hears('curl ended'), 'curl ended: 0: customer 1: alice@example.com');
  await screen.sees('The operation went on');
  await screen.shootsCard(picture('teams-approved.png'));

  await until('the second question', () => heard.filter(line => line === 'curl asks').length === 2, {within: 60_000});
  await screen.sees('Approval needed');
  await screen.types('Customer data stays here.');
  console.log('Alice denies');
  await screen.presses('Deny');
  await hears('over');
  assert.match(await hears('curl ended'), /^curl ended: 7: .*(Failed|Couldn't|Could not) /i);
  await screen.sees('Denied');
  await screen.shootsCard(picture('teams-denied.png'));
  console.log('All as it had to be.');
} catch (error) {
  await screen.page?.screenshot({path: picture('failed.png')}).catch(() => {});
  console.error(error, shim.log.slice(-10).map(({host, method, path, status}) => [host, method, path, status]));
  process.exitCode = 1;
} finally {
  await screen.close();
  machine.kill();
  playground.stop();
  shim.stop();
}
