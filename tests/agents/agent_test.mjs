// SPDX-License-Identifier: Apache-2.0
//
// The real agent that STAYD_AGENT names. With the hook that `stayctl hook install` gives it, its model
// is told once why something was denied, and nothing when there is nothing to tell. With `stayctl mcp`,
// its model can ask.
import assert from 'node:assert/strict';
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

// The tests of an agent are one workload, so that the same denial in a row counts on.
const denied = /stayd: denied: open \/home\/dev\/\.ssh\/id_rsa( \(\d+ times\))?, by the policy; rule: files\.read\.deny: secrets \(\/home\/dev\/\.ssh\) \(\/etc\/stayd\/policies\/agent\.yaml:6\)/;
const deny = () => host.tell({deny: '/home/dev/.ssh/id_rsa'});
const count = text => [...text.matchAll(new RegExp(denied, 'g'))].length;
const step = ([tool, input], rest = {}) => ({tool, input, ...rest});

// Runs the agent through the steps; resolves to what its model was told before each answer.
async function conversation(steps, options = {}) {
  const model = new Model(steps);
  await model.start();
  const said = await run(name, {host, model, ...options});
  model.stop();
  assert.equal(model.steps.length, 0, `the agent made too few calls, and said: ${said}`);
  assert.equal(model.conversations.length, steps.length + 1, said);
  return model.conversations;
}

test(`${name} is told once why a command failed, and nothing when nothing was denied`, limits, async () => {
  const told = await conversation([
    step(agent.shell('true')),
    step(agent.shell('cat /home/dev/.ssh/id_rsa'), {before: deny}),
    step(agent.shell('true')),
  ]);
  assert.deepEqual(told.map(count), [0, 0, 1, 1], told.at(-1).slice(-2000));
});

if (agent.read)
  test(`${name} is told why a file could not be read`, limits, async () => {
    const work = path.join(host.directory, 'read');
    const told = await conversation([
      // Agents read nothing outside of their project, and run no hook for what they refuse themselves.
      step(agent.read(path.join(work, 'notes.txt')), {before: deny}),
      step(agent.shell('true')),
    ], {work});
    assert.deepEqual(told.map(count), [0, 1, 1], told.at(-1).slice(-2000));
  });

if (agent.sandbox)
  test(`${name} is told also when its commands run in its own sandbox`, limits, async () => {
    const outside = `/var/tmp/stayd-agents-${process.pid}-${name}`;
    const told = await conversation([step(agent.shell(`touch ${outside}; ${process.env.STAYCTL} why`), {before: deny})], {sandbox: true});
    assert.ok(!fs.existsSync(outside), 'its sandbox is on');
    assert.equal(count(told[1]), 1, told[1].slice(-2000));
  });

if (!agent.noMcp)
  test(`${name} can call stayd_denials`, limits, async () => {
    const told = await conversation([...(agent.finds ?? []), {tool: /stayd_denials$/, input: {last: 1}, before: deny}], {install: false, mcp: true});
    assert.match(told.at(-1), denied, told.at(-1).slice(-2000));
  });
