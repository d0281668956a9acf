// SPDX-License-Identifier: Apache-2.0
//
// The npm package jose, as an independent maker and judge of tokens. Commands:
//
//   vectors ISSUER AUDIENCE NOW   prints tokens, good and bad, one JSON object each line:
//                                 {name, token, keys, expected, jose}; `expected` is what our
//                                 verifier should say, `jose` whether jose accepts it
//   assertion                     reads {token, certificate, audience, client} from standard input
//                                 and prints what jose says of that client assertion
import crypto from 'node:crypto';
import fs from 'node:fs';
import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';

const require = createRequire(process.env.STAYD_NPM + '/');
const jose = await import(pathToFileURL(require.resolve('jose')));

const encode = value =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

async function makeKey(kid) {
  const {publicKey, privateKey} = await jose.generateKeyPair('RS256', {extractable: true});
  return {kid, privateKey, publicKey, jwk: {...await jose.exportJWK(publicKey), use: 'sig', kid}};
}

// RS256 over any header and claims, by node itself: what jose would refuse to make.
function signRaw(privateKey, header, claims) {
  const input = encode(header) + '.' + encode(claims);
  return input + '.' + crypto.sign('RSA-SHA256', Buffer.from(input), privateKey).toString('base64url');
}

async function vectors(issuer, audience, nowText) {
  const now = Number(nowText);
  const key = await makeKey('k1');
  const stranger = await makeKey('k1');
  const weak = crypto.generateKeyPairSync('rsa', {modulusLength: 1024});
  const set = {keys: [{...key.jwk, endorsements: ['msteams']}]};

  const make = (changes = {}) => {
    const token = new jose.SignJWT({serviceurl: 'https://smba.trafficmanager.net/teams/', ...changes.claims})
        .setProtectedHeader({alg: 'RS256', kid: 'k1', typ: 'JWT', ...changes.header})
        .setIssuer(changes.issuer ?? issuer)
        .setAudience(changes.audience ?? audience);
    if (changes.nbf !== null) token.setNotBefore(now + (changes.nbf ?? -60));
    if (changes.exp !== null) token.setExpirationTime(now + (changes.exp ?? 3600));
    return token.sign(changes.key ?? key.privateKey, {crit: {'https://x.example/': true}});
  };
  const claims = changes => ({iss: issuer, aud: audience, nbf: now - 60, exp: now + 3600, ...changes});
  const header = changes => ({alg: 'RS256', kid: 'k1', typ: 'JWT', ...changes});
  const raw = (h, c) => signRaw(key.privateKey, header(h), claims(c));

  const out = async (name, expected, token, keys = set) => {
    let verdict = 'accepted';
    try {
      await jose.jwtVerify(token, jose.createLocalJWKSet(keys), {
        issuer, audience, algorithms: ['RS256'], clockTolerance: 300, currentDate: new Date(now * 1000)});
    } catch (error) {
      verdict = error.code ?? error.name;
    }
    console.log(JSON.stringify({name, expected, token, keys: JSON.stringify(keys), jose: verdict}));
  };

  const good = await make();
  const [h, c, s] = good.split('.');
  await out('good', 'accepted', good);
  await out('good, by node', 'accepted', raw({}, {}));
  await out('expired 299 s ago', 'accepted', await make({exp: -299}));
  await out('expired 301 s ago', 'expiry', await make({exp: -301}));
  await out('valid in 299 s', 'accepted', await make({nbf: 299}));
  await out('valid in 301 s', 'begin', await make({nbf: 301}));
  await out('without exp', 'expiry', await make({exp: null}));
  await out('without nbf', 'begin', await make({nbf: null}));
  await out('exp is a text', 'expiry', raw({}, {exp: String(now + 3600)}));
  await out('exp is no whole number', 'expiry', raw({}, {exp: now + 0.5}));
  await out('exp is huge', 'expiry', raw({}, {exp: 1e300}));
  await out('issuer with a slash', 'issuer', await make({issuer: issuer + '/'}));
  await out('another issuer', 'issuer', await make({issuer: 'https://evil.example'}));
  await out('another audience', 'audience', await make({audience: 'other'}));
  await out('a list of audiences', 'audience', await make({audience: [audience]}));
  await out('two audiences', 'audience', await make({audience: [audience, 'other']}));
  await out('a stranger\'s key', 'signature', await make({key: stranger.privateKey}));
  await out('an unknown key', 'unknown_key', await make({header: {kid: 'k2'}}));
  await out('no key named', 'key_id', signRaw(key.privateKey, {alg: 'RS256'}, claims({})));
  await out('an extension', 'critical', await make({header: {crit: ['https://x.example/'], 'https://x.example/': 1}}));
  await out('alg none', 'algorithm', `${encode(header({alg: 'none'}))}.${c}.`);
  await out('alg none, with a signature', 'algorithm', `${encode(header({alg: 'none'}))}.${c}.${s}`);
  await out('HS256 with the public key', 'algorithm',
      await new jose.SignJWT(claims({})).setProtectedHeader({alg: 'HS256', kid: 'k1'})
          .sign(Buffer.from(await jose.exportSPKI(key.publicKey))));
  await out('PS256', 'algorithm',
      await new jose.SignJWT(claims({})).setProtectedHeader({alg: 'PS256', kid: 'k1'})
          .sign(await jose.importPKCS8(await jose.exportPKCS8(key.privateKey), 'PS256')));
  await out('a key that it brings along', 'signature',
      await make({key: stranger.privateKey, header: {jwk: stranger.jwk}}));
  await out('another token\'s claims', 'signature', [h, (await make({audience: 'other'})).split('.')[1], s].join('.'));
  await out('another token\'s signature', 'signature', [h, c, (await make({exp: 7200})).split('.')[2]].join('.'));
  await out('without its signature', 'signature', `${h}.${c}.`);
  await out('a dot at its end', 'form', good + '.');
  await out('two parts', 'form', `${h}.${c}`);
  await out('padding', 'encoding', `${h}=.${c}.${s}`);
  await out('the usual base64', 'encoding', `${h}.${c}.${s.slice(0, -1)}+`);
  await out('a member twice', 'json',
      signRaw(key.privateKey, header({}), JSON.stringify(claims({})).replace('{', '{"aud":"other",')));
  await out('of 1 MiB', 'size', raw({}, {x: 'x'.repeat(1 << 20)}));
  await out('another kind of token', 'type', await make({header: {typ: 'logout+jwt'}}));
  await out('a weak key', 'unknown_key', signRaw(weak.privateKey, header({kid: 'weak'}), claims({})),
      {keys: [{...weak.publicKey.export({format: 'jwk'}), kid: 'weak'}]});
  await out('an exponent of 1', 'unknown_key', good, {keys: [{...key.jwk, e: 'AQ'}]});
  await out('zeros before the modulus', 'unknown_key', good,
      {keys: [{...key.jwk, n: Buffer.concat([Buffer.alloc(8), Buffer.from(key.jwk.n, 'base64url')]).toString('base64url')}]});
  await out('two keys of one name', 'unknown_key', good, {keys: [key.jwk, stranger.jwk]});
  await out('a key for encryption', 'unknown_key', good, {keys: [{...key.jwk, use: 'enc'}]});
}

async function assertion() {
  const {token, certificate, audience, client} = JSON.parse(fs.readFileSync(0, 'utf8'));
  const key = await jose.importX509(certificate, 'PS256');
  const {payload, protectedHeader} = await jose.jwtVerify(token, key, {
    algorithms: ['PS256'], audience, issuer: client, subject: client, typ: 'JWT',
    requiredClaims: ['exp', 'nbf', 'iat', 'jti']});
  const der = new crypto.X509Certificate(certificate).raw;
  const thumbprint = crypto.createHash('sha256').update(der).digest('base64url');
  console.log(JSON.stringify({payload, protectedHeader, thumbprint}));
}

const commands = {vectors, assertion};
await commands[process.argv[2]](...process.argv.slice(3));
