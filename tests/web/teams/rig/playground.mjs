// SPDX-License-Identifier: Apache-2.0
//
// The Microsoft 365 Agents Playground: a Teams without Microsoft's servers, with real cards.
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import {bot, channel, people, personalChat, serviceUrl, team, tenant} from './names.mjs';
import {modules} from './packages.mjs';
import {ask} from './shim.mjs';
import {until} from './waiting.mjs';

const person = ({name, id, object, address}) => JSON.stringify({
  id, name, userPrincipleName: address, aadObjectId: object, givenName: name, surname: 'X', email: address});

// Its own spelling, userPrincipleName among it.
const configuration = () => `version: "0.1.1"
tenantId: "${tenant}"
bot: {id: "${bot}", name: "stayd"}
currentUser: ${person(people.alice)}
users:
${Object.values(people).slice(1).map(p => '  - ' + person(p)).join('\n')}
personalChat: {id: "${personalChat}"}
groupChat: {id: "19:group@thread.v2", name: "Group"}
team:
  id: "${team}"
  name: "Operations"
  aadGroupId: "33333333-3333-4333-8333-333333333333"
  channels:
    - {id: "${channel}", name: "approvals"}
`;

export class Playground {
  // Below the ports that connections get: it would silently take another.
  url = 'http://127.0.0.1:5615';
  #process;

  // Its requests go to the shim.
  async start() {
    const directory = path.join(process.env.STAYD_RIG, 'playground');
    fs.mkdirSync(directory, {recursive: true});
    fs.writeFileSync(path.join(directory, '.m365agentsplayground.yml'), configuration());
    const output = fs.openSync(path.join(directory, 'output'), 'w');
    this.#process = spawn(process.execPath, [
      path.join(modules, '.bin/agentsplayground'), 'start', '-e', 'http://127.0.0.1:3979/api/messages',
      '-c', 'msteams', '-p', '5615', '--dt', '--su', serviceUrl, '--conversation-id', personalChat,
    ], {cwd: directory, stdio: ['ignore', output, output], env: {...process.env, TEAMSAPPTESTER_BROWSER: 'none'}});
    await until('the Playground answers', async () => (await ask(this.url + '/_debug/ping', {method: 'GET'})).status === 200);
  }
  stop() {
    this.#process?.kill();
  }

  #post(address, body) {
    return ask(this.url + address, {headers: {'content-type': 'application/json'}, body: JSON.stringify(body)});
  }

  // The bot is installed in that conversation.
  install(conversation) {
    return this.#post(`/_debug/conversation/${encodeURIComponent(conversation)}/installation`, {});
  }
  // `who` presses a button of the card.
  click(who, conversation, card, action, changes = {}) {
    return this.#post('/_conversation/v1/invoke', {
      name: 'adaptiveCard/action', from: {id: who.id}, conversation: {id: conversation}, replyToId: card,
      value: {action, trigger: 'manual', ...changes}});
  }
  // The same on a client that knows only Action.Submit.
  submit(who, conversation, card, value) {
    return this.#post('/_conversation/v1/submit', {
      from: {id: who.id}, conversation: {id: conversation}, replyToId: card, value});
  }
  say(conversation, text) {
    return this.#post(`/_conversation/v1/conversations/${encodeURIComponent(conversation)}/messages`,
        {from: {id: people.alice.id}, text, textFormat: 'plain'});
  }
}
