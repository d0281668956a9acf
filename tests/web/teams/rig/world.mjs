// SPDX-License-Identifier: Apache-2.0
//
// Everything at once: the shim, the Playground, and stayd from the desk outward.
import assert from 'node:assert/strict';

import {Host} from './host.mjs';
import {app, channel, people, personalChat, serviceUrl, team, tenant} from './names.mjs';
import {Playground} from './playground.mjs';
import {Shim} from './shim.mjs';
import {until} from './waiting.mjs';

export class World {
  shim = new Shim();
  playground = new Playground();
  host;
  #holds = 0;

  constructor(name) {
    this.host = new Host(name);
  }
  async start() {
    await Promise.all([this.shim.start(), this.playground.start()]);
    await this.host.start();
  }
  async stop() {
    await this.host.stop();
    this.playground.stop();
    this.shim.stop();
  }

  // What Teams says when somebody adds the bot. The Playground knows only Alice's own chat.
  async installForAlice() {
    const answer = await this.playground.install(personalChat);
    assert.ok(answer.status < 300, answer.body);
    await until('Alice is reached', async () =>
        (await this.host.state()).teams.people.some(p => p.object === people.alice.object && p.reached));
  }

  // A new ticket; {…} as teams_host.cpp has it. Gives its id and its hold's.
  async raise(command = {}) {
    const hold = command.raise ?? ++this.#holds;
    const {ticket} = await this.host.tell({raise: hold, ...command});
    return {ticket, hold};
  }
  // The card of that ticket in that conversation, once it is there.
  card(ticket, conversation = personalChat) {
    return until(`the card of ticket ${ticket}`, () => {
      const post = this.postsOf(ticket).find(r => decodeURIComponent(r.path + r.body).includes(conversation));
      if (!post) return undefined;
      const {id, activityId} = JSON.parse(post.reply);
      return {
        conversation: activityId ? id : conversation, id: activityId ?? id, content: cardOf(post),
        action: title => actionOf(cardOf(post), title)};
    });
  }
  postsOf(ticket) {
    return this.shim.sent('POST').filter(r => r.status === 201 && cardOf(r) && mentions(cardOf(r), ticket));
  }
  updates(card) {
    return this.shim.sent('PUT', new RegExp(`/activities/${card.id}$`)).filter(r => r.status === 200).map(cardOf);
  }
  async ended(ticket, outcome) {
    return until(`ticket ${ticket} is ${outcome}`, async () => {
      const now = await this.host.ticket(ticket);
      return now?.outcome === outcome && now;
    });
  }
  async released(hold) {
    return (await this.host.state()).released.filter(each => each.hold === hold).map(each => each.allow);
  }

  // A press of a button as Teams would say it, for what the Playground does not do.
  click(who, card, action, changes = {}) {
    const isChannel = card.conversation.startsWith('19:');
    return {
      type: 'invoke', name: 'adaptiveCard/action', id: 'f:1', channelId: 'msteams', serviceUrl,
      timestamp: new Date().toISOString(), from: {id: who.id, name: who.name, aadObjectId: who.object},
      recipient: {id: '28:' + app, name: 'stayd'},
      conversation: {
        id: card.conversation, tenantId: tenant, conversationType: isChannel ? 'channel' : 'personal', isGroup: isChannel},
      channelData: {tenant: {id: tenant}, ...(isChannel && {team: {id: team}, channel: {id: channel}})},
      replyToId: card.id, value: {action, trigger: 'manual'}, ...changes};
  }
}

export const cardOf = request => {
  const activity = JSON.parse(request.body || '{}');
  return (activity.activity ?? activity).attachments?.[0]?.content;
};
export const textsOf = card => JSON.stringify(card).match(/"text":"(?:[^"\\]|\\.)*"/g).map(text => JSON.parse(text.slice(7)));

function mentions(card, ticket) {
  return textsOf(card).some(text => text.split(' ')[0] === String(ticket));
}
function actionOf(value, title) {
  if (value?.type === 'Action.Execute' && value.title === title) {
    const {type, id, verb, data} = value;
    return {type, id, title, verb, data};
  }
  for (const each of Object.values(value && typeof value === 'object' ? value : {})) {
    const found = actionOf(each, title);
    if (found) return found;
  }
  return undefined;
}
