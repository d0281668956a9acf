// SPDX-License-Identifier: Apache-2.0
//
// A model that says what a test wants, behind each of the interfaces that the agents speak:
// Anthropic's messages, OpenAI's responses and chat completions, and Gemini's content generation.
import http from 'node:http';

// What was said to the model, as one text: of a conversation's request, everything in it.
const conversationOf = body => (body.messages ?? body.input ?? body.contents ?? []).map(each => JSON.stringify(each)).join('\n');
// Each tool that the model may call, as {name}; Codex has those of an MCP server in a name space, and
// wants to be told both.
const toolsOf = body => (body.tools ?? []).flatMap(tool =>
  tool.functionDeclarations?.map(({name}) => ({name})) ??
  tool.tools?.map(({name}) => ({name, namespace: tool.name})) ?? [{name: tool.function?.name ?? tool.name}]);

export class Model {
  // steps: [{tool, input, before}]: in each answer the model calls the next tool, after `before()`;
  // `tool` is a name, or an expression that the name of one tool matches. Then it says "done".
  constructor(steps) {
    this.steps = [...steps];
    this.conversations = []; // what it was told before each of its answers
    this.broken = new Promise(broken => this.break = broken); // resolves to why it cannot go on
    this.server = http.createServer((request, response) => this.serve(request, response));
  }
  async start() {
    await new Promise(ready => this.server.listen(0, '127.0.0.1', ready));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
  }
  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }

  async serve(request, response) {
    let text = '';
    for await (const bytes of request) text += bytes;
    const body = text ? JSON.parse(text) : {};
    const answer = [
      [/\/v1\/messages$/, messages], [/\/responses$/, responses],
      [/\/chat\/completions$/, chat], [/:(stream)?[gG]enerateContent$/, contents],
    ].find(([pattern]) => pattern.test(request.url.split('?')[0]))?.[1];
    if (!answer) {
      response.writeHead(404, {'content-type': 'application/json'}).end('{}');
      return;
    }
    let tool;
    try {
      tool = await this.next(body);
    } catch (error) {
      this.break(error.message);
      response.writeHead(400, {'content-type': 'application/json'}).end(JSON.stringify({error: {message: error.message}}));
      return;
    }
    answer(response, body, tool, request.url.includes('stream'));
  }

  // The tool to call now; nothing: none. Agents ask for titles as well, without tools.
  async next(body) {
    const tools = toolsOf(body);
    if (tools.length === 0) return undefined;
    this.conversations.push(conversationOf(body));
    const step = this.steps[0];
    if (!step) return undefined;
    const tool = tools.find(({name}) => step.tool.test?.(name) ?? step.tool === name);
    if (!tool) throw new Error(`no tool ${step.tool} among ${tools.map(({name}) => name)}`);
    this.steps.shift();
    await step.before?.();
    return {...tool, input: step.input, call: `call_${this.conversations.length}`};
  }
}

function stream(response, events) {
  response.writeHead(200, {'content-type': 'text/event-stream'});
  for (const [event, data] of events)
    response.write((event ? `event: ${event}\n` : '') + `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
  response.end();
}
function whole(response, data) {
  response.writeHead(200, {'content-type': 'application/json'}).end(JSON.stringify(data));
}

function messages(response, body, tool) {
  const message = {id: 'msg_1', type: 'message', role: 'assistant', model: body.model, content: [], stop_reason: null, stop_sequence: null, usage: {input_tokens: 1, output_tokens: 1}};
  if (!body.stream) return whole(response, {...message, content: [{type: 'text', text: 'done'}], stop_reason: 'end_turn'});
  const [block, delta] = tool ?
    [{type: 'tool_use', id: tool.call, name: tool.name, input: {}}, {type: 'input_json_delta', partial_json: JSON.stringify(tool.input)}] :
    [{type: 'text', text: ''}, {type: 'text_delta', text: 'done'}];
  const events = [
    {type: 'message_start', message},
    {type: 'content_block_start', index: 0, content_block: block},
    {type: 'content_block_delta', index: 0, delta},
    {type: 'content_block_stop', index: 0},
    {type: 'message_delta', delta: {stop_reason: tool ? 'tool_use' : 'end_turn', stop_sequence: null}, usage: {output_tokens: 1}},
    {type: 'message_stop'},
  ];
  return stream(response, events.map(event => [event.type, event]));
}

function responses(response, _body, tool) {
  const item = tool ?
    {type: 'function_call', id: `f_${tool.call}`, call_id: tool.call, name: tool.name, namespace: tool.namespace, arguments: JSON.stringify(tool.input)} :
    {type: 'message', role: 'assistant', id: 'm_1', content: [{type: 'output_text', text: 'done'}]};
  const usage = {input_tokens: 1, input_tokens_details: null, output_tokens: 1, output_tokens_details: null, total_tokens: 2};
  return stream(response, [
    {type: 'response.created', response: {id: 'r_1'}},
    {type: 'response.output_item.done', output_index: 0, item},
    {type: 'response.completed', response: {id: 'r_1', usage}},
  ].map(event => [event.type, event]));
}

function chat(response, body, tool) {
  const usage = {prompt_tokens: 1, completion_tokens: 1, total_tokens: 2};
  const finish = tool ? 'tool_calls' : 'stop';
  const said = tool ?
    {role: 'assistant', tool_calls: [{index: 0, id: tool.call, type: 'function', function: {name: tool.name, arguments: JSON.stringify(tool.input)}}]} :
    {role: 'assistant', content: 'done'};
  if (!body.stream) return whole(response, {id: 'c_1', object: 'chat.completion', choices: [{index: 0, message: said, finish_reason: finish}], usage});
  const chunk = {id: 'c_1', object: 'chat.completion.chunk', model: body.model};
  return stream(response, [
    [null, {...chunk, choices: [{index: 0, delta: said, finish_reason: null}]}],
    [null, {...chunk, choices: [{index: 0, delta: {}, finish_reason: finish}], usage}],
    [null, '[DONE]'],
  ]);
}

function contents(response, _body, tool, streams) {
  const parts = [tool ? {functionCall: {name: tool.name, args: tool.input}} : {text: 'done'}];
  const reply = {candidates: [{content: {role: 'model', parts}, finishReason: 'STOP', index: 0}], usageMetadata: {promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2}};
  return streams ? stream(response, [[null, reply]]) : whole(response, reply);
}
