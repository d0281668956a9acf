// SPDX-License-Identifier: Apache-2.0
//
// The real agent that STAYD_AGENT names. With the hook that `stayctl hook install` gives it, its model
// is told once why something was denied, and nothing when there is nothing to tell. With `stayctl mcp`,
// its model can ask. What counts is what arrives at the model's endpoint.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {agents, run} from './rig/agents.mjs';
import {Host} from './rig/host.mjs';
import {Model} from './rig/model.mjs';

const name = process.env.STAYD_AGENT;
const agent = agents[name];
const limits = {timeout: 400_000};

const host = new Host();
before(() => host.start());
after(() => host.stop());

// Where no agent's sandbox lets it write.
const outside = `/var/tmp/stayd-agents-${process.pid}-${name}`;
after(() => fs.rmSync(outside, {force: true}));

// The tests of an agent are one workload, so that the same denial in a row counts on.
const denied = /stayd: denied: open \/home\/dev\/\.ssh\/id_rsa( \(\d+ times\))?, by the policy; rule: files\.read\.deny: secrets \(\/home\/dev\/\.ssh\) \(\/etc\/stayd\/policies\/agent\.yaml:6\)/;
const deny = () => host.tell({deny: '/home/dev/.ssh/id_rsa'});
const count = text => [...text.matchAll(new RegExp(denied, 'g'))].length;
const step = ([tool, input], rest = {}) => ({tool, input, ...rest});

// Runs the agent through the steps; resolves to what its model was told before each answer, and to
// what a failure has to show.
async function conversation(steps, options = {}) {
  const model = new Model(steps);
  await model.start();
  const said = await run(name, {host, model, ...options});
  model.stop();
  const shown = `\nthe agent said: ${said}\nits model was told at last: ${model.conversations.at(-1)?.slice(-3000)}`;
  assert.equal(model.conversations.length, steps.length + 1, `the agent asked its model too seldom or too often${shown}`);
  return {told: model.conversations, shown};
}

test(`${name} is told once why a command or a read failed, and nothing when nothing was denied`, limits, async () => {
  // Agents read nothing outside of their project, and run no hook for what they refuse themselves.
  const work = path.join(host.directory, 'project');
  const missing = path.join(work, 'notes.txt');
  const {told, shown} = await conversation([
    step(agent.shell(`touch ${outside}`)),
    step(agent.shell('cat /home/dev/.ssh/id_rsa'), {before: deny}),
    step(agent.read?.(missing) ?? agent.shell(`cat ${missing}`), {before: deny}),
    step(agent.shell('true')),
  ], {work});
  assert.deepEqual(told.map(count), [0, 0, 1, 2, 2], shown);
  assert.ok(fs.existsSync(outside), `without a sandbox it writes everywhere${shown}`);
});

// What this machine lacks for sandboxes: a program, or a kernel that lets bubblewrap make a name space.
function lacks() {
  const missing = agent.sandbox.filter(program => spawnSync(program, ['--version']).error);
  if (missing.length > 0) return `not installed: ${missing}`;
  const made = spawnSync('bwrap', ['--unshare-user', '--ro-bind', '/', '/', 'true'], {encoding: 'utf8'});
  return made.status !== 0 && made.stderr.trim();
}
if (agent.sandbox)
  test(`${name} is told also when its commands run in its own sandbox`, {...limits, skip: lacks()}, async () => {
    fs.rmSync(outside, {force: true});
    const {told, shown} = await conversation([step(agent.shell(`echo inside; touch ${outside}`), {before: deny})], {sandbox: true});
    assert.match(told[1], /inside/, `the command did not run${shown}`);
    assert.ok(!fs.existsSync(outside), `its sandbox is not on${shown}`);
    assert.equal(count(told[1]), 1, shown);
  });

if (!agent.noMcp)
  test(`${name} can call stayd_denials`, limits, async () => {
    const {told, shown} = await conversation([...(agent.finds ?? []), {tool: /stayd_denials$/, input: {last: 1}, before: deny}], {install: false, mcp: true});
    // Some pass on the text of the answer, and some its members, with their quotes escaped once more.
    const answer = told.at(-1).replaceAll('\\', '');
    const member = /"retry":"never","rule":{"file":"\/etc\/stayd\/policies\/agent.yaml","line":6,"text":"files\.read\.deny: secrets \(\/home\/dev\/\.ssh\)"}/;
    assert.ok(count(answer) === 1 || member.test(answer), shown);
  });
