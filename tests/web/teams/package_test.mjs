// SPDX-License-Identifier: Apache-2.0
//
// What `stayctl teams setup` writes: the app package, judged by Microsoft's validator, python's
// reader of archives, and a browser; and what it says.
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {after, test} from 'node:test';

import {startBrowser} from './rig/browser.mjs';
import {app, tenant} from './rig/names.mjs';
import {load} from './rig/packages.mjs';

const {AppManifestUtils} = await load('@microsoft/app-manifest');

const directory = fs.mkdtempSync(path.join(process.env.STAYD_RIG, 'package-'));
const inside = name => path.join(directory, name);
after(() => fs.rmSync(directory, {recursive: true}));

const setup = (name, ...more) => spawnSync(process.env.STAYCTL, [
  'teams', 'setup', '--tenant', tenant, '--app-id', app, '--config', inside(name + '.yaml'),
  '--package', inside(name + '.zip'), ...more], {encoding: 'utf8', input: ''});
const bot = ['--endpoint', 'https://stayd.example.com/api/messages'];

function unpacked(name) {
  fs.mkdirSync(inside(name));
  execFileSync('python3', ['-m', 'zipfile', '-t', inside(name + '.zip')]);
  execFileSync('python3', ['-m', 'zipfile', '-e', inside(name + '.zip'), inside(name)]);
  return file => path.join(inside(name), file);
}

for (const [name, ...options] of [['bot', ...bot], ['notify', '--mode', 'notify']])
  test(`the package of a ${name} is what Microsoft's validator wants`, async () => {
    const result = setup(name, ...options);
    assert.equal(result.status, 0, result.stderr);
    const file = unpacked(name);
    assert.deepEqual(fs.readdirSync(inside(name)).sort(), ['color.png', 'manifest.json', 'outline.png']);
    const [manifest, errors] = await AppManifestUtils.readAndValidateTeamsManifest(file('manifest.json'));
    assert.deepEqual(errors, []);
    assert.equal(manifest.id, app);
    assert.equal(manifest.bots[0].botId, app);
    assert.equal(manifest.bots[0].isNotificationOnly, name === 'notify');
  });

test('the validator refuses a manifest that is wrong', async () => {
  const manifest = JSON.parse(fs.readFileSync(path.join(inside('bot'), 'manifest.json')));
  manifest.bots[0].scopes = ['everywhere'];
  fs.writeFileSync(inside('wrong.json'), JSON.stringify(manifest));
  await assert.rejects(AppManifestUtils.readAndValidateTeamsManifest(inside('wrong.json')), /"bots"/);
});

test('the icons are the files of packaging/teams', () => {
  for (const name of ['color.png', 'outline.png'])
    assert.deepEqual(
      fs.readFileSync(path.join(inside('bot'), name)),
      fs.readFileSync(new URL('../../../packaging/teams/' + name, import.meta.url)));
});

test('the icons have the right sizes, and the outline is white on nothing', async () => {
  const browser = await startBrowser();
  const page = await browser.newPage();
  const look = name => page.evaluate(async bytes => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + bytes;
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
    const pixels = [...new Array(data.length / 4)].map((_, i) => [...data.slice(4 * i, 4 * i + 4)]);
    return {
      size: [canvas.width, canvas.height], corner: pixels[0],
      allWhite: pixels.every(p => p[3] === 0 || (p[0] === 255 && p[1] === 255 && p[2] === 255)),
      visible: pixels.filter(p => p[3] === 255).length};
  }, fs.readFileSync(path.join(inside('bot'), name)).toString('base64'));
  const colour = await look('color.png');
  assert.deepEqual(colour.size, [192, 192]);
  assert.equal(colour.corner[3], 255);
  const outline = await look('outline.png');
  assert.deepEqual(outline.size, [32, 32]);
  assert.equal(outline.corner[3], 0);
  assert.ok(outline.allWhite && outline.visible > 50);
  await browser.close();
});

test('nothing that is there is overwritten', () => {
  const config = fs.readFileSync(inside('bot.yaml'), 'utf8');
  assert.match(config, /secret_file: .*teams\.secret/);
  const again = setup('bot', ...bot);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /bot\.yaml already exists/);
  assert.equal(fs.readFileSync(inside('bot.yaml'), 'utf8'), config);
});

test('what is missing or wrong is said, and nothing is written', () => {
  for (const [options, complaint] of [
    [[], /missing option: --endpoint/],
    [['--endpoint', 'http://stayd.example.com/api/messages'], /is not an endpoint/],
    [['--endpoint', 'https://stayd.example.com/'], /is not an endpoint/],
    [[...bot, '--mode', 'robot'], /no mode 'robot'/],
    [[...bot, '--cloud', 'chinaa'], /did you mean 'china'/],
  ]) {
    const result = setup('refused', ...options);
    assert.equal(result.status, 2, options);
    assert.match(result.stderr, complaint);
    assert.ok(!fs.existsSync(inside('refused.yaml')) && !fs.existsSync(inside('refused.zip')));
  }
});
