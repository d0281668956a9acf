// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong at the other side. A fault waits for requests that it matches, and is used up:
//
//   {host, method, path, times (1), status, headers, body}   the answer, instead of the real one
//   {…, delay}                    ms before anything is answered
//   {…, stall: true}              headers and half of the body, then nothing
//   {…, cut: true}                headers and half of the body, then the end of the connection
//   {…, after: true}              the request is carried out first, and its answer replaced
//
// `path` is a regular expression; what is left out matches everything.
export class Faults {
  #waiting = [];

  add(fault) {
    this.#waiting.push({times: 1, ...fault});
  }
  clear() {
    this.#waiting = [];
  }
  get left() {
    return this.#waiting.length;
  }

  take(host, method, path) {
    const fault = this.#waiting.find(f => (!f.host || f.host === host) && (!f.method || f.method === method) &&
        (!f.path || f.path.test(path)));
    if (fault && --fault.times === 0) this.#waiting.splice(this.#waiting.indexOf(fault), 1);
    return fault;
  }
}

// Answers as the fault says. False if it only delayed, and the request goes on as usual.
export async function answerWith(fault, response) {
  if (fault.delay) await new Promise(done => setTimeout(done, fault.delay));
  if (!fault.status && !fault.stall && !fault.cut) return false;
  const body = Buffer.from(typeof fault.body === 'object' ? JSON.stringify(fault.body) : fault.body ?? '');
  const headers = {'content-type': 'application/json', 'content-length': body.length, ...fault.headers};
  if (fault.stall || fault.cut) {
    response.writeHead(fault.status ?? 200, {...headers, 'content-length': 1000});
    response.write('{"id":');
    if (fault.cut) setImmediate(() => response.destroy());
  } else {
    response.writeHead(fault.status, headers);
    response.end(body);
  }
  return true;
}
