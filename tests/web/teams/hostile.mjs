// SPDX-License-Identifier: Apache-2.0
//
// Texts that would do harm in a card if any client read them as anything but text.
const markup = [
  '[Approve](https://evil.example/a)', '<https://evil.example/b>', 'https://evil.example/c', 'evil.example/d',
  '![x](https://evil.example/p.png)', '<img src=https://evil.example/q.png onerror=alert(1)>', '<b>SAFE</b>',
  '<script>alert(1)</script>', '<at>Alice</at>', '<iframe src="//evil.example">', '&lt;b&gt; &amp; &#x41;',
  '**SAFE**', '_x_ *y* ~~z~~ `code`', '# Approved by the CISO', '- item', '1. x', '> quoted', '---', '| a | b |\n|---|---|',
  '```\nfence\n```', '{{DATE(2020-01-01T00:00:00Z,SHORT)}}', '{{{TIME(2020-01-01T00:00:00Z)}}}', '{{', '{ {x} }', '${title}',
  'mailto:ciso@evil.example', 'javascript:alert(1)', 'tel:+1234', '@everyone', ':white_check_mark:', '<!channel>',
];
const controls = [
  'row\nRule: allowed', 'a\r\nb', 'a\tb', 'a\vb', 'a\u2028b\u2029c\u0085d', '\u202egnp.txt', '\u2066x\u2069', '\u200ex\u200f\u061c',
  'zero\u200bwidth\u200d\ufeff', 'soft\u00adhyphen', 'tag\u{e0041}\u{e007f}', 'e\u0301\u0301\u0301\u0301', '/usr/bin/\u0455udo', '\u0000nul',
  '\x1b[31mred', '\x07\x08\x7f', ' leading', 'trailing ', 'many          spaces', '\u00a0\u3000', '\u{1f600}', '中文路径', '\ud7ff\ue000',
];
const shells = ['a b', '"a b"', "it's", '$(reboot)', '`reboot`', 'a;b|c&d', '\\\\', '\\n', '\\x41', "'; DROP TABLE tickets; --", '%s%n'];
const long = ['A'.repeat(3_000), '\u{1f600}'.repeat(2_000), '\n'.repeat(2_000), '{{'.repeat(2_000), '/' + 'd/'.repeat(2_000) + 'rm -rf'];
const bytes = [Buffer.from([0xff, 0xfe, 0x41]), Buffer.from([0xc0, 0xaf]), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from([0xf4, 0x90, 0x80, 0x80]),
  Buffer.from([...Array(256).keys()])];

export const hostile = [...markup, ...controls, ...shells, ...long].map(text => Buffer.from(text)).concat(bytes);
