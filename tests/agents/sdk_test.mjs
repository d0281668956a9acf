// SPDX-License-Identifier: Apache-2.0
//
// `stayctl mcp` with the official SDK as its client.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {pathToFileURL} from 'node:url';

import {installed} from './rig/agents.mjs';
import {Host} from './rig/host.mjs';

const sdk = file => import(pathToFileURL(installed(`@modelcontextprotocol/sdk/dist/esm/${file}`)));
const {Client} = await sdk('client/index.js');
const {StdioClientTransport} = await sdk('client/stdio.js');

const host = new Host();
let client;
before(async () => {
  await host.start();
  client = new Client({name: 'stayd-tests', version: '1'});
  await client.connect(new StdioClientTransport({command: process.env.STAYCTL, args: ['mcp'], env: {STAYD_SELF_SOCKET: host.socket}}));
});
after(async () => {
  await client?.close();
  host.stop();
});

const call = (name, input = {}, options = {}) => client.callTool({name, arguments: input}, undefined, options);
const textOf = result => result.content.map(each => each.text).join('');

test('the SDK takes the server for what it is', async () => {
  assert.equal(client.getServerVersion().name, 'stayd');
  assert.match(client.getInstructions(), /Operation not permitted/);
  await client.ping();
  const {tools} = await client.listTools();
  assert.deepEqual(tools.map(tool => tool.name), ['stayd_denials', 'stayd_holds', 'stayd_intent']);
  assert.ok(tools.every(tool => tool.inputSchema.type === 'object' && tool.description));
});

test('stayd_denials says what was denied, by which rule, and what to do', async () => {
  assert.equal(textOf(await call('stayd_denials')), 'stayd: nothing was denied\n');
  await host.tell({deny: '/srv/project/.env'});
  const result = await call('stayd_denials', {last: 1});
  assert.match(textOf(result), /^stayd: denied: open \/srv\/project\/\.env, by the policy; rule: files\.read\.deny: secrets \(\*\*\/\.env\) \(\/etc\/stayd\/policies\/agent\.yaml:6\); at 2\S+Z\n  what to do: .*\(try again: never\)\n$/);
  assert.equal(result.structuredContent.denials[0].retry, 'never');
});

test('stayd_holds waits until a person has answered, and other calls are served until then', {timeout: 120_000}, async () => {
  assert.equal(textOf(await call('stayd_holds', {wait: 50})), 'stayd: nothing waits\n');
  const {ticket} = await host.tell({hold: 11, path: '/srv/customers/list.csv'});
  const waiting = call('stayd_holds', {wait: 50});
  await client.ping();
  assert.match(textOf(await call('stayd_denials')), /^stayd: denied/);
  assert.deepEqual(await host.tell({answer: ticket, choice: 'deny', reason: 'not today'}), {error: ''});
  assert.match(textOf(await waiting), /^stayd: denied: open \/srv\/customers\/list\.csv, by .*: "not today", ticket \d+.*\n.*\nstayd: nothing waits\n$/);
});

test('a call that is cancelled makes room for the next one that waits', {timeout: 120_000}, async () => {
  const {ticket} = await host.tell({hold: 12, path: '/srv/customers/a.csv'});
  const cancelled = new AbortController();
  const first = call('stayd_holds', {wait: 50}, {signal: cancelled.signal});
  cancelled.abort('enough');
  await assert.rejects(first);
  const second = call('stayd_holds', {wait: 50});
  await client.ping();
  await host.tell({answer: ticket, choice: 'approve'});
  assert.match(textOf(await second), /stayd: approved: open \/srv\/customers\/a\.csv/);
});

test('a question that outlives the command that asked is told as that, and then that it may be tried again', {timeout: 120_000}, async () => {
  const {ticket} = await host.tell({hold: 13, path: '/srv/customers/b.csv'});
  await host.tell({leave: 13});
  assert.match(textOf(await call('stayd_holds')), /^stayd: lingers: open \/srv\/customers\/b\.csv, nobody waits; whoever may answer can answer until /);
  const waiting = call('stayd_holds', {wait: 50});
  await client.ping();
  await host.tell({answer: ticket, choice: 'approve'});
  assert.match(textOf(await waiting), /^stayd: approved: open \/srv\/customers\/b\.csv, by .*, for one attempt until \S+Z, ticket \d+.*\n.*\(try again: now\)\nstayd: nothing waits\n$/);
});

test('what the agent is about to do reaches the people as its claim', async () => {
  await call('stayd_intent', {text: 'export the list'});
  assert.deepEqual(await host.tell({intent: true}), {intent: 'export the list'});
});

test('arguments that make no sense are an error for the model, an unknown tool one for its client', async () => {
  const wrong = await call('stayd_holds', {wait: 51});
  assert.equal(wrong.isError, true);
  assert.match(textOf(wrong), /'wait' is not a whole number from 0 to 50/);
  await assert.rejects(call('stayd_approve', {ticket: 1}), /-32602/);
});
