// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong at Microsoft's side, and that every card comes all the same, once, when it can.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, beforeEach, test as anyTest} from 'node:test';

import {channel, people, personalChat} from './rig/names.mjs';
import {until} from './rig/waiting.mjs';
import {cardOf, World} from './rig/world.mjs';

const test = (name, run) => anyTest(name, {timeout: 60_000}, run);
const {alice} = people;
const world = new World('faults');
const {shim, host} = world;
before(async () => {
  await world.start();
  await world.installForAlice();
});
beforeEach(() => {
  shim.faults.clear();
  shim.certificates = {};
});
after(() => world.stop());

const connector = 'smba.trafficmanager.net';
const login = 'login.microsoftonline.com';
const keys = 'login.botframework.com';
const chat = /personal-alice\/activities$/;
const toAlice = () => shim.log.filter(r => r.host === connector && r.method === 'POST' && chat.test(r.path));
const cardsOf = ticket => world.postsOf(ticket).filter(r => chat.test(r.path));
const soon = {within: 45_000};

// What is wrong besides that Bob and Carol have no bot.
async function trouble() {
  const {trouble} = await host.state();
  return /cannot be reached in a chat/.test(trouble) ? '' : trouble;
}
async function restart() {
  await host.stop();
  await host.start();
}
// The next card for Alice meets the fault; gives what was sent to her since.
async function throughFault(fault) {
  const before = toAlice().length;
  shim.faults.add({host: connector, method: 'POST', path: chat, ...fault});
  const {ticket} = await world.raise();
  await until('the card', () => cardsOf(ticket).length, soon);
  assert.equal(shim.faults.left, 0, 'the fault was met');
  return {ticket, sent: toAlice().slice(before)};
}
const answered = async (ticket) => {
  assert.deepEqual(await host.tell({answer: ticket, choice: 'deny'}), {error: ''});
};

for (const [name, after, least] of [
  ['at once', () => '0', 0], ['after a second', () => '1', 1000],
  ['after a date', () => new Date(Date.now() + 3000).toUTCString(), 1900],
])
  test(`429, to be tried again ${name}`, async () => {
    const {ticket, sent} = await throughFault({status: 429, headers: {'retry-after': after()}, body: {error: {code: 'Throttled'}}});
    assert.equal(sent.length, 2);
    assert.ok(sent[1].at - sent[0].at >= least, String(sent[1].at - sent[0].at));
    await answered(ticket);
  });

for (const status of [412, 502, 503, 504])
  test(`${status} is tried again`, async () => {
    const {ticket, sent} = await throughFault({status, times: 2});
    assert.equal(sent.length, 3);
    await answered(ticket);
  });

test('a refused token is replaced by a new one, once', async () => {
  const before = shim.identity.tokensGiven;
  const {ticket, sent} = await throughFault({status: 401});
  assert.equal(sent.length, 2);
  assert.equal(shim.identity.tokensGiven, before + 1);
  await answered(ticket);
});

test('an answer that breaks off may mean a second card, and never none', async () => {
  const {ticket} = await throughFault({cut: true});
  assert.equal(cardsOf(ticket).length, 1);
  await answered(ticket);
});

test('a slow answer is waited for: one card', async () => {
  const {ticket, sent} = await throughFault({delay: 4000});
  assert.equal(sent.length, 1);
  await answered(ticket);
});

test('an answer of 10 MiB is not read to its end: the card comes once more', async () => {
  const before = toAlice().length;
  shim.faults.add({host: connector, method: 'POST', path: chat, after: true, status: 201, body: 'x'.repeat(10 << 20)});
  const {ticket} = await world.raise();
  await until('it is sent again, and answered', () => toAlice()[before + 1]?.status === 201, soon);
  assert.equal(shim.faults.left, 0, 'the fault was met');
  assert.equal((await host.ticket(ticket)).outcome, 'open');
  await answered(ticket);
});

// An end comes to a card only where a card has been: the one in the channel is waited for.
test('no redirection is followed, least of all with the token', async () => {
  const before = toAlice().length;
  shim.faults.add({host: connector, method: 'POST', path: chat, status: 307, headers: {location: 'https://api.botframework.com/steal'}});
  const {ticket} = await world.raise();
  await until('it was sent', () => toAlice().length > before, soon);
  const inChannel = await world.card(ticket, channel);
  await answered(ticket);
  await until('the channel shows the end', () => world.updates(inChannel).some(card => card?.body[0].text === 'Denied'), soon);
  assert.deepEqual(shim.log.filter(r => r.host === 'api.botframework.com'), []);
});

test('202 without an id: the card can be answered all the same', async () => {
  shim.faults.add({host: connector, method: 'POST', path: chat, after: true, status: 202, body: {}});
  const {ticket} = await world.raise();
  const post = await until('the card', () => toAlice().find(r => r.status === 202 && r.body.includes(`"${ticket} `)), soon);
  const find = value => value?.title === 'Approve once' ? value : Object.values(Object(value)).map(v => typeof v === 'object' && find(v)).find(Boolean);
  const {type, verb, data} = find(cardOf(post));
  await shim.deliver(world.click(alice, {conversation: personalChat, id: 'unknown'}, {type, verb, data}));
  await world.ended(ticket, 'approved');
});

