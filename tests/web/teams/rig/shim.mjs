// SPDX-License-Identifier: Apache-2.0
//
// What stands between a bot and Teams: the identity services, the check of the bot's token before
// the Playground sees its request, and the signature on what the Playground sends to the bot.
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';

import {answerWith, Faults} from './faults.mjs';
import {IdentityServices} from './identity_services.mjs';
import {people, tenant} from './names.mjs';
import {authorization} from './tokens.mjs';

const directory = process.env.STAYD_RIG;
const connectorHost = 'smba.trafficmanager.net';

const read = request => new Promise((done, fail) => {
  const parts = [];
  request.on('data', part => parts.push(part)).on('end', () => done(Buffer.concat(parts))).on('error', fail);
});

// {method, headers, body} to `url`; resolves to {status, headers, body}, whatever the status.
export function ask(url, {method = 'POST', headers = {}, body = ''} = {}) {
  const bytes = Buffer.from(body);
  const send = url.startsWith('https:') ? https.request : http.request;
  return new Promise((done, fail) => {
    const request = send(url, {method, agent: false, headers: {'content-length': bytes.length, ...headers}}, async answer =>
        done({status: answer.statusCode, headers: answer.headers, body: (await read(answer)).toString()}));
    request.on('error', fail);
    request.end(bytes);
  });
}

export class Shim {
  identity = new IdentityServices();
  faults = new Faults();
  // Every request to Microsoft's names: {at (ms), host, method, path, status, body, reply}.
  log = [];
  // The kind of token that what the Playground sends is signed with.
  tokenKind = 'good';
  // Which certificate each name shows: server, unknown, misnamed.
  certificates = {};
  // Where the bot listens, and the Playground's connector.
  bot = 'https://stayd.example.com:3978/api/messages';
  playground = 'http://127.0.0.1:5615';
  #servers = [];

  async start() {
    await this.identity.start();
    const context = name => tls.createSecureContext(
        {key: fs.readFileSync(`${directory}/${name}.key`), cert: fs.readFileSync(`${directory}/${name}.pem`)});
    const contexts = {server: context('server'), unknown: context('unknown'), misnamed: context('misnamed')};
    const outside = https.createServer(
        {SNICallback: (name, done) => done(null, contexts[this.certificates[name] ?? 'server'])},
        (request, response) => this.#fromBot(request, response));
    const inside = http.createServer((request, response) => this.#fromPlayground(request, response));
    for (const [server, port] of [[outside, 443], [inside, 3979]])
      await new Promise(done => server.listen(port, '127.0.0.1', done));
    this.#servers = [outside, inside];
  }
  stop() {
    for (const server of this.#servers) server.close(), server.closeAllConnections();
  }

  // Requests to the connector since the log was last cleared.
  sent(method, path = /./) {
    return this.log.filter(r => r.host === connectorHost && r.method === method && path.test(r.path));
  }

  // Gives the bot an activity with a token of that kind, as if it came from Teams.
  async deliver(activity, kind = 'good', headers = {}) {
    const value = await authorization(kind, this.identity.keys, activity);
    return ask(this.bot, {
      headers: {
        'content-type': 'application/json; charset=utf-8', 'x-ms-tenant-id': tenant,
        'x-ms-conversation-id': activity.conversation?.id ?? '', ...(value && {authorization: value}), ...headers},
      body: typeof activity === 'string' ? activity : JSON.stringify(activity)});
  }

  async #fromPlayground(request, response) {
    const body = await read(request);
    // It looks first whether anybody is there.
    if (request.method !== 'POST') return response.writeHead(405).end();
    try {
      const answer = await this.deliver(JSON.parse(body), this.tokenKind);
      response.writeHead(answer.status, {'content-type': answer.headers['content-type'] ?? 'text/plain'});
      response.end(answer.body);
    } catch (error) {
      response.writeHead(502).end(error.message);
    }
  }

  async #fromBot(request, response) {
    const host = (request.headers.host ?? '').split(':')[0];
    const body = await read(request);
    const entry = {at: performance.now(), host, method: request.method, path: request.url, body: body.toString()};
    this.log.push(entry);
    response.on('finish', () => entry.status = response.statusCode);
    const fault = this.faults.take(host, request.method, request.url);
    if (fault && !fault.after && await answerWith(fault, response)) return;
    const [status, answer] = host === connectorHost ? await this.#connector(request, body) :
        await this.identity.answer(host, request.url, body);
    entry.reply = typeof answer === 'string' ? answer : JSON.stringify(answer);
    if (fault?.after && await answerWith(fault, response)) return;
    response.writeHead(status, {'content-type': 'application/json'});
    response.end(entry.reply);
  }

  async #connector(request, body) {
    const refusal = await this.identity.refusal(request.headers.authorization);
    if (refusal) return [401, {error: {code: 'Unauthorized', message: refusal}}];
    // Teams also finds a member by their address, the Playground does not.
    const target = request.url.replace(/^\/teams/, '').replace(/\/members\/([^/]+)$/, (whole, name) => {
      const member = Object.values(people).find(each => each.address === decodeURIComponent(name));
      return member ? '/members/' + encodeURIComponent(member.id) : whole;
    });
    const answer = await ask(this.playground + '/_connector' + target, {
      method: request.method, body,
      headers: body.length ? {'content-type': request.headers['content-type']} : {}});
    return [answer.status, answer.body];
  }
}
