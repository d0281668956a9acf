// SPDX-License-Identifier: Apache-2.0
//
// Tickets answered in Teams: stayd from the desk outward, and the Agents Playground as Teams.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {channel, people, personalChat} from './rig/names.mjs';
import {until} from './rig/waiting.mjs';
import {textsOf, World} from './rig/world.mjs';

const {alice, bob, mallory} = people;
const world = new World('approvals');
const {shim, playground, host} = world;
before(() => world.start());
after(() => world.stop());

const click = (who, card, title, changes) => {
  const action = card.action(title);
  return playground.click(who, card.conversation, card.id, {...action, data: {...action.data, ...changes}});
};

test('when the bot is added, the person can be reached', async () => {
  assert.equal((await host.state()).teams.people.some(p => p.reached && p.object === alice.object), false);
  await world.installForAlice();
});

test('a ticket is a card, and an approver\'s click lets the operation go', async () => {
  const {ticket, hold} = await world.raise({path: '/srv/customers/list.csv'});
  const card = await world.card(ticket);
  assert.ok(textsOf(card.content).some(text => text.includes('/srv/customers/list.csv')));
  const answer = await click(alice, card, 'Approve once');
  assert.equal(answer.status, 200, answer.body);
  const {decision} = await world.ended(ticket, 'approved');
  assert.deepEqual([decision.person, decision.channel, decision.scope], ['alice', 'teams', 'once']);
  assert.deepEqual(await world.released(hold), [true]);
  const last = await until('the card shows its end', () => world.updates(card).find(c => c.body[0].text === 'Approved'));
  assert.ok(!JSON.stringify(last).includes('Action.Execute'), 'and cannot be answered any more');
});

test('a denial has a reason, and the operation ends', async () => {
  const {ticket, hold} = await world.raise();
  const card = await world.card(ticket);
  await click(alice, card, 'Deny');
  assert.equal((await host.ticket(ticket)).outcome, 'open', 'a denial without a reason');
  await click(alice, card, 'Deny', {reason: 'not this quarter'});
  const {decision} = await world.ended(ticket, 'denied');
  assert.equal(decision.reason, 'not this quarter');
  assert.deepEqual(await world.released(hold), [false]);
});

test('an approval for a time covers the same again', async () => {
  const {ticket} = await world.raise({inode: 77});
  const card = await world.card(ticket);
  await click(alice, card, 'Approve for that time', {for: 'workload-15m'});
  const {decision} = await world.ended(ticket, 'approved');
  assert.deepEqual([decision.scope, decision.grant_for_s], ['workload', 900]);
});

test('who is not an approver is refused, and the card stays for those who are', async () => {
  const {ticket, hold} = await world.raise({approvers: ['stewards']});
  const card = await world.card(ticket);
  for (const who of [mallory, people.carol]) {
    await click(who, card, 'Approve once');
    assert.equal((await host.ticket(ticket)).outcome, 'open', who.name);
  }
  assert.deepEqual(world.updates(card), []);
  assert.deepEqual(await world.released(hold), []);
  await click(alice, card, 'Approve once');
  await world.ended(ticket, 'approved');
});

test('a second click changes nothing and says what was decided', async () => {
  const {ticket, hold} = await world.raise();
  const card = await world.card(ticket);
  await click(alice, card, 'Approve once');
  await world.ended(ticket, 'approved');
  const second = await click(alice, card, 'Deny', {reason: 'changed my mind'});
  assert.match(second.body, /Approved/);
  assert.equal((await host.ticket(ticket)).outcome, 'approved');
  assert.deepEqual(await world.released(hold), [true]);
});

test('what nobody answered in time is denied, and so its card says', async () => {
  const {ticket, hold} = await world.raise({timeout: 2});
  const card = await world.card(ticket);
  await world.ended(ticket, 'expired');
  assert.deepEqual(await world.released(hold), [false]);
  await until('the card says so', () => world.updates(card).some(c => c.body[0].text.startsWith('Expired')));
  await click(alice, card, 'Approve once');
  assert.equal((await host.ticket(ticket)).outcome, 'expired');
  assert.deepEqual(await world.released(hold), [false]);
});