test('a card that somebody deleted is followed by a new message', async () => {
  const {ticket} = await world.raise();
  const card = await world.card(ticket);
  shim.faults.add({host: connector, method: 'PUT', path: new RegExp(card.id), status: 404, body: {error: {code: 'ActivityNotFoundInConversation'}}});
  const before = toAlice().length;
  await answered(ticket);
  const news = await until('a message', () => toAlice()[before], soon);
  assert.doesNotMatch(news.body, /Action\.(Execute|Submit)/);
});

test('who has removed the bot is not reached; who adds it again is', async () => {
  shim.faults.add({host: connector, method: 'POST', path: chat, status: 403, body: {error: {code: 'BotNotInConversationRoster'}}});
  const {ticket} = await world.raise();
  const lost = await until('she is not reached', async () =>
    (await host.state()).teams.people.find(p => p.object === alice.object && !p.reached), soon);
  assert.notEqual(lost.trouble, '');
  await world.installForAlice();
  await answered(ticket);
  const {ticket: next} = await world.raise();
  await answered((await world.card(next)) && next);
});

for (const [name, begin, end] of [
  ['of an unknown authority', () => shim.certificates[connector] = 'unknown', () => shim.certificates = {}],
  ['for another name', () => shim.certificates[connector] = 'misnamed', () => shim.certificates = {}],
  ['of nobody, as its name is not found', () => withoutName(connector), () => withAllNames()],
])
  test(`a certificate ${name} gets no token and no card; then all goes on`, async () => {
    await restart();  // so that no connection is left
    begin();
    const before = toAlice().length;
    const {ticket} = await world.raise();
    await until('there is trouble', trouble, soon);
    assert.equal(toAlice().length, before);
    end();
    await until('the card', () => cardsOf(ticket).length, soon);
    await until('no trouble', async () => !(await trouble()), soon);
    await answered(ticket);
  });

for (const [name, fault, said] of [
  ['is down', {status: 503}, /503/],
  ['refuses the secret', {status: 401, body: {error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret provided.', error_codes: [7000215]}}, /7000215|invalid_client/],
])
  test(`the token endpoint ${name}: said; then all goes on`, async () => {
    shim.faults.add({host: login, method: 'POST', times: 1000, ...fault});
    await restart();
    const {ticket} = await world.raise();
    await until('it is said', async () => said.test(await trouble()), soon);
    shim.faults.clear();
    await until('the card', () => cardsOf(ticket).length, soon);
    await answered(ticket);
  });

for (const [name, fault] of [
  ['are down', {status: 503}], ['are HTML', {status: 200, headers: {'content-type': 'text/html'}, body: '<html>'}],
  ['are giant', {status: 200, body: JSON.stringify({keys: [{kid: 'x'.repeat(1 << 20)}]})}],
])
  test(`keys that ${name} let nobody in`, async () => {
    shim.faults.add({host: keys, times: 1000, ...fault});
    await restart();
    const {ticket} = await world.raise();
    const card = await world.card(ticket);
    const answer = await shim.deliver(world.click(alice, card, card.action('Approve once')));
    assert.notEqual(answer.status, 200);
    assert.equal((await host.ticket(ticket)).outcome, 'open');
    shim.faults.clear();
    await answered(ticket);
  });

test('new keys are found when the first token needs them', async () => {
  await restart();
  const {ticket} = await world.raise();
  const card = await world.card(ticket);
  await shim.identity.rotate('2');
  assert.equal((await shim.deliver(world.click(alice, card, card.action('Approve once')))).status, 200);
  await world.ended(ticket, 'approved');
});

test('what Teams wants to be spared for an hour it is spared, and only there', async () => {
  shim.faults.add({host: connector, method: 'POST', path: chat, times: 1000, status: 429, headers: {'retry-after': '3600'}});
  const {ticket} = await world.raise();
  await until('it was sent', () => toAlice().some(r => r.status === 429 && r.body.includes(`"${ticket} `)), soon);
  // The first may be sent before the answer is read.
  await until('Alice is spared', async () => {
    const before = toAlice().length;
    for (let i = 0; i < 3; ++i) {
      const {ticket: next} = await world.raise();
      await world.card(next, channel);
      await answered(next);
    }
    return toAlice().length === before;
  }, soon);
  await answered(ticket);
});

const hosts = path.join(process.env.STAYD_RIG, 'hosts');
const names = fs.readFileSync(hosts, 'utf8');
const withAllNames = () => fs.writeFileSync(hosts, names);
const withoutName = name => fs.writeFileSync(hosts, names.split('\n').filter(line => !line.endsWith(name)).join('\n'));
