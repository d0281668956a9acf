// SPDX-License-Identifier: Apache-2.0
//
// What an administrator does with stayctl once stayd speaks with Teams.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {people, personalChat, tenant} from './rig/names.mjs';
import {until} from './rig/waiting.mjs';
import {cardOf, textsOf, World} from './rig/world.mjs';

const world = new World('stayctl');
const {shim, playground, host} = world;
before(async () => {
  await world.start();
  await world.installForAlice();
});
after(() => world.stop());

// Resolves to {status, out, err}; the host must be able to answer while it runs.
function stayctl(...words) {
  const child = spawn(process.env.STAYCTL, [...words, '--socket', path.join(host.directory, 'stayd.sock')]);
  const result = {out: '', err: ''};
  child.stdout.on('data', text => result.out += text);
  child.stderr.on('data', text => result.err += text);
  return new Promise(done => child.on('close', status => done({...result, status})));
}

test('teams test posts a card, and says who answered it', {timeout: 60_000}, async () => {
  const result = stayctl('teams', 'test');
  const post = await until('the card', () => shim.sent('POST').find(r => r.status === 201 && cardOf(r) &&
      r.path.includes('personal-alice') && textsOf(cardOf(r))[0].startsWith('Test')));
  const action = cardOf(post).body.find(e => e.type === 'ActionSet').actions.find(a => a.title === 'Approve once');
  const id = JSON.parse(post.reply).id;
  await playground.click(people.mallory, personalChat, id, action);
  await playground.click(people.alice, personalChat, id, action);
  const {status, out, err} = await result;
  assert.equal(status, 0, err);
  assert.match(out, /posted to user\/aaaaaaaa/);
  assert.match(out, new RegExp(`approved by Alice \\(teams:${tenant}/${people.alice.object}\\)`));
});

test('people add pins who somebody is now', {timeout: 60_000}, async () => {
  const file = path.join(host.directory, 'new-people.yaml');
  const {status, out, err} = await stayctl('people', 'add', 'alice', '--teams', people.alice.address, '--groups', 'stewards', '--people', file);
  assert.equal(status, 0, err);
  assert.match(out, /alice is Alice/);
  assert.match(fs.readFileSync(file, 'utf8'), new RegExp(`object: ${people.alice.object}`));
});

test('people add knows nobody by a name that Teams does not', {timeout: 60_000}, async () => {
  const file = path.join(host.directory, 'nobody.yaml');
  const {status, err} = await stayctl('people', 'add', 'x', '--teams', 'nobody@example.com', '--people', file);
  assert.equal(status, 1);
  assert.match(err, /nobody@example\.com|not found|no member/i);
  assert.ok(!fs.existsSync(file));
});

test('teams says who is reached', {timeout: 60_000}, async () => {
  const {status, out} = await stayctl('teams');
  assert.equal(status, 0);
  assert.match(out, /Alice/);
  assert.match(out, /has no chat with the bot/);
});
