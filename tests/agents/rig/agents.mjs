// SPDX-License-Identifier: Apache-2.0
//
// The real agents, each with a home of its own, a model of ours, and stayctl as its user installs
// it.
import {spawn, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

// A file of a package, in whichever of the directories has it.
export function installed(file) {
  const places = (process.env.STAYD_AGENTS ?? 'build/npm-agents').split(':').map(each => path.resolve(each, 'node_modules', file));
  return places.find(each => fs.existsSync(each)) ?? places[0];
}
const script = file => [process.execPath, installed(file)];
const json = value => JSON.stringify(value, null, 2);
const openai = url => ({OPENAI_API_KEY: 'x', OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: 'm'});

// program: what starts it. files(model, options): those of its home, besides ours.
// environment(model). words(prompt, options). options.mcp: it may use the tools of stayctl mcp;
// options.sandbox: its commands run in its own sandbox, or not at all.
// shell, read: its tools for a command, and for a file, with their input. sandbox: it has one, which
// needs these programs of the machine.
// finds: what its model has to call before it may call a tool of stayctl mcp.
export const agents = {
  claude: {
    program: [installed('@anthropic-ai/claude-code-linux-x64/claude')],
    files: (_url, {sandbox}) => ({
      'mcp.json': json({mcpServers: {stayd: {command: process.env.STAYCTL, args: ['mcp']}}}),
      ...(sandbox && {'.claude/settings.json': json({sandbox: {enabled: true, failIfUnavailable: true, allowUnsandboxedCommands: false}})}),
    }),
    environment: url => ({ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'sk-x', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1'}),
    words: (prompt, {home, mcp}) => ['-p', prompt, '--model', 'claude-sonnet-4-5', '--allowedTools', 'Bash,Read,mcp__stayd',
      ...(mcp ? ['--mcp-config', path.join(home, 'mcp.json')] : [])],
    shell: command => ['Bash', {command, description: 'x'}],
    read: file => ['Read', {file_path: file}],
    sandbox: ['bwrap', 'socat'],
  },
  codex: {
    program: [installed('@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex')],
    files: url => ({'.codex/config.toml': `model = "gpt-5"
model_provider = "local"
[model_providers.local]
name = "local"
base_url = "${url}/v1"
wire_api = "responses"
env_key = "OPENAI_API_KEY"
[mcp_servers.stayd]
command = "${process.env.STAYCTL}"
args = ["mcp"]
env_vars = ["STAYD_SELF_SOCKET"]
`}),
    environment: openai,
    words: (prompt, {sandbox}) => ['exec', '--skip-git-repo-check', '--dangerously-bypass-hook-trust',
      ...(sandbox ? ['--sandbox', 'workspace-write'] : ['--dangerously-bypass-approvals-and-sandbox']), prompt],
    shell: command => ['exec_command', {cmd: command, yield_time_ms: 30000}],
    sandbox: ['bwrap'],
  },
  gemini: {
    program: script('@google/gemini-cli/bundle/gemini.js'),
    files: (_url, {sandbox}) => ({'.gemini/settings.json': json({
      security: {auth: {selectedType: 'gemini-api-key'}, toolSandboxing: Boolean(sandbox)}, privacy: {usageStatisticsEnabled: false},
      mcpServers: {stayd: {command: process.env.STAYCTL, args: ['mcp'], trust: true}},
    })}),
    environment: url => ({GEMINI_API_KEY: 'x', GOOGLE_GEMINI_BASE_URL: url, GEMINI_CLI_TRUST_WORKSPACE: 'true'}),
    words: prompt => ['-m', 'gemini-2.5-pro', '--yolo', '-p', prompt],
    shell: command => ['run_shell_command', {command}],
    read: file => ['read_file', {file_path: file}],
    sandbox: ['bwrap'],
  },
  opencode: {
    program: [installed('opencode-linux-x64/bin/opencode')],
    files: url => ({'.config/opencode/opencode.json': json({
      provider: {local: {npm: '@ai-sdk/openai-compatible', name: 'local', options: {baseURL: `${url}/v1`, apiKey: 'x'}, models: {m: {name: 'm'}}}},
      model: 'local/m', small_model: 'local/m', permission: {'*': 'allow'},
      mcp: {stayd: {type: 'local', command: [process.env.STAYCTL, 'mcp'], enabled: true}},
    })}),
    environment: () => ({}),
    words: prompt => ['run', '--print-logs', prompt],
    shell: command => ['bash', {command, description: 'x'}],
    read: file => ['read', {filePath: file}],
  },
  pi: {
    program: script('@mariozechner/pi-coding-agent/dist/cli.js'),
    files: url => ({'.pi/agent/models.json': json({providers: {local: {
      baseUrl: `${url}/v1`, api: 'openai-completions', apiKey: 'x',
      models: [{id: 'm', name: 'm', reasoning: false, input: ['text'], contextWindow: 100000, maxTokens: 1000, cost: {input: 0, output: 0, cacheRead: 0, cacheWrite: 0}}],
    }}})}),
    environment: () => ({}),
    words: prompt => ['--provider', 'local', '--model', 'm', '-p', prompt],
    shell: command => ['bash', {command}],
    read: file => ['read', {path: file}],
    noMcp: 'pi has no MCP client of its own',
  },
  qwen: {
    program: script('@qwen-code/qwen-code/cli.js'),
    files: () => ({'.qwen/settings.json': json({
      security: {auth: {selectedType: 'openai'}}, privacy: {usageStatisticsEnabled: false},
      mcpServers: {stayd: {command: process.env.STAYCTL, args: ['mcp'], trust: true}},
    })}),
    environment: openai,
    words: prompt => ['--yolo', '-p', prompt],
    finds: [{tool: 'tool_search', input: {query: 'select:mcp__stayd__stayd_denials'}}],
    shell: command => ['run_shell_command', {command, is_background: false}],
    read: file => ['read_file', {file_path: file}],
  },
};

// Ends a program with all that it started.
function end(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended, or was never there.
  }
}

// Runs the agent once with a prompt; resolves to what it printed and how it ended, in words. It is
// ended after `limit` seconds, and as soon as its model is asked for what it cannot give. `install`:
// with our hook. `work`: its project's directory; else one in its home.
export async function run(name, {host, model, install = true, work, limit = 300, ...options}) {
  const agent = agents[name];
  const home = path.join(host.directory, `home-${name}-${Math.random().toString(36).slice(2)}`);
  work ??= path.join(home, 'project');
  fs.mkdirSync(work, {recursive: true});
  for (const [file, text] of Object.entries(agent.files(model.url, {home, ...options}))) {
    fs.mkdirSync(path.dirname(path.join(home, file)), {recursive: true});
    fs.writeFileSync(path.join(home, file), text);
  }
  const environment = {PATH: process.env.PATH, HOME: home, TERM: 'xterm-256color', STAYD_SELF_SOCKET: host.socket, ...agent.environment(model.url, {home, ...options})};
  if (install) {
    const done = spawnSync(process.env.STAYCTL, ['hook', 'install', name], {env: environment, encoding: 'utf8'});
    if (done.status !== 0) throw new Error(`hook install ${name}: ${done.stderr}`);
  }
  const [program, ...first] = [...(host.launcher ?? []), ...agent.program];
  const child = spawn(program, [...first, ...agent.words('go on', {home, ...options})], {cwd: work, env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true});
  let text = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', bytes => text += bytes);
  let why;
  const stop = reason => {
    why ??= reason;
    end(child);
  };
  const timer = setTimeout(stop, limit * 1000, `it took more than ${limit} s`);
  model.broken.then(stop);
  const how = await new Promise(ended => {
    child.on('error', error => ended(error.message));
    child.on('close', (status, signal) => ended(why ?? `it ended with ${signal ?? status}`));
  });
  clearTimeout(timer);
  end(child);
  return `${text.slice(-6000)}\n${name}: ${how}`;
}
