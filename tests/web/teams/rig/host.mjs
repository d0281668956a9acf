// SPDX-License-Identifier: Apache-2.0
//
// tests/web/teams_host.cpp: stayd from the desk outward.
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

import {app, channel, people, secret, tenant} from './names.mjs';

const rig = process.env.STAYD_RIG;

const configuration = directory => `teams:
  mode: bot
  tenant: ${tenant}
  app_id: ${app}
  secret_file: ${directory}/secret
  listen: "127.0.0.1:3978"
  tls: {certificate_file: ${rig}/server.pem, key_file: ${rig}/server.key}
  ca_file: ${rig}/authority.pem
  details_url: https://stayd.example.com
  channels: {stewards: "${channel}"}
`;

const entry = ({name, object}) => `  ${name.toLowerCase()}:
    name: ${name}
    accounts: [teams: {tenant: ${tenant}, object: ${object}}]
`;
const approvers = `people:
${[people.alice, people.bob, people.carol].map(entry).join('')}  owner: {accounts: [unix: 1000]}
groups:
  stewards: [alice, bob]
`;

export class Host {
  #directory;
  #process;
  #replies = [];
  #log;

  // Files of its own below `name`; nothing of an earlier run.
  constructor(name) {
    this.#directory = path.join(rig, name);
    fs.rmSync(this.#directory, {recursive: true, force: true});
    fs.mkdirSync(this.#directory, {mode: 0o700, recursive: true});
    this.write('secret', secret);
    this.write('stayd.yaml', configuration(this.#directory));
    this.write('people.yaml', approvers);
  }
  get directory() {
    return this.#directory;
  }
  get log() {
    return fs.readFileSync(path.join(this.#directory, 'log'), 'utf8');
  }
  write(name, text) {
    fs.writeFileSync(path.join(this.#directory, name), text, {mode: 0o600});
  }
  change(name, from, to) {
    const before = fs.readFileSync(path.join(this.#directory, name), 'utf8');
    this.write(name, before.replace(from, to));
  }

  async start() {
    this.#log = fs.openSync(path.join(this.#directory, 'log'), 'a');
    this.#process = spawn(process.env.TEAMS_HOST, [this.#directory], {stdio: ['pipe', 'pipe', this.#log]});
    this.#process.on('exit', code => {
      for (const {fail} of this.#replies.splice(0)) fail(new Error(`teams_host ended (${code}):\n${this.log}`));
    });
    readline.createInterface({input: this.#process.stdout}).on('line', line => this.#heard(line));
    await this.#next();
  }
  // Each line answers the command that waits longest.
  #heard(line) {
    const reply = this.#replies.shift();
    if (!reply) throw new Error(`teams_host said something unasked: ${line}`);
    try {
      reply.done(JSON.parse(line));
    } catch {
      reply.fail(new Error(`teams_host answered something that is not JSON: ${line}`));
    }
  }
  #next() {
    return new Promise((done, fail) => this.#replies.push({done, fail}));
  }
  // One of the commands of teams_host.cpp.
  tell(command) {
    const reply = this.#next();
    this.#process.stdin.write(JSON.stringify(command) + '\n');
    return reply;
  }
  state() {
    return this.tell({state: true});
  }
  async ticket(id) {
    return (await this.state()).tickets.find(ticket => ticket.id === id);
  }

  // As a service is stopped, or, with SIGKILL, as it is not.
  async stop(signal) {
    if (!this.#process || this.#process.exitCode !== null || this.#process.signalCode) return;
    const ended = new Promise(done => this.#process.once('exit', done));
    if (signal) this.#process.kill(signal);
    else this.#process.stdin.end();
    await ended;
    fs.closeSync(this.#log);
  }
}
