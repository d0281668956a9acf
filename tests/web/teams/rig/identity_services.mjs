// SPDX-License-Identifier: Apache-2.0
//
// login.microsoftonline.com, which gives a bot its token, and login.botframework.com, which says
// with what keys its visitors are signed.
import {app, secret, tenant} from './names.mjs';
import {load} from './packages.mjs';
import {makeKey} from './tokens.mjs';

const jose = await load('jose');
const scope = 'https://api.botframework.com/.default';
const audience = 'https://api.botframework.com';
const entraIssuer = `https://sts.windows.net/${tenant}/`;

export class IdentityServices {
  keys = {};
  tokensGiven = 0;
  #entra;
  #published;
  #certificate;

  async start() {
    this.#entra = await makeKey('entra-1');
    await this.rotate('1');
  }

  // A certificate instead of the secret, as PEM text.
  useCertificate(pem) {
    this.#certificate = pem;
  }

  async rotate(generation) {
    this.keys = {
      known: await makeKey('known-' + generation),
      unendorsed: await makeKey('unendorsed-' + generation),
      stranger: await makeKey('stranger-' + generation),
    };
    this.#published = {
      keys: [
        {...this.keys.known.jwk, endorsements: ['msteams']},
        {...this.keys.unendorsed.jwk, endorsements: ['webchat']},
      ],
    };
  }

  // Gives [status, JSON].
  async answer(host, target, body) {
    const path = target.split('?')[0];
    if (host === 'login.botframework.com') return this.#botframework(path);
    if (host !== 'login.microsoftonline.com') return [404, {}];
    const [, directory, ...rest] = path.split('/');
    if (rest.join('/') === 'oauth2/v2.0/token') return this.#token(directory, new URLSearchParams(body.toString()));
    return this.#metadata(path, directory);
  }

  #botframework(path) {
    if (path.endsWith('/openidconfiguration'))
      return [200, {
        issuer: 'https://api.botframework.com',
        authorization_endpoint: 'https://invalid.botframework.com',
        jwks_uri: 'https://login.botframework.com/v1/.well-known/keys',
        id_token_signing_alg_values_supported: ['RS256'],
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
      }];
    if (path.endsWith('/keys')) return [200, this.#published];
    return [404, {}];
  }

  // What Microsoft's own libraries read before they ask for a token.
  #metadata(path, directory) {
    const base = `https://login.microsoftonline.com/${directory}`;
    if (path.endsWith('/keys')) return [200, {keys: [this.#entra.jwk]}];
    return [200, {
      issuer: `${base}/v2.0`,
      jwks_uri: 'https://login.microsoftonline.com/common/discovery/v2.0/keys',
      token_endpoint: `${base}/oauth2/v2.0/token`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
    }];
  }

  async #token(directory, form) {
    const known = directory === tenant && form.get('grant_type') === 'client_credentials' &&
        form.get('client_id') === app && (form.get('scope') ?? '').split(' ').includes(scope);
    if (!known || !(await this.#proven(form)))
      return [401, {
        error: 'invalid_client',
        error_description: 'AADSTS7000215: Invalid client secret provided.',
        error_codes: [7000215],
      }];
    const token = await new jose.SignJWT({appid: app, tid: tenant, ver: '1.0', uti: String(++this.tokensGiven)})
        .setProtectedHeader({alg: 'RS256', kid: this.#entra.kid, typ: 'JWT'})
        .setIssuer(entraIssuer).setAudience(audience)
        .setIssuedAt().setNotBefore('-5s').setExpirationTime('1h')
        .sign(this.#entra.privateKey);
    return [200, {token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: token}];
  }

  async #proven(form) {
    if (form.has('client_secret')) return form.get('client_secret') === secret;
    if (!this.#certificate) return false;
    try {
      await jose.jwtVerify(form.get('client_assertion') ?? '', await jose.importX509(this.#certificate, 'PS256'), {
        algorithms: ['PS256'], issuer: app, subject: app,
        audience: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`});
      return true;
    } catch {
      return false;
    }
  }

  // Undefined if that is a token of ours, else what is wrong.
  async refusal(authorization) {
    try {
      await jose.jwtVerify((authorization ?? '').replace(/^Bearer /, ''), this.#entra.publicKey,
          {audience, issuer: entraIssuer});
      return undefined;
    } catch (error) {
      return error.message;
    }
  }
}
