// SPDX-License-Identifier: Apache-2.0
//
// The cards that stayd makes of hostile texts, in a browser and before a type checker: every run
// shows its text and nothing else happens.
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';

import {hostile} from './hostile.mjs';
import {startBrowser} from './rig/browser.mjs';
import {modules, require} from './rig/packages.mjs';

const link = 'https://stayd.example.com/tickets/17';
const lines = execFileSync(process.env.CARD_CORPUS, {
  input: hostile.map(text => text.toString('base64url') + '\n').join(''), encoding: 'utf8', maxBuffer: 1 << 28});
const corpus = lines.trim().split('\n').map(line => JSON.parse(line));
const cards = corpus.flatMap(({escaped, cards}) => cards.map(card => ({escaped, ...card})));
const content = card => card.activity.attachments[0].content;

// Every element of a card, in the order in which it is shown.
function* elements(value) {
  if (Array.isArray(value)) for (const each of value) yield* elements(each);
  else if (value && typeof value === 'object') {
    if (value.type) yield value;
    for (const each of Object.values(value)) yield* elements(each);
  }
}
const runsOf = card => [...elements(content(card))].filter(e => e.type === 'TextRun').map(e => e.text);

test('each is at most 20 KiB and shows the text that it was made of', () => {
  assert.equal(corpus.length, hostile.length);
  for (const card of cards) {
    assert.ok(Buffer.byteLength(JSON.stringify(card.activity)) <= 20 * 1024, card.name);
    const whole = card.escaped.length <= 60;
    if (whole && !card.name.match(/announcement/))
      assert.ok(runsOf(card).some(run => run.includes(card.escaped)), card.name + ': ' + card.escaped);
  }
});

test('every other text is one of ours, whatever the workload says', () => {
  const chrome = card => JSON.stringify(content(card), (key, value) => value?.type === 'TextRun' ? undefined : value);
  const names = new Set(cards.map(card => card.name));
  for (const name of names) {
    const seen = new Set(cards.filter(card => card.name === name).map(card => chrome(card) + card.activity.summary));
    // Less is shown of what is long, and what is strange is marked: some shapes, not one per text.
    assert.ok(seen.size <= 12, `${name}: ${seen.size} shapes`);
    for (const text of seen) assert.doesNotMatch(text, /evil|DROP TABLE|SAFE|CISO/);
  }
});

test('in a browser each run is its text; nothing is linked, drawn or fetched but what is ours', async () => {
  const browser = await startBrowser();
  const page = await browser.newPage({viewport: {width: 400, height: 800}});
  const requests = [];
  page.on('request', request => requests.push(request.url()));
  page.on('dialog', dialog => (requests.push('dialog: ' + dialog.message()), dialog.dismiss()));
  await page.setContent('<!doctype html><meta charset=utf-8><style>* { overflow-wrap: anywhere }</style><body></body>');
  await page.addScriptTag({path: path.join(modules, 'adaptivecards/dist/adaptivecards.min.js')});
  await page.addScriptTag({path: require.resolve('markdown-it/browser')});
  const results = await page.evaluate(all => {
    const {AdaptiveCard, SerializationContext, Version} = window.AdaptiveCards;
    const markdown = window.markdownit({linkify: true});
    AdaptiveCard.onProcessMarkdown = (text, result) => {
      result.outputHtml = markdown.render(text);
      result.didProcess = true;
    };
    return all.map(json => {
      const card = new AdaptiveCard();
      card.version = new Version(1, 5);
      const context = new SerializationContext();
      card.parse(json, context);
      const complaints = [
        ...Array.from({length: context.eventCount}, (_, i) => context.getEventAt(i).message),
        ...card.validateProperties().validationEvents.map(event => event.message)];
      const element = card.render();
      document.body.replaceChildren(element);
      // An input's label is made of such a block, too.
      const labels = [...element.querySelectorAll('[aria-labelledby]')].flatMap(
          input => input.getAttribute('aria-labelledby').split(' '));
      const blocks = [...element.querySelectorAll('.ac-richTextBlock')].filter(block => !labels.includes(block.id));
      return {
        complaints, runs: blocks.flatMap(block => [...block.querySelectorAll('span')]).map(span => span.innerText),
        links: [...element.querySelectorAll('a')].map(a => a.href), wide: element.scrollWidth > element.clientWidth,
        drawn: element.querySelectorAll('img, svg, iframe, script, video, object, embed').length};
    });
  }, cards.map(content));
  await browser.close();
  results.forEach((result, i) => {
    const name = `${cards[i].name}: ${cards[i].escaped.slice(0, 60)}`;
    assert.deepEqual(result.complaints, [], name);
    assert.deepEqual(result.runs, runsOf(cards[i]), name);
    assert.deepEqual(result.links, [], name);
    assert.equal(result.drawn, 0, name);
    assert.ok(!result.wide, name);
  });
  assert.deepEqual(requests, []);
});

test('the only address is the configured one', () => {
  for (const card of cards) {
    const urls = [...elements(content(card))].filter(e => e.url || e.selectAction || e.type === 'Image' || e.type === 'Media');
    for (const e of urls) assert.deepEqual([e.type, e.url], ['Action.OpenUrl', link], card.name);
  }
});

test('Microsoft\'s types know every member', () => {
  // One of each shape is enough for a type checker. Its `width` is "full"; the documents write "Full".
  const shapes = new Map(cards.map(card => [JSON.stringify(content(card), (key, value) => key === 'text' ? '' : value), content(card)]));
  const directory = fs.mkdtempSync(path.join(process.env.STAYD_RIG, 'types-'));
  fs.symlinkSync(modules, path.join(directory, 'node_modules'));
  fs.writeFileSync(path.join(directory, 'cards.ts'), `import type {IAdaptiveCard} from '@microsoft/teams.cards';\n` +
      `export const cards: IAdaptiveCard[] = ${JSON.stringify([...shapes.values()], null, 1).replaceAll('"width": "Full"', '"width": "full"')};\n`);
  const checked = spawnSync(process.execPath, [
    path.join(modules, 'typescript/bin/tsc'), '--strict', '--noEmit', '--skipLibCheck', '--target', 'es2022',
    '--module', 'nodenext', '--moduleResolution', 'nodenext', path.join(directory, 'cards.ts')], {encoding: 'utf8'});
  assert.equal(checked.stdout.slice(0, 4000), '');
  assert.equal(checked.status, 0);
  fs.rmSync(directory, {recursive: true});
});
