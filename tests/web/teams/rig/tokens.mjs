// SPDX-License-Identifier: Apache-2.0
//
// Tokens that Microsoft would send to a bot, and tokens that it never would, by the npm package jose.
import {app} from './names.mjs';
import {load} from './packages.mjs';

const jose = await load('jose');

const issuer = 'https://api.botframework.com';
const encode = value => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function makeKey(kid) {
  const {publicKey, privateKey} = await jose.generateKeyPair('RS256', {extractable: true});
  return {kid, publicKey, privateKey, jwk: {...await jose.exportJWK(publicKey), use: 'sig', kid, alg: 'RS256'}};
}

// What a bot is told with every request. `keys` are {known, stranger, unendorsed}.
async function signed(keys, activity, changes = {}) {
  const now = Math.floor(Date.now() / 1000);
  const key = changes.key ?? keys.known;
  return new jose.SignJWT({serviceurl: activity.serviceUrl, ...changes.claims})
      .setProtectedHeader({alg: 'RS256', kid: key.kid, x5t: key.kid, typ: 'JWT', ...changes.header})
      .setIssuer(changes.issuer ?? issuer)
      .setAudience(changes.audience ?? app)
      .setNotBefore(now + (changes.nbf ?? -5))
      .setExpirationTime(now + (changes.exp ?? 600))
      .sign(changes.privateKey ?? key.privateKey, {crit: {'https://x.example/': true}});
}

async function confused(keys, activity) {
  const now = Math.floor(Date.now() / 1000);
  return new jose.SignJWT({serviceurl: activity.serviceUrl, iss: issuer, aud: app, nbf: now - 5, exp: now + 600})
      .setProtectedHeader({alg: 'HS256', kid: keys.known.kid, typ: 'JWT'})
      .sign(Buffer.from(await jose.exportSPKI(keys.known.publicKey)));
}

async function unsigned(keys, activity) {
  const [, claims] = (await signed(keys, activity)).split('.');
  return `${encode({alg: 'none', typ: 'JWT', kid: keys.known.kid})}.${claims}.`;
}

// Kind of token → the value of the Authorization header, undefined for none, a list for several.
const kinds = {
  good: (keys, a) => signed(keys, a),
  'expired 200 s ago': (keys, a) => signed(keys, a, {nbf: -1000, exp: -200}),
  'no header': () => undefined,
  'two headers': async (keys, a) => [await signed(keys, a), await signed(keys, a)],
  'another scheme': async (keys, a) => 'Basic ' + Buffer.from('a:b').toString('base64'),
  'a stranger\'s signature': (keys, a) => signed(keys, a, {privateKey: keys.stranger.privateKey}),
  'a key that it brings along': (keys, a) =>
      signed(keys, a, {privateKey: keys.stranger.privateKey, header: {jwk: keys.stranger.jwk}}),
  'an unknown key': (keys, a) => signed(keys, a, {key: keys.stranger}),
  'no key named': (keys, a) => signed(keys, a, {header: {kid: undefined}}),
  'another audience': (keys, a) => signed(keys, a, {audience: '99999999-9999-4999-8999-999999999999'}),
  'another issuer': (keys, a) => signed(keys, a, {issuer: 'https://evil.example'}),
  'the emulator\'s issuer': (keys, a) =>
      signed(keys, a, {issuer: 'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/'}),
  'expired 400 s ago': (keys, a) => signed(keys, a, {nbf: -1000, exp: -400}),
  'valid in 400 s': (keys, a) => signed(keys, a, {nbf: 400, exp: 900}),
  'an extension': (keys, a) => signed(keys, a, {header: {crit: ['https://x.example/'], 'https://x.example/': 1}}),
  'alg none': unsigned,
  'HS256 with the public key': confused,
  'of 100 KiB': (keys, a) => signed(keys, a, {claims: {x: 'x'.repeat(100 << 10)}}),
  // From here on the token itself is right.
  'a list of audiences': (keys, a) => signed(keys, a, {audience: [app]}),
  'another serviceurl': (keys, a) => signed(keys, a, {claims: {serviceurl: 'https://evil.example/'}}),
  'no serviceurl': (keys, a) => signed(keys, a, {claims: {serviceurl: undefined}}),
  'a key that is not endorsed': (keys, a) => signed(keys, a, {key: keys.unendorsed}),
};

export const tokenKinds = Object.keys(kinds);

export async function authorization(kind, keys, activity) {
  const token = await kinds[kind](keys, activity);
  const header = text => text.includes(' ') ? text : 'Bearer ' + text;
  return Array.isArray(token) ? token.map(header) : token && header(token);
}
