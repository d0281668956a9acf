// SPDX-License-Identifier: Apache-2.0
//
// Each real agent, with the hook that `stayctl hook install` gives it: its model is told once why
// something was denied, and nothing when there is nothing to tell.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import {after, before, test} from 'node:test';

import {agents, missing, run} from './rig/agents.mjs';
import {Host} from './rig/host.mjs';
import {Model} from './rig/model.mjs';

const host = new Host();
before(() => host.start());
after(() => host.stop());

const denied = 'stayd: denied: open /home/dev/.ssh/id_rsa, by the policy; rule: files.read.deny: secrets (/home/dev/.ssh) (/etc/stayd/policies/agent.yaml:5)';
const deny = () => host.tell({deny: '/home/dev/.ssh/id_rsa'});
const count = text => text.split(denied).length - 1;
const step = ([tool, input], rest = {}) => ({tool, input, ...rest});

// Runs the agent through the steps; resolves to what its model was told before each answer.
async function conversation(name, steps, options = {}) {
  const model = new Model(steps);
  await model.start();
  const said = await run(name, {host, model, ...options});
  model.stop();
  assert.equal(model.steps.length, 0, `the agent made too few calls, and said: ${said}`);
  assert.equal(model.conversations.length, steps.length + 1, said);
  return model.conversations;
}

for (const [name, agent] of Object.entries(agents)) {
  const options = {skip: missing(name) || false, timeout: 400_000};

  test(`${name} is told once why a command failed, and nothing when nothing was denied`, options, async () => {
    const told = await conversation(name, [
      step(agent.shell('true')),
      step(agent.shell('cat /home/dev/.ssh/id_rsa'), {before: deny}),
      step(agent.shell('true')),
    ]);
    assert.deepEqual(told.map(count), [0, 0, 1, 1], told.at(-1).slice(-2000));
  });

  if (agent.read)
    test(`${name} is told why a file could not be read`, options, async () => {
      const told = await conversation(name, [
        step(agent.read('/home/dev/.ssh/id_rsa'), {before: deny}),
        step(agent.shell('true')),
      ]);
      assert.deepEqual(told.map(count), [0, 1, 1], told.at(-1).slice(-2000));
    });
}

for (const name of ['claude', 'codex'])
  test(`${name} is told also when its commands run in its own sandbox`, {skip: missing(name) || false, timeout: 400_000}, async () => {
    const outside = `/var/tmp/stayd-agents-${process.pid}-${name}`;
    const told = await conversation(name, [step(agents[name].shell(`touch ${outside}; ${process.env.STAYCTL} why`), {before: deny})], {sandbox: true});
    assert.ok(!fs.existsSync(outside), 'its sandbox is on');
    assert.equal(count(told[1]), 1, told[1].slice(-2000));
  });
