// SPDX-License-Identifier: Apache-2.0
//
// Who is who in the rig: what the Playground's configuration, the tokens and stayd's own agree on.
export const tenant = '11111111-1111-4111-8111-111111111111';
export const app = '22222222-2222-4222-8222-222222222222';
export const bot = '28:' + app;
export const secret = 'not-a-real-secret';
export const serviceUrl = 'https://smba.trafficmanager.net/teams/';
export const personalChat = 'a:personal-alice';
export const channel = '19:approvals@thread.tacv2';
export const team = '19:general@thread.tacv2';

const person = (name, digit) => ({
  name,
  id: `29:${name.toLowerCase()}-mri`,
  object: `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-8${digit.repeat(3)}-${digit.repeat(12)}`,
  address: `${name.toLowerCase()}@example.com`,
});
export const people = {
  alice: person('Alice', 'a'),
  bob: person('Bob', 'b'),
  carol: person('Carol', 'c'),
  dave: person('Dave', 'd'),
  erin: person('Erin', 'e'),
  mallory: person('Mallory', 'f'),
};