test('a group\'s channel has a card of its own; all cards show who decided', async () => {
  const {ticket} = await world.raise({approvers: ['stewards']});
  const personal = await world.card(ticket);
  const shared = await world.card(ticket, channel);
  await click(bob, shared, 'Approve once');
  assert.equal((await world.ended(ticket, 'approved')).decision.person, 'bob');
  for (const card of [personal, shared])
    await until('it shows its end', () => world.updates(card).some(c => textsOf(c).some(text => text.startsWith('Bob'))));
});

test('two people are needed where the policy says so, and one of them counts once', async () => {
  const {ticket, hold} = await world.raise({quorum: 2, approvers: ['stewards']});
  const card = await world.card(ticket);
  const shared = await world.card(ticket, channel);
  await click(alice, card, 'Approve once');
  await click(alice, shared, 'Approve once');
  assert.equal((await host.ticket(ticket)).outcome, 'open');
  assert.deepEqual(await world.released(hold), []);
  const newest = await until('the card shows one approval', () => world.updates(shared).find(c => textsOf(c).some(text => /1 of 2/.test(text))));
  assert.ok(newest);
  await click(bob, shared, 'Approve once');
  await world.ended(ticket, 'approved');
});

test('a client that knows only Action.Submit is answered by an update', async () => {
  const {ticket} = await world.raise();
  const card = await world.card(ticket);
  const fallback = card.content.body.find(e => e.type === 'ActionSet').actions[0].fallback;
  assert.equal(fallback.type, 'Action.Submit');
  await playground.submit(alice, card.conversation, card.id, fallback.data);
  await world.ended(ticket, 'approved');
  await until('the card shows its end', () => world.updates(card).some(c => c.body[0].text === 'Approved'));
});

test('commands in words: an approval needs the code of the ticket', async () => {
  const {ticket} = await world.raise();
  const card = await world.card(ticket);
  const {digest} = await host.ticket(ticket);
  await playground.say(personalChat, `approve ${ticket}`);
  await playground.say(personalChat, `approve ${ticket} ffffffffffff`);
  await playground.say(personalChat, 'yes do it');
  assert.equal((await host.ticket(ticket)).outcome, 'open');
  await playground.say(personalChat, `approve ${ticket} ${digest.slice(0, 12)}`);
  await world.ended(ticket, 'approved');
  await until('the card shows its end', () => world.updates(card).some(c => c.body[0].text === 'Approved'));
});

test('what is answered at a terminal is shown on the card', async () => {
  const {ticket} = await world.raise();
  const card = await world.card(ticket);
  assert.deepEqual(await host.tell({answer: ticket, choice: 'deny'}), {error: ''});
  await until('the card shows its end', () => world.updates(card).some(c => c.body[0].text === 'Denied'));
});

test('the same again joins the card and is counted', async () => {
  const {ticket} = await world.raise({inode: 99});
  const card = await world.card(ticket);
  for (let i = 0; i < 13; ++i) assert.equal((await world.raise({inode: 99})).ticket, ticket);
  await until('the card counts', () => world.updates(card).some(c => textsOf(c).some(text => text.startsWith('14, '))));
  await click(alice, card, 'Deny', {reason: 'enough'});
  await world.ended(ticket, 'denied');
});

for (const [how, signal] of [['was stopped', undefined], ['was killed', 'SIGKILL']])
  test(`after stayd ${how}, its cards are still its own`, async () => {
    const {ticket, hold} = await world.raise({inode: 111});
    const card = await world.card(ticket);
    // Once it changes a card, it knows that it is there.
    await world.raise({inode: 111});
    await until('the card counts', () => world.updates(card).length);
    await host.stop(signal);
    await host.start();
    await click(alice, card, 'Approve once');
    await world.ended(ticket, 'approved');
    assert.deepEqual(await world.released(hold), [true]);
    await until('the card shows its end', () => world.updates(card).some(c => c.body[0].text === 'Approved'));
    assert.equal(world.postsOf(ticket).length, 2, 'one to Alice, one to the channel');
  });

test('stayd says no secret in its log', () => {
  assert.doesNotMatch(host.log, /not-a-real-secret|eyJ/);
});
