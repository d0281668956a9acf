// SPDX-License-Identifier: Apache-2.0
//
// The npm packages lie where STAYD_NPM says, not beside these files.
import {createRequire} from 'node:module';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

export const modules = path.join(process.env.STAYD_NPM, 'node_modules');
export const require = createRequire(modules + '/');
export const load = name => import(pathToFileURL(require.resolve(name)));
