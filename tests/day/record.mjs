// SPDX-License-Identifier: Apache-2.0
//
// tests/day/record.mjs AGENT: runs a real agent from npm with a model of ours under strace, and prints
// what stayd would judge of it, one operation a line. For a developer who renews tests/day/recorded;
// needs build/npm-agents (scripts/lib/npm-packages) and strace.
import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import {agents, run} from '../agents/rig/agents.mjs';
import {Model} from '../agents/rig/model.mjs';

const name = process.argv[2];
const agent = agents[name];
if (!agent) throw new Error(`usage: node tests/day/record.mjs ${Object.keys(agents).join('|')}`);
process.env.STAYCTL ??= '/usr/bin/false';

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'stayd-day-'));
const project = path.join(directory, 'project');
const trace = path.join(directory, 'trace');
const git = (...words) => spawnSync('git', ['-C', project, '-c', 'user.name=dev', '-c', 'user.email=dev@example.org', ...words]);
fs.mkdirSync(project);
fs.writeFileSync(path.join(project, 'main.py'), 'print("hello")\n');
git('init', '-q');
git('add', '-A');
git('commit', '-qm', 'begin');

const step = ([tool, input]) => ({tool, input});
const model = new Model([
  step(agent.read?.(path.join(project, 'main.py')) ?? agent.shell('cat main.py')),
  step(agent.shell('echo "print(1)" >> main.py')),
  step(agent.shell('git -c user.name=dev -c user.email=dev@example.org commit -qam "say one"')),
  step(agent.shell('ls')),
]);
await model.start();
const calls = 'open,openat,creat,mkdir,mkdirat,unlink,unlinkat,rmdir,rename,renameat,renameat2,link,linkat,symlink,symlinkat,connect,execve';
const launcher = ['strace', '-f', '-qq', '-y', '-s', '512', '-o', trace, '-e', `trace=${calls}`];
console.error(await run(name, {host: {directory, socket: path.join(directory, 'none'), launcher}, model, install: false, work: project}));
model.stop();
const home = fs.readdirSync(directory).map(each => path.join(directory, each)).find(each => path.basename(each).startsWith('home-'));

// Numbers and random parts of names are others the next time, and the same to the pack.
const plain = text => text
  .replaceAll(project, '$repository').replaceAll(home, '~').replaceAll(directory, '/tmp/agent')
  .replaceAll(path.basename(directory), 'agent').replaceAll(/\/[^ "]*\/node_modules\//g, '$npm/');
const judged = place => /^(~|\$repository|\/tmp|\/var|\/etc|\/run|\/root|\/home)(\/|$)/.test(place);
const quoted = /"((?:[^"\\]|\\.)*)"/g;

const seen = new Set();
const say = line => {
  const text = plain(line);
  const places = text.split(' ').slice(1).filter(each => /^[~$/]/.test(each));
  if (!text.startsWith('exec') && !text.startsWith('connect') && !places.some(judged)) return;
  if (seen.has(text)) return;
  seen.add(text);
  console.log(text);
};
for (const line of fs.readFileSync(trace, 'utf8').split('\n')) {
  const call = /^\d+ +(\w+)\((.*)\) += (.*)$/.exec(line);
  if (!call) continue;
  const [, what, words, result] = call;
  if (result.startsWith('-1') && !result.includes('EINPROGRESS')) continue;
  const texts = [...words.matchAll(quoted)].map(each => each[1]);
  const at = /^[^<]*<([^>]*)>/.exec(words)?.[1] ?? '';
  const whole = (text, base = at) => path.resolve(base || project, text);
  const opened = /<([^>]*)>/.exec(result)?.[1];
  if (/^open|^creat/.test(what)) {
    if (/O_CREAT/.test(words) || what === 'creat') say(`create ${opened}`);
    else if (/O_WRONLY|O_RDWR/.test(words)) say(`write ${opened}`);
    else if (!/O_DIRECTORY|O_PATH/.test(words)) say(`read ${opened}`);
  } else if (/^mkdir/.test(what)) say(`mkdir ${whole(texts[0])}`);
  else if (/^unlink|^rmdir/.test(what)) say(`${/AT_REMOVEDIR/.test(words) || what === 'rmdir' ? 'rmdir' : 'unlink'} ${whole(texts[0])}`);
  else if (/^rename/.test(what)) say(`rename ${whole(texts[0])} ${whole(texts[1])}`);
  else if (/^symlink/.test(what)) say(`symlink ${whole(texts[1])}`);
  else if (/^link/.test(what)) say(`link ${whole(texts[0])} ${whole(texts[1])}`);
  else if (what === 'execve') say(`exec ${JSON.stringify(texts)}`);
  else if (what === 'connect' && texts.length > 0) say(/AF_UNIX/.test(words) ? `connect unix:${texts[0]}` : `connect ${texts[0]}`);
}
fs.rmSync(directory, {recursive: true, force: true});
