// SPDX-License-Identifier: Apache-2.0
//
// What stayd must not believe, or must not do: every kind of wrong token, and clicks that fit
// nothing. None changes anything, and the card can still be answered afterwards.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {channel, people, serviceUrl, tenant} from './rig/names.mjs';
import {authorization, tokenKinds} from './rig/tokens.mjs';
import {World} from './rig/world.mjs';

const {alice} = people;
const world = new World('refusals');
const {shim, host} = world;
let ticket, hold, card;
before(async () => {
  await world.start();
  await world.installForAlice();
  ({ticket, hold} = await world.raise({approvers: ['stewards']}));
  card = await world.card(ticket);
});
after(() => world.stop());

const approve = (changes = {}) => world.click(alice, card, card.action('Approve once'), changes);
// Everything that somebody could have changed.
async function facts() {
  const {tickets, released, teams} = await host.state();
  return {tickets, released, teams, updates: shim.sent('PUT').length};
}
// What is believed to be from Teams may at least tell who has the bot.
async function changesNothing(request, {but = []} = {}) {
  const before = await facts();
  const answer = await request();
  const after = await facts();
  for (const each of but) delete before[each], delete after[each];
  assert.deepEqual(after, before);
  return answer;
}

const malformed = ['two headers', 'of 100 KiB'];
const forbidden = ['another serviceurl', 'no serviceurl', 'a key that is not endorsed'];
for (const kind of tokenKinds.filter(kind => !['good', 'expired 200 s ago'].includes(kind)))
  test(`a token, ${kind}: no`, async () => {
    const answer = await changesNothing(() => shim.deliver(approve(), kind));
    // Two headers, or one that is too long, are refused before anything is read of them.
    if (malformed.includes(kind)) return assert.ok([400, 431].includes(answer.status), String(answer.status));
    assert.equal(answer.status, forbidden.includes(kind) ? 403 : 401);
    assert.equal(answer.body, '');
  });

for (const [name, change] of Object.entries({
  'another channel of the bot service': a => a.channelId = 'webchat',
  'no channel': a => delete a.channelId,
  'a serviceUrl of nobody we know': a => a.serviceUrl = 'https://evil.example/',
  'another serviceUrl than the token\'s': a => a.serviceUrl = 'https://smba.trafficmanager.net/emea/',
  'another bot': a => a.recipient.id = '28:99999999-9999-4999-8999-999999999999',
  'no recipient': a => delete a.recipient,
  'another tenant': a => a.conversation.tenantId = '99999999-9999-4999-8999-999999999999',
  'another tenant in the channel\'s data': a => a.channelData.tenant.id = '99999999-9999-4999-8999-999999999999',
  'no tenant': a => (delete a.conversation.tenantId, delete a.channelData.tenant),
}))
  test(`from elsewhere: ${name}`, async () => {
    const signed = approve();
    const activity = approve();
    change(activity);
    const header = await authorization('good', shim.identity.keys, name.startsWith('another serviceUrl') ? signed : activity);
    const answer = await changesNothing(() => shim.deliver(activity, 'no header', {authorization: header}));
    assert.ok([400, 403].includes(answer.status), String(answer.status));
  });

for (const [name, change] of Object.entries({
  'in another conversation': a => a.conversation.id = 'a:somewhere-else',
  'in the channel, of the card in the chat': a => Object.assign(a, {
    conversation: {id: channel, tenantId: tenant, conversationType: 'channel', isGroup: true},
    channelData: {tenant: {id: tenant}, channel: {id: channel}}}),
  'with another card\'s nonce': a => a.value.action.data.n = 'AAAAAAAAAAAAAAAAAAAAAA',
  'with no nonce': a => delete a.value.action.data.n,
  'with half of its nonce': a => a.value.action.data.n = a.value.action.data.n.slice(0, 8),
  'of another ticket': a => a.value.action.data.rid = '4711',
  'of no ticket': a => delete a.value.action.data.rid,
  'by a client that refreshes': a => a.value.trigger = 'automatic',
  'by somebody without an object id': a => delete a.from.aadObjectId,
  'by somebody whose object id is none': a => a.from.aadObjectId = 'alice@example.com',
  'by somebody with the name of an approver': a => Object.assign(a.from, {name: 'Alice', aadObjectId: people.mallory.object}),
  'by an approver of others': a => Object.assign(a.from, {aadObjectId: people.carol.object}),
  'for an unknown scope': a => a.value.action.data.scope = 'forever',
  'with an unknown verb': a => a.value.action.verb = 'stayd.approve-all',
  'with a scope of another type': a => a.value.action.data.scope = {once: true},
}))
  test(`a click ${name}`, async () => {
    const activity = approve();
    change(activity);
    const answer = await changesNothing(() => shim.deliver(activity), {but: ['teams']});
    assert.ok([200, 400, 403].includes(answer.status), String(answer.status));
    if (answer.status === 200) assert.doesNotMatch(answer.body, /vnd.microsoft.card.adaptive/);
  });

for (const [name, body, headers] of [
  ['is no JSON', '{"type":'], ['is nested deeply', '['.repeat(100_000)], ['has a member twice', '{"type":"invoke","type":"message"}'],
  ['is no object', '[1]'], ['is of another kind', '{}', {'content-type': 'text/plain'}],
  ['is too large', JSON.stringify({type: 'message', text: 'x'.repeat(300 << 10)})],
])
  test(`a body that ${name}`, async () => {
    const header = await authorization('good', shim.identity.keys, {serviceUrl});
    const answer = await changesNothing(() => shim.deliver(body, 'no header', {authorization: header, ...headers}));
    assert.ok([400, 413, 415].includes(answer.status), String(answer.status));
  });

test('and the card can still be answered', async () => {
  const answer = await shim.deliver(approve(), 'expired 200 s ago');
  assert.equal(answer.status, 200);
  assert.match(answer.body, /vnd.microsoft.card.adaptive/);
  const {decision} = await world.ended(ticket, 'approved');
  assert.deepEqual([decision.person, decision.account], ['alice', `teams:${tenant}/${alice.object}`]);
  assert.deepEqual(await world.released(hold), [true]);
});
