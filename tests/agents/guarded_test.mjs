// SPDX-License-Identifier: Apache-2.0
//
// The real agent that STAYD_AGENT names, its commands in its own sandbox, in a workload of a real stayd:
// `scripts/lib/guarded-agent AGENT` runs this under a kernel of its own.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {agents, run} from './rig/agents.mjs';
import {Guard} from './rig/guard.mjs';
import {Model} from './rig/model.mjs';

const name = process.env.STAYD_AGENT;
const agent = agents[name];
const guard = new Guard();
before(() => guard.start({'secrets/key': 'the key\n', 'customers/list.csv': 'alice,1\n'}, directory => `policy: agent
labels: {secrets: [${directory}/secrets], customers: [${directory}/customers]}
network: {default: allow}
files:
  default: allow
  read: {deny: [secrets], hold: [customers]}
exec: {default: allow}
approval: {timeout: 10m}
`), {timeout: 300_000});
after(() => guard.stop());

test(`${name}, in its own sandbox, is told of a denial, of a person's answer, and nothing of what was approved`, {timeout: 1200_000}, async () => {
  const read = file => {
    const [tool, input] = agent.shell(`cat ${guard.directory}/${file}`);
    return {tool, input};
  };
  const answers = [];
  const person = (choice, reason) => () => {
    const answer = guard.answer(choice, reason);
    answer.catch(error => model.break(error.message));
    answers.push(answer);
  };
  const model = new Model([
    read('secrets/key'),
    {...read('customers/list.csv'), before: person('deny', 'not today')},
    {...read('customers/list.csv'), before: person('approve', 'go on')},
  ]);
  await model.start();
  const said = await run(name, {host: guard, model, sandbox: true, limit: 240});
  model.stop();
  const told = model.conversations;
  const {tickets: all} = await guard.ask('GET', '/v1/tickets?all=1');
  const asked = all.map(({id, outcome, operation}) => `${id} ${operation.kind} ${operation.path}: ${outcome}`);
  const shown = `\nthe agent said: ${said}\npeople were asked: ${asked}\nits model was told at last: ${told.at(-1)?.slice(-3000)}`;
  assert.equal(told.length, 4, `the agent asked its model too seldom or too often${shown}`);
  const tickets = await Promise.all(answers);
  assert.deepEqual(tickets.map(ticket => ticket.operation.path), Array(2).fill(`${guard.directory}/customers/list.csv`));

  assert.match(told[1], /Operation not permitted/, shown);
  assert.match(told[1], /stayd: denied: open \S+\/secrets\/key, by the policy; rule: files\.read\.deny: secrets \(\S+\/secrets\) \(\S+\/agent\.yaml:6\)/, shown);
  assert.match(told[2], /stayd: denied: open \S+\/customers\/list\.csv, by [^:]+: \\*"not today\\*", ticket \d+/, shown);
  assert.ok(!told[2].includes('alice,1') && told[3].includes('alice,1'), shown);
  assert.equal(told[3].match(/stayd: \w+: /g).length, 2, `of what went on there is nothing to tell${shown}`);
});
