// SPDX-License-Identifier: Apache-2.0
//
// 200 tickets at once: Teams never sees more than it documents, and a decision waits for none of it.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {channel, people, personalChat} from './rig/names.mjs';
import {until} from './rig/waiting.mjs';
import {World} from './rig/world.mjs';

const world = new World('rate');
const {shim, host} = world;
before(async () => {
  await world.start();
  await world.installForAlice();
});
after(() => world.stop());

// What Microsoft's documents allow for each conversation: [requests, in so many ms].
const limits = [[7, 1000], [8, 2000], [60, 30_000]];

function conversationOf({path, body}) {
  const named = decodeURIComponent(path.match(/conversations\/([^/]+)/)?.[1] ?? JSON.parse(body || '{}').channelData?.channel?.id ?? '');
  return named.split(';')[0];
}
// The most requests in any window of that length.
function most(times, window) {
  let begin = 0;
  return Math.max(0, ...times.map((time, i) => {
    while (times[begin] <= time - window) ++begin;
    return i - begin + 1;
  }));
}

test('200 tickets at once', {timeout: 120_000}, async () => {
  const begun = performance.now();
  const tickets = [];
  for (let i = 0; i < 200; ++i) tickets.push(await world.raise({workload: i % 8}));
  assert.equal(new Set(tickets.map(t => t.ticket)).size, 200);

  const first = await world.card(tickets[0].ticket);
  const asked = performance.now();
  await shim.deliver(world.click(people.alice, first, first.action('Approve once')));
  assert.deepEqual(await world.released(tickets[0].hold), [true]);
  const waited = performance.now() - asked;
  assert.ok(waited < 1500, `a decision took ${waited} ms`);

  // Long enough for the window of 30 s to matter.
  await until('more than 60 cards in a chat', () => world.shim.sent('POST', /personal-alice\/activities$/).length > 62, {within: 100_000});
  assert.ok(performance.now() - begun > 29_000);
  const sent = shim.log.filter(r => r.host === 'smba.trafficmanager.net' && r.method !== 'GET');
  for (const conversation of [personalChat, channel]) {
    const times = sent.filter(r => conversationOf(r) === conversation).map(r => r.at);
    assert.ok(times.length > 60, conversation);
    for (const [limit, window] of limits)
      assert.ok(most(times, window) <= limit, `${most(times, window)} in ${window} ms to ${conversation}`);
  }
  const all = shim.log.filter(r => r.host === 'smba.trafficmanager.net');
  assert.ok(most(sent.map(r => r.at), 1000) <= 30, `${most(sent.map(r => r.at), 1000)} cards in a second`);
  assert.ok(most(all.map(r => r.at), 1000) <= 30, `${most(all.map(r => r.at), 1000)} requests in a second`);
});
