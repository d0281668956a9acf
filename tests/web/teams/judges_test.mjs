// SPDX-License-Identifier: Apache-2.0
//
// Microsoft's own libraries, with their default settings, judge the shim: what it signs must be what
// they expect of Microsoft. Where the three differ from the documented rules, the table says so.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {app, channel, people, personalChat, secret, serviceUrl, tenant} from './rig/names.mjs';
import {load} from './rig/packages.mjs';
import {Playground} from './rig/playground.mjs';
import {Shim} from './rig/shim.mjs';
import {authorization, tokenKinds} from './rig/tokens.mjs';

const {ConfigurationBotFrameworkAuthentication} = await load('botbuilder');
const {authorizeJWT} = await load('@microsoft/agents-hosting');

const shim = new Shim();
const playground = new Playground();
before(async () => Promise.all([shim.start(), playground.start()]));
after(() => (playground.stop(), shim.stop()));

const bot = new ConfigurationBotFrameworkAuthentication({
  MicrosoftAppType: 'SingleTenant', MicrosoftAppId: app, MicrosoftAppPassword: secret, MicrosoftAppTenantId: tenant});

async function botbuilder(header, activity) {
  try {
    await bot.authenticateRequest(activity, header ?? '');
    return true;
  } catch {
    return false;
  }
}

const connection = {clientId: app, clientSecret: secret, tenantId: tenant, issuers: ['https://api.botframework.com']};
const middleware = authorizeJWT({
  ...connection, connections: new Map([['serviceConnection', connection]]),
  connectionsMap: [{serviceUrl: '*', connection: 'serviceConnection'}]});

async function agentsHosting(header, activity) {
  let passed = false;
  const request = {method: 'POST', headers: header ? {authorization: header} : {}, body: activity};
  const response = {status: () => response, send: () => response, end: () => response};
  await middleware(request, response, () => passed = true);
  return passed;
}

const accepted = ['good', 'expired 200 s ago'];
// What they let pass and stayd does not. The newer library looks at no endorsement and no serviceurl.
const lenient = {
  botbuilder: ['an extension', 'of 100 KiB'],
  agentsHosting: ['an extension', 'of 100 KiB', 'a list of audiences', 'another serviceurl', 'no serviceurl', 'a key that is not endorsed'],
};
const activity = {
  type: 'message', text: 'hello', channelId: 'msteams', serviceUrl, from: {id: people.alice.id},
  recipient: {id: '28:' + app}, conversation: {id: personalChat, tenantId: tenant}};

for (const kind of tokenKinds.filter(kind => kind !== 'two headers'))
  test(`a token, ${kind}: both say what they should`, async () => {
    const header = await authorization(kind, shim.identity.keys, activity);
    assert.equal(await botbuilder(header, activity), [...accepted, ...lenient.botbuilder].includes(kind), 'botbuilder');
    assert.equal(await agentsHosting(header, activity), [...accepted, ...lenient.agentsHosting].includes(kind), 'agents-hosting');
  });

test('botbuilder gets a token and posts into a chat and a channel', async () => {
  const {connectorFactory} = await bot.authenticateRequest(
      activity, await authorization('good', shim.identity.keys, activity));
  const {conversations} = await connectorFactory.create(serviceUrl, 'https://api.botframework.com');
  const message = {type: 'message', text: 'hello'};
  const thread = await conversations.createConversation(
      {isGroup: true, channelData: {channel: {id: channel}}, activity: message, tenantId: tenant});
  assert.ok(thread.id.startsWith(channel));
  const sent = await conversations.sendToConversation(personalChat, message);
  const changed = await conversations.updateActivity(personalChat, sent.id, {...message, text: 'changed'});
  assert.equal(changed.id, sent.id);
});
