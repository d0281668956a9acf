// SPDX-License-Identifier: Apache-2.0
//
// A real stayd on a kernel that is ours alone, and one workload, which the agent is started in. It has
// the interface of Host as far as an agent is run with it, and the people: whoever runs the tests.
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

const cgroup = '/ai.slice/agent.service';
const control = path.join('/sys/fs/cgroup', cgroup);

export class Guard {
  // files: {NAME: TEXT}, below the directory. policy(directory): what the workload is under.
  async start(files, policy) {
    this.directory = fs.mkdtempSync(path.join(os.tmpdir(), 'stayd-agents-'));
    const write = (name, text) => {
      const file = path.join(this.directory, name);
      fs.mkdirSync(path.dirname(file), {recursive: true});
      fs.writeFileSync(file, text);
      return file;
    };
    for (const [name, text] of Object.entries(files)) write(name, text);
    const file = write('agent.yaml', policy(this.directory));
    fs.mkdirSync(control, {recursive: true});
    this.run = path.join(this.directory, 'run');
    const words = {'--runtime-dir': this.run, '--record': path.join(this.directory, 'record.jsonl'), '--state-dir': path.join(this.directory, 'state'),
      '--policies': path.join(this.directory, 'none'), '--people': path.join(this.directory, 'people.yaml')};
    this.process = spawn(process.env.STAYD, Object.entries(words).flat(), {stdio: ['ignore', 'pipe', 'inherit']});
    const lines = readline.createInterface({input: this.process.stdout});
    await new Promise((ready, failed) => {
      lines.on('line', line => line.includes('ready') && ready());
      this.process.once('exit', status => failed(new Error(`stayd ended with ${status}`)));
    });
    await this.ask('POST', '/v1/workloads', {cgroup, policy: file});
  }

  async stop() {
    const ended = new Promise(exit => this.process.once('exit', exit));
    this.process.kill('SIGTERM');
    await ended;
  }

  get socket() { return path.join(this.run, 'self.sock'); }
  // What starts a program in the workload.
  get launcher() { return ['/bin/sh', '-c', `echo $$ >${control}/cgroup.procs && exec "$@"`, 'sh']; }

  async ask(method, target, body) {
    const request = http.request({socketPath: path.join(this.run, 'stayd.sock'), path: target, method, agent: false, headers: {host: 'stayd', 'content-type': 'application/json'}});
    request.end(body && JSON.stringify(body));
    const response = await new Promise((answered, failed) => request.once('response', answered).once('error', failed));
    let text = '';
    for await (const bytes of response) text += bytes;
    if (response.statusCode >= 300) throw new Error(`${method} ${target}: ${response.statusCode} ${text}`);
    return text ? JSON.parse(text) : {};
  }

  // Answers the next question that is asked; resolves to its ticket.
  async answer(choice, reason) {
    for (let target = '/v1/tickets'; ;) {
      const {tickets: [ticket], revision} = await this.ask('GET', target);
      if (ticket) {
        await this.ask('POST', `/v1/tickets/${ticket.id}/decision`, {choice, digest: ticket.digest, reason});
        return ticket;
      }
      target = `/v1/tickets?wait=5&since=${revision}`;
    }
  }
}
