// SPDX-License-Identifier: Apache-2.0
//
// self_host, which plays the kernel and the people to whoever connects to its self.sock.
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

export class Host {
  async start() {
    this.directory = fs.mkdtempSync(path.join(os.tmpdir(), 'stayd-agents-'));
    this.process = spawn(process.env.SELF_HOST, [this.directory], {stdio: ['pipe', 'pipe', 'inherit']});
    const lines = readline.createInterface({input: this.process.stdout});
    await new Promise((ready, failed) => {
      lines.once('line', ready);
      this.process.once('exit', status => failed(new Error(`self_host ended with ${status}`)));
    });
  }

  stop() {
    this.process?.stdin.end();
    fs.rmSync(this.directory, {recursive: true, force: true});
  }

  get socket() { return path.join(this.directory, 'self.sock'); }

  // See self_host.cpp.
  async tell(command) {
    const socket = net.connect(path.join(this.directory, 'kernel.sock'));
    socket.write(`${JSON.stringify(command)}\n`);
    let text = '';
    for await (const bytes of socket) text += bytes;
    return JSON.parse(text);
  }
}
